// The commands that run a model, as processes on the adapter in use: run, generate, eval,
// and a standalone bundle imported by a program that has nothing but the package webgpu.
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { bform, repository, temporaryFolder } from '../support/cli.ts';
import { LLAMA_CONFIG, llamaTensors, writeHfFolder } from '../support/hf-folders.ts';
import { byteFallbackTokenizer } from '../support/tokenizers.ts';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const file = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const json = async (args: readonly string[], input?: string) => {
  const { code, stdout, stderr } = await bform(args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

const model = at('model');
beforeAll(async () => {
  const tokenizer = byteFallbackTokenizer();
  const vocab = tokenizer.added_tokens.at(-1)!.id + 1;
  const config = { ...LLAMA_CONFIG, vocab_size: vocab, eos_token_id: [vocab - 1] };
  const checkpoint = writeHfFolder(at('checkpoint'), config, llamaTensors(config), {
    'tokenizer.json': tokenizer,
  });
  const { code, stderr } = await bform(['import', checkpoint, '-o', model, '--standalone']);
  if (code !== 0) throw new Error(stderr);
});

describe('bform run', () => {
  it('takes nested lists and gives nested lists', async () => {
    const { logits } = await json([
      'run',
      model,
      '--input',
      file('in.json', '{"tokens": [[1, 4, 9], [3, 0, 7]]}'),
    ]);
    expect([logits.length, logits[0].length]).toEqual([2, 3]);
    expect(logits.flat(2).every(Number.isFinite)).toBe(true);
    const [alone] = (await json(['run', model, '--input', '-'], '{"tokens": [[3, 0, 7]]}')).logits;
    for (const [t, row] of alone.entries())
      for (const [v, value] of row.entries()) expect(logits[1][t][v]).toBeCloseTo(value, 4);
  });

  it('draws the weights of a .bform file from a seed, and says so', async () => {
    const hello = join(repository, 'examples/hello/model.bform');
    const run = (...seed: string[]) =>
      bform(['run', hello, '--input', '-', ...seed], { input: '{"tokens": [[1, 2]]}' });
    const [first, same, other] = [await run(), await run('--seed', '0'), await run('--seed', '7')];
    expect(first.stderr).toContain('drawn at random from seed 0');
    expect(JSON.parse(first.stdout).logits[0]).toHaveLength(2);
    expect(same.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  it('gives losses and measured values where it is asked to', async () => {
    const source = file(
      'measured.bform',
      `layer f (x: [b, t, d]) -> [b, t, d] {
        loss total = sum(x, axis: [b, t, d])
        measure firsts = sum(i32(x), axis: d)
        2 * x
      }
      model m (x: [b, t, 2]) -> y { f * 3 }`,
    );
    const run = (place: string, ...options: string[]) =>
      json(['run', place, '--input', '-', ...options], '{"x": [[[1, 2], [3, 4]]]}');
    const y = [
      [
        [8, 16],
        [24, 32],
      ],
    ];
    const all = {
      y,
      'f.*.total': [10, 20, 40],
      'f.*.firsts': [[[3, 7]], [[6, 14]], [[12, 28]]],
    };
    expect(await run(source)).toEqual({ y });
    expect(await run(source, '--auxiliary')).toEqual(all);
    await bform(['compile', source, '--auxiliary', '-o', at('measured')]);
    expect(await run(at('measured'))).toEqual(all);
  });

  it.each([
    ['{"tokens": [[1, 99999]]}', 'tokens[0][1] = 99999'],
    ['[1, 2]', 'must hold an object'],
    ['{', 'not valid JSON'],
  ])('refuses %s with code 1', async (input, why) => {
    const { code, stdout, stderr } = await bform(['run', model, '--input', '-'], { input });
    expect(stderr).toContain(why);
    expect([code, stdout]).toEqual([1, '']);
  });
});

describe('bform generate', () => {
  const generate = (...args: string[]) =>
    json(['generate', model, '--prompt', 'hello', '--format', 'json', ...args]);

  it('gives the same tokens for the same seed, and others for another', async () => {
    const [greedy, again] = [await generate('--tokens', '6'), await generate('--tokens', '6')];
    expect(greedy.tokens).toHaveLength(6);
    expect(again).toEqual(greedy);
    const draw = (seed: string) =>
      generate('--tokens', '12', '--temperature', '2', '--top-k', '50', '--seed', seed);
    const [one, two] = [await draw('1'), await draw('2')];
    expect(await draw('1')).toEqual(one);
    expect(two.tokens).not.toEqual(one.tokens);
  });

  it('writes the prompt and what follows to stdout', async () => {
    const { tokens, text } = await generate('--tokens', '5', '--top-p', '0.5');
    const { code, stdout } = await bform(['generate', model, '--prompt', 'hello', '--tokens', '5']);
    expect(code).toBe(0);
    expect(stdout.replace(/\n$/, '')).toBe(`hello${text}`);
    expect(tokens.length).toBeLessThanOrEqual(5);
  });

  it('goes on past the context, and says what the model then sees', async () => {
    const { code, stderr } = await bform([
      'generate',
      model,
      '--prompt',
      'hello',
      '--tokens',
      '33',
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain('sees only the last 32');
  });
});

describe('bform eval', () => {
  it('measures a text, and the same tokens alike', async () => {
    const text = 'hello world, hello world, hello world';
    const whole = await json(['eval', model, '--text', file('text.txt', text), '--format', 'json']);
    expect(whole.perplexity).toBeCloseTo(Math.exp(whole.nll), 6);
    const ids = file('ids.json', '[1, 5, 9, 2]');
    const some = await bform(['eval', model, '--tokens', ids]);
    expect(some.stdout).toMatch(/^tokens {6}3\nnll {9}\d+\.\d{6} nats per token\nperplexity/);
  });

  it.each([
    [['--tokens', 'ids'], '[1]', 'two tokens are needed'],
    [['--tokens', 'ids'], '[1, 99999]', 'whole numbers from 0 to'],
    [['--tokens', 'ids'], 'x', 'not valid JSON'],
    [['--text', 'ids'], '', 'two tokens are needed'],
  ])('refuses %j of %j with code 1', async ([option], content, why) => {
    const { code, stderr } = await bform(['eval', model, option!, file('ids', content)]);
    expect(stderr).toContain(why);
    expect(code).toBe(1);
  });

  it('wants one of text and tokens', async () => {
    expect((await bform(['eval', model])).code).toBe(2);
  });
});

describe('a standalone bundle', () => {
  it('runs where only the package webgpu is installed', async () => {
    mkdirSync(at('node_modules'));
    symlinkSync(join(repository, 'node_modules/webgpu'), at('node_modules/webgpu'));
    const program = file(
      'program.mjs',
      `import { load } from './model/index.js';
       const model = await load();
       const { logits } = await model.run({ tokens: [[1, 4]] });
       console.log(JSON.stringify({ shape: logits.shape, first: logits.data[0] }));
       model.dispose();
       await model.run({ tokens: [[1]] }).catch((error) => console.log(error.name));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    const [line, refused] = stdout.split('\n');
    const { shape, first } = JSON.parse(line!);
    const { logits } = await json(['run', model, '--input', '-'], '{"tokens": [[1, 4]]}');
    expect(shape).toEqual([1, 2, logits[0][0].length]);
    expect(first).toBe(logits[0][0][0]);
    expect(refused).toBe('DisposedError');
  });

  it('is refused with a typed error where a file of it is damaged', async () => {
    await bform(['compile', join(model, 'model.bform'), '-o', at('damaged')]);
    writeFileSync(at('damaged', 'report.txt'), 'x');
    const { code, stderr } = await bform(['run', at('damaged'), '--input', at('in.json')]);
    expect(code).toBe(1);
    expect(stderr).toContain('report.txt has 1 bytes instead of');
  });
});
