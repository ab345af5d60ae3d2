// Writes a bundle's folder as a whole or not at all: into a new folder beside it, then by renaming. Files of the
// user's own in a folder that is replaced are carried over. Never replaces a folder that is no bundle.
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { BundleFiles } from '../compiler/bundle/emit-bundle.ts';
import { countStep } from '../runtime/load-progress.ts';
import { UserError } from './exit.ts';
import { cleaningUp } from './interrupt.ts';
import type { OnStep } from './progress.ts';
import { writeDurably } from './write-files.ts';

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

/** Puts the files at `target`, in place of a bundle that is there. Rejects as `checkTarget` throws. */
export async function writeFolder(
  target: string,
  files: BundleFiles,
  onStep?: OnStep,
): Promise<void> {
  checkTarget(target);
  const path = resolve(target);
  const mark = randomBytes(4).toString('hex');
  const fresh = join(dirname(path), `.${basename(path)}.new-${mark}`);
  const old = join(dirname(path), `.${basename(path)}.old-${mark}`);
  const contents = Array.from(files, ([name, content]) => ({
    name,
    bytes: typeof content === 'string' ? Buffer.from(content) : content,
  }));
  const total = contents.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const written = countStep('write', total, onStep);
  await cleaningUp(
    () => cleanUp(path, fresh, old),
    async () => {
      mkdirSync(fresh, { recursive: true });
      await carryOver(path, fresh);
      for (const { name, bytes } of contents)
        await writeDurably(join(fresh, ...name.split('/')), [bytes], written);
      if (existsSync(path)) renameSync(path, old);
      renameSync(fresh, path);
    },
  );
}

/** Whatever happened, one whole folder is left: the new one, or the old one put back. */
function cleanUp(path: string, fresh: string, old: string): void {
  if (existsSync(old) && !existsSync(path)) renameSync(old, path);
  // Again where a copy under way has just put a file there.
  const options = { recursive: true, force: true, maxRetries: 9, retryDelay: 10 };
  rmSync(old, options);
  rmSync(fresh, options);
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

async function carryOver(from: string, to: string): Promise<void> {
  const ours = listedFiles(from);
  if (!ours) return;
  for (const name of readdirSync(from)) {
    if (ours.has(name) || name === 'kernels') continue;
    await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
}
