// bform docs as a process: pages and where they go, and what it refuses.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
};
const run = (...args: string[]) => bform(['docs', ...args], { cwd: folder });
const page = (name: string): string => readFileSync(join(folder, name), 'utf8');

const double = file('double.bform', '/// Twice x.\nlayer double (x: [..]) -> [..] { 2 * x }\n');
const half = file('parts/half.bform', '/// Half of x.\nlayer half (x: [..]) -> [..] { x / 2 }\n');
const wrong = file('wrong.bform', 'layer wrong (x: [..]) -> [..] { y }\n');

describe('bform docs', () => {
  it('prints one module', async () => {
    const { code, stdout, stderr } = await run(double);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^# double\.bform\n.*\n## double\n\nlayer, \[source\]\(double\.bform#L2\)\n/s,
    );
  });

  it('prints a part of the library', async () => {
    const { code, stdout } = await run('std.linear');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# std\.linear\n.*\n## linear\n/s);
  });

  it('writes a page, and replaces it', async () => {
    expect(await run(double, '-o', 'one')).toEqual({
      code: 0,
      stdout: 'one/double.md\n',
      stderr: '',
    });
    const first = page('one/double.md');
    expect(first).toMatch(/^<!-- Made by `bform docs`\. -->\n# double\.bform\n/);
    expect(first).toContain('[source](../double.bform#L2)');
    expect((await run(double, '-o', 'one')).code).toBe(0);
    expect(readdirSync(join(folder, 'one'))).toEqual(['double.md']);
  });

  it('writes a page for each of several modules, and their list', async () => {
    const { stdout } = await run(double, half, '-o', 'site', '--format', 'html');
    expect(stdout).toBe('site/double.html\nsite/parts/half.html\nsite/index.html\n');
    expect(page('site/index.html')).toMatch(/^<!doctype html>\n<!-- Made by `bform docs`\. -->\n/);
    expect(page('site/index.html')).toContain('<a href="parts/half.html#half">');
    expect(page('site/parts/half.html')).toContain('href="../../parts/half.bform#L2"');
  });

  it('links to where the source is on the web', async () => {
    await run(half, '-o', 'linked', '--link', 'https://example.org/main/');
    expect(page('linked/half.md')).toContain('(https://example.org/main/parts/half.bform#L2)');
  });

  it('prints the same as data', async () => {
    const { stdout } = await run(double, half, '--json');
    const { modules } = JSON.parse(stdout);
    expect(modules.map(({ title }: { title: string }) => title)).toEqual([double, half]);
    expect(modules[0].items[0]).toMatchObject({ kind: 'layer', name: 'double', doc: 'Twice x.' });
    expect(modules[0].items[0].cost).toMatchObject({ elementwise: 'b*d*t' });
  });

  it('leaves costs out where they are not wanted', async () => {
    const sentence = '- costs, on `x: [b, t, d]`: `b*d*t` elementwise';
    expect((await run(double)).stdout).toContain(sentence);
    expect((await run(double, '--no-costs')).stdout).not.toContain('costs');
  });
});

describe('what bform docs refuses', () => {
  it('a folder for JSON', async () => {
    const { code, stdout } = await run(double, '--json', '-o', 'none');
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.message).toContain('-o goes with pages alone');
  });

  it('a file that is not there', async () => {
    const { code, stdout, stderr } = await run('nowhere.bform', '-o', 'none');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[BF2001\]: .*nowhere\.bform/);
  });

  it('modules with mistakes, telling of all of them, with nothing written', async () => {
    const other = file('other.bform', 'layer other (x: [..]) -> [..] { z }\n');
    const { code, stderr } = await run(double, wrong, other, '-o', 'none');
    expect(code).toBe(1);
    expect(stderr).toMatch(/`y`.*wrong\.bform:1:33.*`z`.*other\.bform:1:33/s);
    expect(readdirSync(folder)).not.toContain('none');
    const data = JSON.parse((await run(wrong, '--json')).stdout);
    expect(data.diagnostics[0].code).toBe('BF2011');
  });

  it('a file as the folder', async () => {
    const { code, stderr } = await run(double, '-o', half);
    expect([code, stderr]).toEqual([1, `error: ${half} is there already and is no folder.\n`]);
  });

  it('to replace a page that a person wrote', async () => {
    file('own/double.md', '# Mine\n');
    const { code, stderr } = await run(double, '-o', 'own');
    expect(code).toBe(1);
    expect(stderr).toContain('double.md is there already and is not from bform docs');
    expect(page('own/double.md')).toBe('# Mine\n');
  });

  it.each([
    [['std.top_k'], 1, 'The library has no file std.top_k. `top_k` is in std.routers.'],
    [['std.atention'], 1, 'Did you mean std.attention?'],
    [['std'], 2, 'say where with -o FOLDER'],
    [[], 2, "missing required argument 'modules'"],
    [[double, '--format', 'pdf'], 2, 'Allowed choices are markdown, html, json'],
  ])('%j, with code %i', async (args, wanted, why) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([wanted, '']);
    expect(stderr).toContain(why);
  });
});
