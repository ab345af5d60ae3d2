// bform compile and import as processes: the folder that they write, and that it is written whole or not at all.
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, repository, start, temporaryFolder } from '../support/cli.ts';
import { LLAMA_CONFIG, llamaTensors, writeHfFolder } from '../support/hf-folders.ts';
import { byteFallbackTokenizer } from '../support/tokenizers.ts';

const folder = temporaryFolder();
const hello = join(repository, 'examples/hello/model.bform');
const at = (...names: string[]) => join(folder, ...names);
/** Every file below a folder with its content. */
const contents = (path: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(path.length), readFileSync(file, 'base64')]),
  );

describe('bform compile', () => {
  it('writes a bundle, byte for byte the same every time', async () => {
    const first = await bform(['compile', hello, '-o', at('first'), '--seed', '1']);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/first: \d+ files, \d+ kernels\n$/);
    await bform(['compile', 'model.bform', '-o', at('second'), '--seed', '1'], {
      cwd: join(repository, 'examples/hello'),
    });
    expect(contents(at('second'))).toEqual(contents(at('first')));
    expect(Object.keys(contents(at('first')))).toEqual(
      expect.arrayContaining(['/index.d.ts', '/index.js', '/manifest.json', '/report.txt']),
    );
  });

  it('writes kernels for any adapter, and for the one at hand when asked', async () => {
    const subgroups = (name: string): unknown[] =>
      JSON.parse(readFileSync(at(name, 'manifest.json'), 'utf8')).kernels.flatMap(
        (kernel: { subgroupSize?: number }) => kernel.subgroupSize ?? [],
      );
    await bform(['compile', hello, '-o', at('any'), '--seed', '1']);
    await bform(['compile', hello, '-o', at('here'), '--seed', '1', '--for', 'this']);
    expect(subgroups('any')).toEqual([]);
    expect(subgroups('here').length).toBeGreaterThan(0);
    writeFileSync(at('tokens.json'), '{"tokens": [[1, 2, 3]]}');
    const logits = async (...args: string[]): Promise<number[]> => {
      const { code, stdout } = await bform(['run', ...args, '--input', at('tokens.json')]);
      expect(code).toBe(0);
      return JSON.parse(stdout).logits.flat(2);
    };
    const expected = await logits(at('any'));
    for (const found of [await logits(at('here')), await logits(at('any'), '--rebuild')]) {
      expect(found).not.toEqual(expected);
      for (const [index, value] of found.entries()) expect(value).toBeCloseTo(expected[index]!, 4);
    }
    expect((await bform(['verify', at('here'), '--seq', '5'])).code).toBe(0);
  });

  it('replaces a bundle and keeps what else is in its folder', async () => {
    await bform(['compile', hello, '-o', at('again'), '--seed', '1']);
    writeFileSync(at('again', 'notes.txt'), 'mine');
    const before = contents(at('again'));
    expect((await bform(['compile', hello, '-o', at('again'), '--seed', '2'])).code).toBe(0);
    const after = contents(at('again'));
    expect(after['/notes.txt']).toBe(before['/notes.txt']);
    expect(after['/weights.safetensors']).not.toBe(before['/weights.safetensors']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('leaves a folder alone that is no bundle, and a file', async () => {
    mkdirSync(at('precious'));
    writeFileSync(at('precious', 'thesis.txt'), 'years of work');
    const full = await bform(['compile', hello, '-o', at('precious')]);
    expect([full.code, full.stdout]).toEqual([1, '']);
    expect(full.stderr).toContain('left alone');
    expect(readdirSync(at('precious'))).toEqual(['thesis.txt']);
    expect((await bform(['compile', hello, '-o', hello])).stderr).toContain('no folder');
  });

  it('takes weights from a file, and names all that do not fit', async () => {
    await bform(['compile', hello, '-o', at('seeded'), '--seed', '3']);
    const weights = at('seeded', 'weights.safetensors');
    const copy = await bform(['compile', hello, '-o', at('copied'), '--weights', weights]);
    expect(copy.code).toBe(0);
    expect(contents(at('copied'))).toEqual(contents(at('seeded')));

    const gpt2 = join(repository, 'examples/gpt2-tiny/model.bform');
    const other = await bform(['compile', gpt2, '-o', at('other'), '--weights', weights]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('learned_positions.table');
    expect(other.stderr).toContain('embed.table must be [256,96] but is [256,128]');
    expect(existsSync(at('other'))).toBe(false);
    const none = await bform(['compile', hello, '-o', at('other'), '--weights', at('none')]);
    expect([none.code, none.stderr]).toEqual([1, `error: There is no file ${at('none')}.\n`]);
  });

  it('leaves nothing half-written when it is interrupted', async () => {
    for (const delay of [300, 900, 1500, 2500]) {
      const child = start(['compile', hello, '-o', at('cut'), '--seed', '1']);
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (existsSync(at('cut'))) expect(contents(at('cut'))).toEqual(contents(at('first')));
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });

  it('ends quietly where nobody reads its output', async () => {
    const child = start(['print', '--stage', 'schedule', hello]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('bform import', () => {
  const checkpoint = writeHfFolder(at('Tiny-Llama'), LLAMA_CONFIG, llamaTensors(), {
    'tokenizer.json': byteFallbackTokenizer(),
  });

  it('writes a model that compiles again in the same folder, to the same bundle', async () => {
    const imported = await bform(['import', checkpoint, '-o', at('llama')]);
    expect([imported.code, imported.stderr]).toEqual([0, '']);
    const before = contents(at('llama'));
    const model = at('llama', 'model.bform');
    expect(readFileSync(model, 'utf8')).toContain('model tiny_llama {');
    expect((await bform(['check', model])).code).toBe(0);
    const again = await bform(['compile', model, '-o', at('llama')]);
    expect(again.stderr).toContain('weights.safetensors');
    expect(contents(at('llama'))).toEqual(before);
  });

  it('compiles what a user made of the model', async () => {
    const model = at('llama', 'model.bform');
    const edited = readFileSync(model, 'utf8').replace('a f\n', 'f a\n');
    writeFileSync(model, edited);
    expect((await bform(['compile', model, '-o', at('llama')])).code).toBe(0);
    writeFileSync(model, edited.replace('blocks * 2', 'blocks * 3'));
    const deeper = await bform(['compile', model, '-o', at('llama')]);
    expect(deeper.code).toBe(1);
    expect(deeper.stderr).toContain('blocks.2.a.wq.w [16,16] is missing');
  });

  it('names what it cannot import, and writes nothing', async () => {
    renameSync(join(checkpoint, 'config.json'), at('config.json'));
    const lacking = await bform(['import', checkpoint, '-o', at('never')]);
    expect([lacking.code, lacking.stdout]).toEqual([1, '']);
    expect(lacking.stderr).toContain('holds no config.json');
    writeFileSync(
      join(checkpoint, 'config.json'),
      JSON.stringify({ ...LLAMA_CONFIG, rope_scaling: { rope_type: 'yarn' }, hidden_size: 24 }),
    );
    expect((await bform(['import', checkpoint, '-o', at('never')])).stderr).toContain(
      'rope_scaling',
    );
    unlinkSync(join(checkpoint, 'model.safetensors'));
    const empty = await bform(['import', checkpoint, '-o', at('never')]);
    expect(empty.stderr).toContain('model.safetensors');
    expect(existsSync(at('never'))).toBe(false);
  });
});
