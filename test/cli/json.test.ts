// JSON mode: the result on stdout, errors there too, nothing else; the same however it is asked for. And colours.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, fault, onTerminal, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const hello = 'examples/hello/model.bform';
const wrong = 'examples/own-layer/wrong.bform';
mkdirSync(join(folder, 'empty'));
const inputs = join(folder, 'in.json');
writeFileSync(inputs, '{"tokens": [[1, 99999]]}');

describe('in JSON mode', () => {
  it.each([[['--json'], ['--format', 'json'], ['--format=json'], ['--json', '--format', 'json']]])(
    'asked for in any way the result is the same',
    async (...ways) => {
      for (const command of [
        ['check', hello],
        ['explain', 'BF1005'],
        ['report', hello],
      ]) {
        const all = await Promise.all(ways.map((way) => bform([...command, ...way])));
        for (const { code, stdout, stderr } of all) {
          expect([code, stderr]).toEqual([0, '']);
          expect(JSON.parse(stdout)).toEqual(JSON.parse(all[0]!.stdout));
        }
      }
    },
  );

  it('refuses two formats at once', async () => {
    const { code, stdout } = await bform(['report', hello, '--json', '--format', 'table']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.message).toBe('--json and --format table exclude each other.');
  });

  it.each([
    ['check', wrong],
    ['report', wrong],
    ['compile', wrong, '-o', join(folder, 'none')],
    ['print', '--stage', 'wgsl', wrong],
    ['export', 'onnx', wrong, '-o', join(folder, 'none.onnx')],
    ['run', wrong, '--input', inputs],
  ])('bform %s gives the diagnostics of a model with mistakes', async (...command) => {
    const { code, stdout, stderr } = await bform([...command, '--json']);
    expect([code, stderr]).toEqual([1, '']);
    const { diagnostics } = JSON.parse(stdout);
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const { code, severity } of diagnostics)
      expect([code, severity]).toEqual([expect.stringMatching(/^BF\d{4}$/), 'error']);
  });

  it.each<[number, object, string[]]>([
    [2, { kind: 'usage' }, ['chek', hello]],
    [2, { kind: 'usage' }, ['report', hello, '--bacth', '3']],
    [2, { kind: 'usage', message: "missing required argument 'file[:model]'" }, ['check']],
    [2, { kind: 'usage' }, ['report', hello, '--seq', '513']],
    [2, { kind: 'usage' }, ['explain', 'BF0']],
    [1, { kind: 'input' }, ['run', join(folder, 'nowhere'), '--input', inputs]],
    [1, { kind: 'input', code: 'BF9001' }, ['eval', join(folder, 'empty'), '--text', inputs]],
    [1, { kind: 'input' }, ['import', join(folder, 'empty'), '-o', join(folder, 'none')]],
  ])('code %d comes with %j for %j', async (exitCode, error, words) => {
    const { code, stdout, stderr } = await bform([...words, '--json']);
    expect([code, stderr]).toEqual([exitCode, '']);
    const given = JSON.parse(stdout);
    expect(given).toEqual({ error: expect.objectContaining(error) });
    expect(given.error.message).not.toMatch(/^error|\n {2}- /);
  });

  it('lists separate problems one by one', async () => {
    const { code, stdout } = await bform(['run', hello, '--input', inputs, '--json']);
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ kind: 'input', code: 'BF9003' });
    expect([error.message, ...(error.problems ?? [])].join(' ')).toContain('99999');
  });

  it('tells of a fault of ours with the facts to report', async () => {
    const { code, stdout } = await bform(['explain', 'BF1005', '--json'], {
      env: fault(`const { stringify } = JSON;
        JSON.stringify = () => { JSON.stringify = stringify; throw new TypeError("out!"); };`),
    });
    expect(code).toBe(70);
    const { kind, message, report } = JSON.parse(stdout).error;
    expect([kind, message]).toEqual(['bug', 'TypeError: out!']);
    expect(report.command).toBe('bform explain BF1005 --json');
    expect(report.stack).toMatch(/^TypeError: out!\n {4}at /);
  });
});

describe('colours', () => {
  const colored = (text: string) => text.includes('\u001b[');

  it('are shown on a terminal', async () => {
    const { code, screen } = await onTerminal(['check', wrong]).ended;
    expect([code, colored(screen)]).toEqual([1, true]);
    expect(colored((await onTerminal(['--help']).ended).screen)).toBe(true);
  });

  it.each<Record<string, string>>([{ NO_COLOR: '1' }, { FORCE_COLOR: '0' }, { TERM: 'dumb' }])(
    'are not where the environment says so: %j',
    async (env) => {
      const { screen } = await onTerminal(['check', wrong], { env }).ended;
      expect(screen).toContain('error[BF2025]');
      expect(colored(screen)).toBe(false);
    },
  );

  it('are shown elsewhere where they are forced, but never in JSON', async () => {
    expect(colored((await bform(['check', wrong])).stderr)).toBe(false);
    const env = { FORCE_COLOR: '1' };
    expect(colored((await bform(['check', wrong], { env })).stderr)).toBe(true);
    expect(colored((await bform(['check', '--help'], { env })).stdout)).toBe(true);
    expect(colored((await bform(['check', wrong, '--json'], { env })).stdout)).toBe(false);
    const both = { FORCE_COLOR: '1', NO_COLOR: '1' };
    expect(colored((await bform(['check', wrong], { env: both })).stderr)).toBe(false);
  });
});
