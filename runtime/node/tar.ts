// Regular files out of a tar archive, by name. Reads plain ustar archives in memory; links and long names are left out.

const BLOCK = 512;
const REGULAR = new Set(['0', '\0']);

/** Name and content of each file; contents are views of `archive`. Throws `Error` where it is cut short. */
export function* tarFiles(archive: Uint8Array): Generator<{ name: string; content: Uint8Array }> {
  const text = (at: number, length: number) =>
    new TextDecoder().decode(archive.subarray(at, at + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const begin = at + BLOCK;
    if (!(size >= 0) || begin + size > archive.length)
      throw new Error('the tar archive is cut short');
    const type = String.fromCharCode(archive[at + 156]!);
    const name = text(at, 100).replace(/^\.\//, '');
    if (REGULAR.has(type)) yield { name, content: archive.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
}
