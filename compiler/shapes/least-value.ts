// The smallest value that a size can be sure to have, by interval arithmetic over the limits of its symbols.
// Sound, not complete: `undefined` means "not known", and a known value may be smaller than what is reached.
import type { Dim } from './dim.ts';

/** The limits of a symbol; `min` is 0 or more. */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

/** A lower bound, rounded down to a whole number. Symbols without limits, and negative powers, are not known. */
export function leastValue(size: Dim, limits: ReadonlyMap<string, Limits>): bigint | undefined {
  let sum = 0n;
  for (const { num, den, powers } of size.terms) {
    let product = num;
    for (const [atom, power] of powers) {
      const bounds = limits.get(atom);
      const bound = num > 0n ? bounds?.min : bounds?.max;
      if (bound === undefined || power < 0) return undefined;
      product *= BigInt(bound) ** BigInt(power);
    }
    sum += product >= 0n ? product / den : -((-product + den - 1n) / den);
  }
  return sum;
}
