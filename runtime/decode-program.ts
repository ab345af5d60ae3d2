// The part of a manifest that computes texts step by step, as a manifest of its own: with the weights of the whole, so that
// everything that plans, binds and runs a manifest does so for it.
import type { Manifest } from './manifest.ts';

export interface DecodeProgram {
  readonly manifest: Manifest;
  /** The input that takes tokens, and those that say where they belong. */
  readonly tokens: number;
  readonly past: number;
  readonly last: number;
  readonly kept: readonly number[];
  /** The symbols for the size of a batch, for how many tokens are new, and for how many there is room. */
  readonly symbols: { readonly batch: string; readonly length: string; readonly capacity: string };
}

/** `undefined` where the model cannot be computed step by step, or takes more than tokens. */
export function decodeProgram(manifest: Manifest): DecodeProgram | undefined {
  const { decode } = manifest;
  if (!decode) return undefined;
  const { kept, past, last, capacity, ...program } = decode;
  const others = [...program.inputs.keys()].filter((input) => input !== past && input !== last);
  const [tokens, ...more] = others;
  const input = tokens === undefined ? undefined : program.inputs[tokens];
  const length = program.symbols.find(({ name }) => name !== 'b' && name !== capacity);
  if (tokens === undefined || more.length > 0 || input?.dtype !== 'i32' || !length)
    return undefined;
  if (program.outputs.length !== 1) return undefined;
  const { decode: _, ...whole } = manifest;
  return {
    manifest: { ...whole, ...program },
    tokens,
    past,
    last,
    kept,
    symbols: { batch: 'b', length: length.name, capacity },
  };
}
