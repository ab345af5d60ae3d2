// Reads .bform files for the compiler: the user's below a root that no path leaves, and the standard library's.
import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { SourceReader } from '../compiler/modules.ts';
import { packageRoot } from './package-root.ts';

/** More than the compiler takes of one file; it then says so itself. */
const MAX_BYTES = 2 * 1024 * 1024;

export interface Entry {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  /** The folder that the reader reads below. */
  readonly root: string;
  readonly reader: SourceReader;
}

/**
 * The file that a command was given. The root, which `use` cannot leave, is the current folder if the file is in it,
 * else the file's own folder.
 */
export function openEntry(file: string): Entry {
  const full = resolve(file);
  const inside = !relative(process.cwd(), full).startsWith('..');
  const root = inside ? process.cwd() : dirname(full);
  const path = inside ? relative(root, full).split(sep).join('/') : basename(full);
  return { path, root, reader: sourceReader(root) };
}

/** A reader of the files below a folder. */
export function sourceReader(root: string): SourceReader {
  const stdlib = join(packageRoot(), 'stdlib');
  return {
    read: (path) => readBelow(root, path),
    readStd: (path) => readBelow(stdlib, path),
    listStd: () =>
      readdirSync(stdlib)
        .filter((name) => name.endsWith('.bform'))
        .sort(),
  };
}

function readBelow(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(root, ...path.split('/')));
    const top = realpathSync(root);
    const below = real.startsWith(top.endsWith(sep) ? top : top + sep);
    return below && statSync(real).isFile() ? readSource(real) : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file, of which no more is read than is needed to say that it is too large. */
export function readSource(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(statSync(file).size, MAX_BYTES));
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}
