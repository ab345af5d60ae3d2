// Writes a bundle's folder as a whole or not at all: into a new folder beside it, then by renaming. Files of the
// user's own in a folder that is replaced are carried over. Never replaces a folder that is no bundle.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { BundleFiles } from '../compiler/bundle/emit-bundle.ts';
import { UserError } from './exit.ts';

/** @throws {UserError} where the target is a file, or a folder with something in it that is no bundle. */
export function checkTarget(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) throw new UserError(`${target} is there already and is no folder.`);
  if (readdirSync(target).length > 0 && !listedFiles(target))
    throw new UserError(
      `${target} is not empty and holds no bundle, so it is left alone. Choose another folder.`,
    );
}

/** Puts the files at `target`, in place of a bundle that is there. Throws as `checkTarget` does. */
export function writeFolder(target: string, files: BundleFiles): void {
  checkTarget(target);
  const path = resolve(target);
  const mark = randomBytes(4).toString('hex');
  const fresh = join(dirname(path), `.${basename(path)}.new-${mark}`);
  const old = join(dirname(path), `.${basename(path)}.old-${mark}`);
  const interrupted = () => {
    cleanUp(path, fresh, old);
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    mkdirSync(fresh, { recursive: true });
    carryOver(path, fresh);
    for (const [name, content] of files) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      writeDurably(join(fresh, ...name.split('/')), [bytes]);
    }
    if (existsSync(path)) renameSync(path, old);
    renameSync(fresh, path);
  } finally {
    cleanUp(path, fresh, old);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

/** Whatever happened, one whole folder is left: the new one, or the old one put back. */
function cleanUp(path: string, fresh: string, old: string): void {
  if (existsSync(old) && !existsSync(path)) renameSync(old, path);
  rmSync(old, { recursive: true, force: true });
  rmSync(fresh, { recursive: true, force: true });
}

/** The files that a bundle's manifest lists, or `undefined` where the folder holds no bundle. */
function listedFiles(folder: string): Set<string> | undefined {
  try {
    const { format, files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    if (format !== 'bform-bundle') return undefined;
    return new Set(['manifest.json', ...Object.keys(files ?? {})]);
  } catch {
    return undefined;
  }
}

function carryOver(from: string, to: string): void {
  const ours = listedFiles(from);
  if (!ours) return;
  for (const name of readdirSync(from)) {
    if (ours.has(name) || name === 'kernels') continue;
    cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
}

/** Chunks, one after the other, to a new file, and to the disk. */
export function writeDurably(file: string, chunks: readonly Uint8Array[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'w');
  try {
    // One write takes no more than 2 GiB, and may take less than it is given.
    for (const bytes of chunks)
      for (let at = 0; at < bytes.length; )
        at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, 2 ** 30));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
