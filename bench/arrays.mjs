// Arrays of float32 from seeds (mulberry32), the same in every process, and the arrays of float64 that references are kept
// in between processes.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Uniform around `mean`, of standard deviation `std`. */
export function seeded(seed, length, { std = 1, mean = 0 } = {}) {
  const values = new Float32Array(length);
  const reach = std * Math.sqrt(3);
  let state = (seed * 2654435761) >>> 0;
  for (let at = 0; at < length; at++) {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    values[at] = mean + reach * (((word ^ (word >>> 14)) >>> 0) / 2147483648 - 1);
  }
  return values;
}

const CACHE = new URL('./.cache/', import.meta.url);

/** The array that `make` made under this name in this process or an earlier one. */
export function kept(name, make) {
  const file = new URL(`${name}.f64`, CACHE);
  if (existsSync(file)) {
    const { buffer, byteOffset, byteLength } = readFileSync(file);
    return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  const values = make();
  mkdirSync(CACHE, { recursive: true });
  const draft = new URL(`${name}.${process.pid}`, CACHE);
  writeFileSync(draft, new Uint8Array(values.buffer));
  renameSync(draft, file);
  return values;
}
