// The commands that need no adapter, as processes: what they print where, and how they end.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, repository, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const hello = 'examples/hello/model.bform';

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const misspelt = file(
  'misspelt.bform',
  `edition 1
use std.{embed, unembed}
layer first (x: [.., d]) -> [.., d] { gleu(x) }
layer second (x: [.., d]) -> [.., d] { x + y }
model m { vocab: 8 context: 8 embed(4) -> first -> unembed }
`,
);
const two = file(
  'two.bform',
  `edition 1
use std.{embed, unembed}
model small { vocab: 8 context: 8 embed(4) -> unembed }
model large { vocab: 8 context: 8 embed(64) -> unembed }
`,
);

describe('bform', () => {
  it('prints its version', async () => {
    expect((await bform(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['chek', hello], 'Did you mean check?'],
    [['check', hello, '--fromat', 'json'], 'Did you mean --format?'],
    [['check'], "missing required argument 'file[:model]'"],
    [['check', hello, '--format', 'xml'], 'Allowed choices are text, json'],
    [['report', hello, '--batch', 'many'], 'It must be a whole number, 1 or more.'],
    [['print', hello], '--stage'],
    [['compile', hello], '--output'],
    [['compile', hello, '-o', 'x', '--seed', '1', '--weights', 'y'], 'exclude each other'],
    [['report', hello, '--set', 'd'], 'layers=6'],
    [['explain', 'BF0'], 'There is no code BF0'],
    [[], 'Usage: bform'],
  ])('ends %j with code 2 and says why', async (args, why) => {
    const { code, stdout, stderr } = await bform(args);
    expect(stderr).toContain(why);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('bform check', () => {
  it('is content with a model that is right', async () => {
    expect(await bform(['check', hello])).toEqual({
      code: 0,
      stdout: `${hello}: no errors\n`,
      stderr: '',
    });
  });

  it('finds a file from the root of the file system', async () => {
    const { code, stdout } = await bform(['check', join(repository, hello)], { cwd: '/' });
    expect([code, stdout]).toEqual([0, `${join(repository, hello).slice(1)}: no errors\n`]);
  });

  it('shows all mistakes on stderr, with their places and hints', async () => {
    const { code, stdout, stderr } = await bform(['check', misspelt]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('misspelt.bform:3:39');
    expect(stderr).toContain('misspelt.bform:4:44');
    expect(stderr).toMatch(/gelu/);
  });

  it('prints the same as data', async () => {
    const { code, stdout, stderr } = await bform(['check', misspelt, '--format', 'json']);
    expect([code, stderr]).toEqual([1, '']);
    const { diagnostics } = JSON.parse(stdout);
    expect(diagnostics.map(({ start }: { start: { line: number } }) => start.line)).toEqual([3, 4]);
    for (const { code } of diagnostics) expect(code).toMatch(/^BF\d{4}$/);
    const right = await bform(['check', hello, '--format', 'json']);
    expect(JSON.parse(right.stdout)).toEqual({ diagnostics: [] });
  });

  it.each([
    ['a file that is not there', join(folder, 'nowhere.bform')],
    ['an empty file', file('empty.bform', '')],
    ['a binary file', file('binary.bform', '\0\u0001\uFFFD\u001b[31m'.repeat(99))],
    ['a folder', folder],
    [
      'a file that uses one outside of its folder',
      file('out.bform', 'edition 1\nuse "../../x.bform".{y}\n'),
    ],
  ])('tells of %s in a diagnostic', async (_what, path) => {
    const { code, stderr } = await bform(['compile', path, '-o', join(folder, 'no')]);
    expect(stderr).toMatch(/^error\[BF\d{4}\]/);
    expect(stderr).not.toContain('\u001b');
    expect(code).toBe(1);
  });

  it('checks several files, and all of a folder, whatever it finds in one of them', async () => {
    const first = 'examples/own-layer/model.bform';
    const both = await bform(['check', hello, first]);
    expect(both).toEqual({
      code: 0,
      stdout: `${hello}: no errors\n${first}: no errors\n`,
      stderr: '',
    });
    const { code, stdout, stderr } = await bform(['check', misspelt, hello, 'examples/own-layer']);
    expect([code, stdout]).toEqual([1, both.stdout]);
    expect(stderr.match(/^error\[BF\d+\]/gm)).toHaveLength(4);
    expect(stderr).toContain('examples/own-layer/wrong.bform:18:16');
  });

  it('tells once of what is wrong in a file that several use', async () => {
    file('shared.bform', 'layer half (x: [.., d]) -> [.., d] { gleu(x) }\n');
    for (const name of ['one', 'other'])
      file(
        `${name}.bform`,
        `use "./shared.bform".{half}\nlayer ${name} (x: [.., d]) -> [.., d] { half(x) + y }\n`,
      );
    const paths = ['one.bform', 'other.bform'];
    const { stdout } = await bform(['check', ...paths, '--json'], { cwd: folder });
    const { diagnostics } = JSON.parse(stdout);
    const shared = diagnostics.filter(({ file }: { file: string }) => file === 'shared.bform');
    expect(shared).toHaveLength(1);
    expect(diagnostics).toHaveLength(3);
    const sarif = await bform(['check', ...paths, '--format', 'sarif'], { cwd: folder });
    const { runs } = JSON.parse(sarif.stdout);
    expect(runs.map(({ results }: { results: unknown[] }) => results.length)).toEqual([3]);
  });

  it('tells of files that use each other', async () => {
    file('a.bform', 'edition 1\nuse "./b.bform".{y}\nlayer x (x: [d]) -> [d] { x }\n');
    file('b.bform', 'edition 1\nuse "./a.bform".{x}\nlayer y (x: [d]) -> [d] { x }\n');
    const { code, stderr } = await bform(['check', 'a.bform'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/cycle/);
  });
});

describe('bform report', () => {
  it('prints a table, the conventions above it', async () => {
    const { code, stdout } = await bform(['report', hello, '--batch', '2', '--seq', '64']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^hello: one forward run at b = 2, t = 64\nCounted exactly\. 1 MAC .* = 2 FLOPs/,
    );
    expect(stdout).toMatch(/\ntotal /);
  });

  it('prints JSON of which the rows add up', async () => {
    const { stdout } = await bform(['report', hello, '--seq', '9', '--format', 'json']);
    const report = JSON.parse(stdout);
    const sum = (key: string) =>
      report.rows.reduce((total: number, row: Record<string, number>) => total + row[key]!, 0);
    expect(sum('macs')).toBe(report.macs.forward);
    expect(sum('params')).toBe(report.params.total);
    expect(report.flops.forward).toBe(2 * report.macs.forward);
    expect(report.bytes.activationsPeak).toBeGreaterThan(0);
  });

  it('counts by the conventions of papers, and says by which', async () => {
    const flops = async (...args: string[]) => {
      const { stdout } = await bform(['report', hello, '--format', 'json', ...args]);
      const { convention, flops } = JSON.parse(stdout);
      return [convention, flops.forward];
    };
    const [exact, forward] = await flops();
    const [chinchilla, most] = await flops('--convention', 'chinchilla');
    const [kaplan, least] = await flops('--convention', 'kaplan');
    expect([exact, chinchilla, kaplan]).toEqual(['exact', 'chinchilla', 'kaplan']);
    expect(least < forward && forward < most).toBe(true);
    const { stdout } = await bform(['report', hello, '--convention', 'kaplan']);
    expect(stdout).toMatch(/^hello: .*\nConvention: Kaplan et al/);
    const { code, stderr } = await bform(['report', hello, '--convention', 'palm']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('exact, chinchilla, kaplan')]);
  });

  it('takes one of several models, and other arguments than the defaults', async () => {
    const total = async (...args: string[]) =>
      JSON.parse((await bform(['report', ...args, '--format', 'json'])).stdout).params.total;
    expect(await total(`${two}:large`)).toBe(2 * 8 * 64);
    const gpt2 = 'examples/gpt2-tiny/model.bform';
    expect(await total(gpt2, '--set', 'layers=6')).toBeGreaterThan(await total(gpt2));
  });

  it('counts a model that no device binds', async () => {
    const large = file(
      'large.bform',
      'edition 1\nuse std.{embed, unembed}\nmodel m { vocab: 99999 context: 8 embed(4096) -> unembed }\n',
    );
    const { code, stdout } = await bform(['report', large, '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).params.total).toBe(2 * 99999 * 4096);
  });

  it('refuses what the model does not take', async () => {
    expect((await bform(['report', hello, '--seq', '513'])).stderr).toContain('1 to 512');
    expect((await bform(['report', two])).stderr).toMatch(/error\[BF/);
    expect((await bform(['report', `${two}:smal`])).stderr).toContain('small');
    expect((await bform(['report', hello, '--set', 'width=3'])).stderr).toMatch(/error\[BF/);
  });
});

describe('bform print', () => {
  it.each([
    ['ast', '"kind": "file"'],
    ['model', 'a: attention(heads: 8,'],
    ['graph', 'attend'],
    ['schedule', 'repeat 4 times'],
    ['wgsl', '@compute'],
  ])('shows the stage %s', async (stage, part) => {
    const { code, stdout, stderr } = await bform(['print', '--stage', stage, hello]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(part);
  });
});

it('bform print --trace-passes shows the graph as it was lowered and after each pass, the last one being what runs', async () => {
  const traced = await bform(['print', '--stage', 'graph', '--trace-passes', hello]);
  const { stdout } = await bform(['print', '--stage', 'graph', hello]);
  expect(traced.stdout).toMatch(/^\/\/ lower\n/);
  expect(traced.stdout.split(/^\/\/ [a-z-]+\n/m).length).toBeGreaterThan(3);
  expect(traced.stdout.endsWith(stdout)).toBe(true);
  const wrong = await bform(['print', '--stage', 'wgsl', '--trace-passes', hello]);
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
});

it('bform print --stage model begins with the hash of the model', async () => {
  const { stdout } = await bform(['print', '--stage', 'model', hello]);
  expect(stdout).toMatch(/^hash [0-9a-f]{64}\nmodel /);
});

describe('bform explain', () => {
  it('says what a code means, with a wrong example, what is said about it, and a right one', async () => {
    const { code, stdout, stderr } = await bform(['explain', 'bf3006']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^BF3006: .*\n\n.*\n\nWrong:\n\n {2}layer .*error\[BF3006\]: .*\n\nRight:\n/s,
    );
  });

  it('prints the same as data', async () => {
    const { stdout } = await bform(['explain', 'BF3006', '--json']);
    const { code, example } = JSON.parse(stdout);
    expect([code, example.wrong.diagnostics[0].code]).toEqual(['BF3006', 'BF3006']);
    expect(example.right.diagnostics).toEqual([]);
  });

  it('lists all codes, and says why one has no example', async () => {
    const list = await bform(['explain']);
    expect(list.code).toBe(0);
    expect(list.stdout).toMatch(/^Syntax and files\n {2}BF1001 {2}syntax error\n/);
    const { groups } = JSON.parse((await bform(['explain', '--json'])).stdout);
    expect(groups[0].codes[0]).toEqual({ code: 'BF1001', title: 'syntax error' });
    expect((await bform(['explain', 'BF1031'])).stdout).toContain('It has no example: ');
    expect(list.stdout).toContain('\n  BF9003  wrong inputs (InputError)\n');
  });

  it('knows the codes of the runtime too', async () => {
    const { code, stdout } = await bform(['explain', 'bf9008']);
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'BF9008: no adapter (AdapterError)']);
    expect(stdout).toContain('No graphics adapter answers');
  });

  it.each([
    ['BF3106', 'There is no code BF3106. Did you mean BF3006?'],
    ['shapes', 'There is no code shapes. `bform explain` lists all codes.'],
    ['BF3001 BF3002', 'There is no code BF3001 BF3002.'],
  ])('ends %j with code 2', async (text, why) => {
    const { code, stdout, stderr } = await bform(['explain', text]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(why);
  });
});

describe('arguments that name a bundle', () => {
  mkdirSync(join(folder, 'empty'));
  it.each([
    ['generate', '--prompt', 'x'],
    ['eval', '--text', misspelt],
    ['run', '--input', file('in.json', '{}')],
  ])('%s ends with code 1 where there is none', async (command, ...rest) => {
    const missing = await bform([command, join(folder, 'nowhere'), ...rest]);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('nowhere');
    const empty = await bform([command, join(folder, 'empty'), ...rest]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain('manifest.json is missing');
  });
});
