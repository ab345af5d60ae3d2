// A project in memory beside the real standard library: what tests compile.
import { readdirSync, readFileSync } from 'node:fs';
import type { SourceReader } from '../../compiler/modules.ts';

const stdlib = new URL('../../stdlib/', import.meta.url);

/** The text of a file below `stdlib/`; `undefined` where there is none. */
function readStd(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, stdlib), 'utf8');
  } catch {
    return undefined;
  }
}

/** A reader of the given files, by path. */
export function sources(files: Readonly<Record<string, string>>): SourceReader {
  return {
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    readStd,
    listStd: () => readdirSync(stdlib).filter((name) => name.endsWith('.bform')),
  };
}
