// Costs as polynomials of the run's sizes, which are open in every graph: also the counts that are none by nature, where they
// are one around the sizes at hand. Formulas in parameters of the model are fit-formulas.ts's.
import {
  add,
  constant,
  type Dim,
  div,
  equal,
  mul,
  ONE,
  sub,
  substitute,
  symbol,
  ZERO,
} from '../shapes/dim.ts';
import type { OpaqueCount, Sizes } from './opaque-counts.ts';

/** From where to where a polynomial in the lengths holds, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Closed {
  /** For each atom the polynomial in `t` that it is around the given sizes. */
  readonly counts: ReadonlyMap<string, Dim>;
  /** Where all of them hold. */
  readonly range: Range;
}

const LENGTH = 't';
const MOST_LENGTH = 2 ** 14;

/**
 * The opaque counts as polynomials of second degree in `t`, which hold around the given length: a causal mask keeps
 * t(t + 1)/2 pairs; one to a window has another polynomial below the window than above. `longest`: the model's.
 * `undefined` for a count that is none, such as that of a mask that depends on the batch.
 */
export function closedCounts(
  opaque: readonly OpaqueCount[],
  sizes: Sizes,
  longest: number = MOST_LENGTH,
): Closed | undefined {
  const t = sizes[LENGTH];
  let range: Range = { from: 1, to: Math.min(longest, MOST_LENGTH) };
  const counts = new Map<string, Dim>();
  for (const { atom, at } of opaque) {
    const value = (length: number): bigint => at({ ...sizes, [LENGTH]: length }).count;
    if (t === undefined) {
      counts.set(atom, constant(at(sizes).count));
      continue;
    }
    const start = Math.min(Math.max(2, t), Math.max(2, range.to - 1));
    const polynomial = interpolate(
      LENGTH,
      [start - 1, start, start + 1].map((x) => ({ x, y: constant(value(x)) })),
    );
    const holds = (length: number): boolean =>
      equal(substitute(polynomial, new Map([[LENGTH, constant(length)]])), constant(value(length)));
    const around = rangeAround(start, range, holds);
    // Three points are on some polynomial always.
    if (around.to - around.from < Math.min(3, range.to - range.from)) return undefined;
    range = { from: Math.max(range.from, around.from), to: Math.min(range.to, around.to) };
    counts.set(atom, polynomial);
  }
  return { counts, range };
}

/** The farthest on both sides to which `holds` is true, taking it to stay false once it is. */
function rangeAround(start: number, { from, to }: Range, holds: (x: number) => boolean): Range {
  const farthest = (limit: number): number => {
    const step = Math.sign(limit - start);
    if (step === 0 || holds(limit)) return limit;
    let [good, bad] = [start, limit];
    while (Math.abs(bad - good) > 1) {
      const middle = Math.trunc((good + bad) / 2);
      if (holds(middle)) good = middle;
      else bad = middle;
    }
    return good;
  };
  return { from: farthest(from), to: farthest(to) };
}

/** The polynomial through the points (Lagrange); `y` may itself hold symbols. */
export function interpolate(
  name: string,
  points: readonly { readonly x: number; readonly y: Dim }[],
): Dim {
  const variable = symbol(name);
  return points.reduce((sum, { x, y }) => {
    const basis = points.reduce((product, other) => {
      if (other.x === x) return product;
      const factor = sub(variable, constant(other.x));
      return mul(product, div(factor, constant(x - other.x))!);
    }, ONE);
    return add(sum, mul(y, basis));
  }, ZERO);
}
