// Budgets on the command line: errors of bform check, for people and for programs; warnings of compile and report.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
const run = (args: readonly string[]) => bform(args, { cwd: folder });

const model = (name: string, budget: string): string => `
model ${name} {
  vocab: 256
  context: 64
  ${budget}
  embed(32) -> layer_norm -> unembed(tied: true)
}
`;
const HEAD = 'use std.{embed, layer_norm, unembed}\n';
// 256 x 32 in the table, 64 in the norm.
const tight = write('tight.bform', HEAD + model('m', 'budget { params <= 8_255 }'));
const wide = write('wide.bform', HEAD + model('m', 'budget { params <= 8_256\n memory <= 1MiB }'));
const two = write('two.bform', HEAD + model('one', 'budget { params <= 1K }') + model('two', ''));

describe('bform check', () => {
  it('takes a model that keeps to its budget, and refuses one that does not', async () => {
    expect(await run(['check', wide])).toEqual({
      code: 0,
      stdout: 'wide.bform: no errors\n',
      stderr: '',
    });
    const { code, stdout, stderr } = await run(['check', tight]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      'error[BF4201]: `m` has 8,256 parameters, over the budget of 8,255\n --> tight.bform:6:12\n',
    );
    expect(stderr).toContain('embed 8,192 parameters (99.2 %)');
  });

  it('holds the limits of options against all models, or the one that is named', async () => {
    const all = await run(['check', two, '--max-flops', '1K', '--json']);
    expect(all.code).toBe(1);
    const found = (stdout: string) =>
      JSON.parse(stdout).diagnostics.map(
        ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
      );
    expect(found(all.stdout)).toEqual([
      'BF4201 `one` has 8,256 parameters, over the budget of 1K (1,000)',
      'BF4201 `one` takes 1,048,576 FLOPs (1.049M) at b = 1, t = 64, over --max-flops 1K (1,000)',
      'BF4201 `two` takes 1,048,576 FLOPs (1.049M) at b = 1, t = 64, over --max-flops 1K (1,000)',
    ]);
    const sizes = ['--batch', '2', '--seq', '8'];
    const named = await run(['check', `${two}:two`, '--max-flops', '1K', ...sizes, '--json']);
    expect(found(named.stdout)).toEqual([
      'BF4201 `one` has 8,256 parameters, over the budget of 1K (1,000)',
      'BF4201 `two` takes 262,144 FLOPs (262.1K) at b = 2, t = 8, over --max-flops 1K (1,000)',
    ]);
  });

  it('takes every kind of limit', async () => {
    const limits = ['params', 'activated', 'flops', 'memory', 'dispatches'];
    const args = (limit: string) => limits.flatMap((name) => [`--max-${name}`, limit]);
    expect((await run(['check', wide, ...args('10G')])).code).toBe(0);
    const { stderr } = await run(['check', wide, ...args('0')]);
    for (const name of limits) expect(stderr).toContain(`over --max-${name} 0\n`);
  });

  it('says it to code scanning and to GitHub', async () => {
    const sarif = JSON.parse((await run(['check', tight, '--format', 'sarif'])).stdout);
    const [result] = sarif.runs[0].results;
    expect(result).toMatchObject({ ruleId: 'BF4201', level: 'error' });
    expect(result.relatedLocations[0].message.text).toContain('embed 8,192 parameters');
    const { code, stdout } = await run(['check', tight, '--format', 'github']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^::error file=tight\.bform,line=6,.*title=BF4201::`m` has 8,256 /);
  });

  it('says which limits it cannot check', async () => {
    const open = HEAD + model('m(d: dim)', 'budget { params <= 1 }').replaceAll('32', 'd');
    const { code, stderr } = await run(['check', write('open.bform', open), '--max-flops', '1']);
    expect(code).toBe(0);
    expect(stderr).toContain('the budget of `m` is not checked: `d` has no default');
    expect(stderr).toContain('--max-flops of `m` is not checked: `d` has no default');
  });

  it.each([
    [['--max-params', '4GiB'], 2, '`params` counts parameters, and `GiB` is a unit of bytes'],
    [['--max-flop', '1G'], 2, '(Did you mean --max-flops?)'],
    [['--seq', '8'], 2, 'are sizes for --max-flops'],
    [['--max-flops', '1G', '--seq', '65'], 2, 't = 65 is outside the limits of m: 1 to 64'],
  ])('ends with %j as wrong usage', async (args, code, why) => {
    const ended = await run(['check', wide, ...args]);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(why);
  });

  it('does not know a model that is not there', async () => {
    const { code, stderr } = await run(['check', `${two}:tow`]);
    expect(code).toBe(1);
    expect(stderr).toContain('BF2012');
    expect(stderr).toContain('did you mean `two`?');
  });
});

describe('a model over its budget', () => {
  it('is compiled and reported on with a warning', async () => {
    const warning = 'warning[BF4201]: `m` has 8,256 parameters, over the budget of 8,255';
    const compiled = await run(['compile', tight, '-o', 'bundle', '--seed', '1']);
    expect([compiled.code, compiled.stderr.startsWith(warning)]).toEqual([0, true]);
    expect(existsSync(join(folder, 'bundle', 'manifest.json'))).toBe(true);
    const reported = await run(['report', tight]);
    expect([reported.code, reported.stderr.startsWith(warning)]).toEqual([0, true]);
    expect((await run(['report', wide])).stderr).toBe('');
  });
});
