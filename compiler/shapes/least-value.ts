// The smallest value that a size can be sure to have, by interval arithmetic over the limits of its symbols.
// Sound, not complete: `undefined` means "not known", and a known value may be smaller than what is reached.
import { type Dim, roundedBy } from './dim.ts';

/** The limits of a symbol; `min` is 0 or more. */
export interface Limits {
  readonly min: number;
  readonly max?: number;
}

/** A lower bound, rounded down to a whole number. Symbols without limits, and negative powers, are not known. */
export function leastValue(size: Dim, limits: ReadonlyMap<string, Limits>): bigint | undefined {
  const least = bound(size, limits, 'min');
  return least && quotientBelow(least);
}

/** An exact fraction with a positive denominator. */
type Fraction = readonly [num: bigint, den: bigint];

function bound(
  size: Dim,
  limits: ReadonlyMap<string, Limits>,
  side: 'min' | 'max',
): Fraction | undefined {
  let [sum, common] = [0n, 1n];
  for (const { num, den, powers } of size.terms) {
    const own = num > 0n === (side === 'min') ? 'min' : 'max';
    let product = num;
    for (const [atom, power] of powers) {
      const value = atomBound(atom, limits, own);
      if (value === undefined || value < 0n || power < 0) return undefined;
      product *= value ** BigInt(power);
    }
    sum = sum * den + product * common;
    common *= den;
  }
  return [sum, common];
}

function atomBound(
  atom: string,
  limits: ReadonlyMap<string, Limits>,
  side: 'min' | 'max',
): bigint | undefined {
  const quotient = roundedBy(atom);
  if (quotient) {
    const inner = bound(quotient, limits, side);
    return inner && -quotientBelow([-inner[0], inner[1]]);
  }
  const value = limits.get(atom)?.[side];
  return value === undefined ? undefined : BigInt(value);
}

function quotientBelow([num, den]: Fraction): bigint {
  const quotient = num / den;
  return num % den !== 0n && num < 0n ? quotient - 1n : quotient;
}
