// Reads whole files of any size that one array can hold.
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { countStep } from '../runtime/load-progress.ts';
import { UserError } from './exit.ts';
import type { OnStep } from './progress.ts';

/** One read takes no more than 2 GiB, which is also all that readFileSync reads; and between two, progress is told. */
const PIECE_BYTES = 2 ** 26;

/** @throws {UserError} where there is no such file, or it becomes shorter while it is read. */
export function readBytes(file: string, onStep?: OnStep): Uint8Array<ArrayBuffer> {
  return readAll([file], onStep)[0]!;
}

/** Several files, as one step. Throws as `readBytes` does. */
export function readAll(files: readonly string[], onStep?: OnStep): Uint8Array<ArrayBuffer>[] {
  for (const file of files) if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0);
  const read = countStep('read', total, onStep);
  return files.map((file) => readWhole(file, read));
}

function readWhole(file: string, onRead: (bytes: number) => void): Uint8Array<ArrayBuffer> {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(descriptor, bytes, at, Math.min(bytes.length - at, PIECE_BYTES), at);
      if (read === 0) throw new UserError(`${file} became shorter while it was read.`);
      at += read;
      onRead(read);
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
