// bform fmt as a process: what it writes, what it leaves alone, how it checks, and standard input.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, temporaryFolder } from '../support/cli.ts';

const UGLY = 'layer double(x : [d])->[d]{\n 2*x // twice\n}\n';
const PRETTY = 'layer double (x: [d]) -> [d] {\n  2 * x // twice\n}\n';
const WRONG = 'layer double (x: [d] -> [d] { x }\n';

/** A folder with files of these texts, and the command run in it. */
function project(files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const at = (path: string): string => join(folder, path);
  return {
    at,
    text: (path: string): string => readFileSync(at(path), 'utf8'),
    fmt: (args: readonly string[], input = '') => bform(['fmt', ...args], { cwd: folder, input }),
  };
}

describe('bform fmt', () => {
  it('formats the files named and those of folders, and names on stderr those that changed', async () => {
    const { fmt, text, at } = project({ 'a.bform': UGLY, 'b.bform': PRETTY, 'in/c.bform': UGLY });
    const before = statSync(at('b.bform')).mtimeMs;
    const { code, stdout, stderr } = await fmt(['a.bform', 'b.bform', 'in']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe(
      'formatted a.bform\nformatted in/c.bform\n2 files formatted, 1 file formatted already\n',
    );
    expect([text('a.bform'), text('in/c.bform')]).toEqual([PRETTY, PRETTY]);
    expect(statSync(at('b.bform')).mtimeMs).toBe(before);
  });

  it('formats all below the current folder where nothing is named, but not what is hidden or installed', async () => {
    const { fmt, text } = project({
      'a.bform': UGLY,
      'notes.txt': UGLY,
      '.git/b.bform': UGLY,
      'node_modules/m/c.bform': UGLY,
    });
    expect((await fmt([])).stderr).toBe('formatted a.bform\n1 file formatted\n');
    for (const path of ['notes.txt', '.git/b.bform', 'node_modules/m/c.bform'])
      expect(text(path)).toBe(UGLY);
  });

  it('keeps the permissions of a file, and a link', async () => {
    const { fmt, text, at } = project({ 'a.bform': UGLY });
    chmodSync(at('a.bform'), 0o640);
    symlinkSync('a.bform', at('link.bform'));
    expect((await fmt(['link.bform'])).code).toBe(0);
    expect(text('a.bform')).toBe(PRETTY);
    expect(statSync(at('a.bform')).mode & 0o777).toBe(0o640);
    expect(readdirSync(at('.')).sort()).toEqual(['a.bform', 'link.bform']);
  });

  it('leaves a file with syntax errors as it is, shows them, and formats the others', async () => {
    const { fmt, text } = project({ 'a.bform': WRONG, 'b.bform': UGLY });
    const { code, stdout, stderr } = await fmt(['a.bform', 'b.bform']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[BF1002]: this `(` is not closed');
    expect(stderr).toContain('a.bform:1:14');
    expect(stderr.endsWith('1 file formatted, 1 file with syntax errors, left as it was\n')).toBe(
      true,
    );
    expect([text('a.bform'), text('b.bform')]).toEqual([WRONG, PRETTY]);
  });

  it('checks without writing: code 1 and the first lines that differ', async () => {
    const { fmt, text } = project({ 'a.bform': `// A layer.\n${UGLY}`, 'b.bform': PRETTY });
    const { code, stdout, stderr } = await fmt(['--check']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      [
        'a.bform:2: not formatted',
        '  - layer double(x : [d])->[d]{',
        '  -  2*x // twice',
        '  + layer double (x: [d]) -> [d] {',
        '  +   2 * x // twice',
        '1 file not formatted, 1 file formatted\n',
      ].join('\n'),
    );
    expect(text('a.bform')).toBe(`// A layer.\n${UGLY}`);
    expect(await fmt(['--check', 'b.bform'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '1 file formatted\n',
    });
  });

  it('says the same as data', async () => {
    const { fmt } = project({ 'a.bform': UGLY, 'b.bform': PRETTY, 'c.bform': WRONG });
    const { code, stdout, stderr } = await fmt(['--check', '--json']);
    expect([code, stderr]).toEqual([1, '']);
    const { files, diagnostics } = JSON.parse(stdout);
    expect(files).toEqual([
      { path: 'a.bform', changed: true },
      { path: 'b.bform', changed: false },
      { path: 'c.bform', changed: false },
    ]);
    expect(diagnostics[0]).toMatchObject({ code: 'BF1002', file: 'c.bform' });
  });

  it('formats standard input to standard output, and checks it', async () => {
    const { fmt } = project({});
    expect(await fmt(['-'], UGLY)).toEqual({ code: 0, stdout: PRETTY, stderr: '' });
    const checked = await fmt(['--check', '-'], UGLY);
    expect([checked.code, checked.stdout]).toEqual([1, '']);
    expect(checked.stderr).toContain('<stdin>:1: not formatted');
    const wrong = await fmt(['-'], WRONG);
    expect([wrong.code, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toContain('error[BF1002]');
  });

  it.each([
    [['none.bform'], 1, 'There is no file or folder none.bform.'],
    [['empty'], 1, 'There are no .bform files in empty.'],
    [['-', 'a.bform'], 2, 'stands alone'],
    [['--chek'], 2, '(Did you mean --check?)'],
  ])('ends %j with code %d', async (args, code, why) => {
    const { fmt, text, at } = project({ 'a.bform': UGLY });
    mkdirSync(at('empty'));
    const ended = await fmt(args);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(why);
    expect(text('a.bform')).toBe(UGLY);
  });
});
