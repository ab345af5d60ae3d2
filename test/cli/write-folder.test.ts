// Writing a bundle's folder: whole or not at all, the user's own files kept, nothing else replaced.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTarget, writeFolder } from '../../cli/write-folder.ts';
import { temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
let made = 0;
const target = (): string => join(folder, `target-${made++}`);
const manifest = (...names: string[]): string =>
  JSON.stringify({
    format: 'bform-bundle',
    files: Object.fromEntries(names.map((name) => [name, { bytes: 1, sha256: '' }])),
  });
const bundle = (content: string, ...more: [string, string][]): Map<string, string> =>
  new Map([
    ['a.txt', content],
    ['kernels/x.wgsl', content],
    ...more,
    ['manifest.json', manifest('a.txt', 'kernels/x.wgsl')],
  ]);
const textOf = (path: string, name: string): string => readFileSync(join(path, name), 'utf8');

describe('writing a bundle', () => {
  it('makes the folder, and the folders around it', async () => {
    const path = join(target(), 'deep', 'down');
    await writeFolder(path, bundle('new'));
    expect(readdirSync(path).sort()).toEqual(['a.txt', 'kernels', 'manifest.json']);
  });

  it('replaces an old bundle, files that it alone had included, and keeps those of the user', async () => {
    const path = target();
    await writeFolder(
      path,
      bundle('old', ['b.txt', 'old']).set('manifest.json', manifest('a.txt', 'b.txt')),
    );
    writeFileSync(join(path, 'model.bform'), 'mine');
    mkdirSync(join(path, 'notes'));
    writeFileSync(join(path, 'notes', 'n.txt'), 'mine too');
    await writeFolder(path, bundle('new'));
    expect(readdirSync(path).sort()).toEqual([
      'a.txt',
      'kernels',
      'manifest.json',
      'model.bform',
      'notes',
    ]);
    expect(textOf(path, 'a.txt')).toBe('new');
    expect(textOf(path, 'notes/n.txt')).toBe('mine too');
  });

  it('lets a new file win over one of the user that has its name', async () => {
    const path = target();
    await writeFolder(path, bundle('old'));
    writeFileSync(join(path, 'c.txt'), 'mine');
    await writeFolder(path, bundle('new', ['c.txt', 'new']));
    expect(textOf(path, 'c.txt')).toBe('new');
  });

  it('leaves the old bundle as it was where the new one cannot be written', async () => {
    const path = target();
    await writeFolder(path, bundle('old'));
    // `a.txt` cannot be both a file and a folder.
    await expect(writeFolder(path, bundle('new', ['a.txt/b.txt', 'new']))).rejects.toThrow();
    expect(textOf(path, 'a.txt')).toBe('old');
    const fresh = target();
    await expect(writeFolder(fresh, bundle('new', ['a.txt/b.txt', 'new']))).rejects.toThrow();
    expect(existsSync(fresh)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('takes an empty folder, and no other that is not a bundle', () => {
    const empty = target();
    mkdirSync(empty);
    checkTarget(empty);
    writeFileSync(join(empty, 'x'), '');
    expect(() => checkTarget(empty)).toThrow('left alone');
    writeFileSync(join(empty, 'manifest.json'), '{"format": "something else"}');
    expect(() => checkTarget(empty)).toThrow('left alone');
    const link = target();
    symlinkSync(empty, link);
    expect(() => checkTarget(link)).toThrow('no folder');
    expect(() => checkTarget(join(empty, 'x'))).toThrow('no folder');
  });
});
