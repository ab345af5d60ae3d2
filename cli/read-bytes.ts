// Reads whole files of any size that one array can hold.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from './exit.ts';

/** @throws {UserError} where there is no such file, or it becomes shorter while it is read. */
export function readBytes(file: string): Uint8Array<ArrayBuffer> {
  if (!existsSync(file)) throw new UserError(`There is no file ${file}.`);
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(descriptor).size);
    // One read takes no more than 2 GiB, which is also all that readFileSync reads.
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(descriptor, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (read === 0) throw new UserError(`${file} became shorter while it was read.`);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}
