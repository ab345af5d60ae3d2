// Writes files whole or not at all: each beside its place, then all renamed. Never replaces what is no regular file.
import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from './exit.ts';
import { writeDurably } from './write-folder.ts';

/** @throws {UserError} where the target is there and no regular file. */
export function checkFileTarget(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) throw new UserError(`${target} is there already and is no file.`);
}

/** The chunks of each file, by path, in the order in which they appear. Throws as `checkFileTarget` does. */
export function writeFiles(files: ReadonlyMap<string, readonly Uint8Array[]>): void {
  const mark = randomBytes(4).toString('hex');
  const fresh = [...files.keys()].map((target) => {
    checkFileTarget(target);
    return { target, temporary: join(dirname(target), `.${basename(target)}.new-${mark}`) };
  });
  const cleanUp = () => {
    for (const { temporary } of fresh) rmSync(temporary, { force: true });
  };
  const interrupted = () => {
    cleanUp();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    for (const { target, temporary } of fresh) writeDurably(temporary, files.get(target)!);
    for (const { target, temporary } of fresh) renameSync(temporary, target);
  } finally {
    cleanUp();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}
