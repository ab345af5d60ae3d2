// The part of a count that grows with the square of the length: what makes long sequences dear. Full and causal attention
// have one, attention to a window has none once the sequence is longer than the window.
import { type Dim, evaluate, symbol, type Term } from '../shapes/dim.ts';
import type { OpaqueCount, Sizes } from './opaque-counts.ts';

/** The symbol of how many sequences there are; all others are lengths. */
const BATCH = 'b';

/**
 * The terms of second or higher degree in the lengths. Of an opaque count it is half its second difference at the given
 * sizes times the square of the length, which is exact wherever the count is a polynomial of second degree around there.
 */
export function quadraticPart(count: Dim, opaque: readonly OpaqueCount[], sizes: Sizes): bigint {
  const counts = new Map(opaque.map((one) => [one.atom, one]));
  let sum = 0;
  for (const term of count.terms) sum += partOf(term, counts, sizes);
  return BigInt(Math.round(sum));
}

function partOf(
  { num, den, powers }: Term,
  counts: ReadonlyMap<string, OpaqueCount>,
  sizes: Sizes,
): number {
  let [part, degree] = [Number(num) / Number(den), 0];
  const own: OpaqueCount[] = [];
  for (const [atom, power] of powers) {
    const opaque = counts.get(atom);
    if (opaque && power === 1) own.push(opaque);
    else {
      part *= sizeOf(atom, sizes) ** power;
      if (atom !== BATCH) degree += power;
    }
  }
  const [only, ...more] = own;
  if (only && degree === 0 && more.length === 0) return part * curvedPart(only, sizes);
  for (const { at } of own) part *= Number(at(sizes).count);
  return degree + own.length >= 2 ? part : 0;
}

const sizeOf = (atom: string, sizes: Sizes): number =>
  sizes[atom] ?? Number(evaluate(symbol(atom), sizes));

function curvedPart({ at }: OpaqueCount, sizes: Sizes): number {
  const lengths = Object.keys(sizes).filter((name) => name !== BATCH);
  const shifted = (by: number): bigint =>
    at({ ...sizes, ...Object.fromEntries(lengths.map((name) => [name, sizes[name]! + by])) }).count;
  const now = at(sizes).count;
  const difference = Number(shifted(1) - 2n * now + shifted(-1));
  const square = Math.max(0, ...lengths.map((name) => sizes[name]!)) ** 2;
  return Math.min(Math.max(0, (difference / 2) * square), Number(now));
}
