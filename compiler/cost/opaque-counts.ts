// Counts that are no polynomials of the sizes, such as the pairs that a mask keeps: they stand in symbolic costs as atoms,
// and each is worked out where the sizes are known.
import type { SymbolSpec } from '../graph/graph.ts';
import { type Dim, evaluate, ONE, sub, symbol } from '../shapes/dim.ts';
import { leastValue } from '../shapes/least-value.ts';

export type Sizes = Readonly<Record<string, number>>;

export interface CountAt {
  readonly count: bigint;
  /** False where the count is an upper bound. */
  readonly exact: boolean;
}

export interface OpaqueCount {
  /** Its name in costs; no symbol is called so. */
  readonly atom: string;
  /** Of the layer that it is of. */
  readonly path: string;
  at(sizes: Sizes): CountAt;
}

export interface OpaqueCounts {
  readonly all: readonly OpaqueCount[];
  add(what: string, path: string, at: OpaqueCount['at']): Dim;
  /** One less than a size, but not less than none. */
  lessOne(size: Dim): Dim;
}

export function opaqueCounts(symbols: readonly SymbolSpec[]): OpaqueCounts {
  const limits = new Map(symbols.map((spec) => [spec.name, spec]));
  const all: OpaqueCount[] = [];
  const addCount = (what: string, path: string, at: OpaqueCount['at']): Dim => {
    const atom = `${what}#${all.length}`;
    all.push({ atom, path, at });
    return symbol(atom);
  };
  return {
    all,
    add: addCount,
    lessOne(size) {
      if ((leastValue(size, limits) ?? 0n) >= 1n) return sub(size, ONE);
      return addCount('less one', '', (sizes) => {
        const value = evaluate(size, sizes);
        return { count: value > 0n ? value - 1n : 0n, exact: true };
      });
    },
  };
}

/** The values of all atoms beside those of the symbols, for `evaluate`. */
export function withCounts(
  counts: readonly OpaqueCount[],
  sizes: Sizes,
): Readonly<Record<string, number | bigint>> {
  return { ...sizes, ...Object.fromEntries(counts.map(({ atom, at }) => [atom, at(sizes).count])) };
}
