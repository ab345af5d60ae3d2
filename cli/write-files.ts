// Writes files whole or not at all: each beside its place, then all renamed; a file that is there keeps its permissions. Never
// replaces what is no regular file.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  write,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { countStep } from '../runtime/load-progress.ts';
import { UserError } from './exit.ts';
import { cleaningUp } from './interrupt.ts';
import type { OnStep } from './progress.ts';

/** Between two pieces a signal is heard. */
const PIECE_BYTES = 2 ** 24;

/** @throws {UserError} where the target is there and no regular file. */
export function checkFileTarget(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) throw new UserError(`${target} is there already and is no file.`);
}

/** The chunks of each file, by path, in the order in which they appear. Rejects as `checkFileTarget` throws. */
export async function writeFiles(
  files: ReadonlyMap<string, readonly Uint8Array[]>,
  onStep?: OnStep,
): Promise<void> {
  const mark = randomBytes(4).toString('hex');
  const fresh = [...files.keys()].map((target) => {
    checkFileTarget(target);
    return { target, temporary: join(dirname(target), `.${basename(target)}.new-${mark}`) };
  });
  const cleanUp = () => {
    for (const { temporary } of fresh) rmSync(temporary, { force: true });
  };
  const total = [...files.values()].flat().reduce((sum, { length }) => sum + length, 0);
  const written = countStep('write', total, onStep);
  await cleaningUp(cleanUp, async () => {
    for (const { target, temporary } of fresh) {
      await writeDurably(temporary, files.get(target)!, written);
      const old = lstatSync(target, { throwIfNoEntry: false });
      if (old) chmodSync(temporary, old.mode);
    }
    for (const { target, temporary } of fresh) renameSync(temporary, target);
  });
}

/** Chunks, one after the other, to a new file, and to the disk. */
export async function writeDurably(
  file: string,
  chunks: readonly Uint8Array[],
  onWritten: (bytes: number) => void,
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  // At once: a file that appeared only after the cleaning up of an interruption would stay.
  const descriptor = openSync(file, 'w');
  try {
    for (const bytes of chunks)
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(bytes.length - at, PIECE_BYTES);
        const { bytesWritten } = await promisify(write)(descriptor, bytes, at, length, null);
        at += bytesWritten;
        onWritten(bytesWritten);
      }
    await promisify(fsync)(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
