// Groups of a product that lie side by side: which tiles of columns are whose, and, where their right operands differ in numbers
// alone (where a weight begins, how long its rows are), one expression for all, so that the kernel has one inner loop.
import { invariant } from '../invariant.ts';
import type { DotRegion, Expr } from '../schedule/schedule.ts';
import { asNumber, constant, type Dim, equal } from '../shapes/dim.ts';
import type { KernelBuilder } from './builder.ts';
import { tilesText } from './grid.ts';
import type { Dispatch } from './kernel.ts';
import { sizeAlign } from './lanes.ts';
import { literal } from './literal.ts';

export type DotGroup = DotRegion['groups'][number];

export interface ColumnTiles {
  /** How many tiles all groups have together. */
  readonly count: string;
  /** The first tile of each group. */
  readonly starts: readonly string[];
  readonly grid: Dispatch['grid'];
}

/** Tiles of `columns` columns. Sizes known only at run time are possible where all groups have the same. */
export function columnTiles(
  builder: KernelBuilder,
  { groups }: DotRegion,
  columns: number,
): ColumnTiles {
  const sizes = groups.map(({ n }) => n.size);
  const known = sizes.map(asNumber);
  if (known.every((size) => size !== undefined)) {
    const counts = known.map((size) => Math.ceil(size / columns));
    const before = (index: number): number => counts.slice(0, index).reduce((a, b) => a + b, 0);
    const total = before(counts.length);
    return {
      count: `${total}u`,
      starts: groups.map((_, index) => `${before(index)}u`),
      grid: [{ count: constant(total), per: 1 }],
    };
  }
  const size: Dim = sizes[0]!;
  invariant(
    sizes.every((other) => equal(size, other)),
    'wgsl',
    'groups of different sizes that are known only at run time',
  );
  const each = builder.named(builder.main, tilesText(builder, size, columns));
  const at = (index: number): string => builder.named(builder.main, `${index}u * ${each}`);
  return {
    count: groups.length === 1 ? each : at(groups.length),
    starts: groups.map((_, index) => (index === 0 ? '0u' : at(index))),
    grid: [
      { count: constant(groups.length), per: 1 },
      { count: size, per: columns },
    ],
  };
}

/** A number that differs from group to group. */
export interface Choice {
  /** The accumulator that stands for it in the merged expressions. */
  readonly acc: number;
  /** As WGSL, per group. */
  readonly values: readonly string[];
  readonly align: number;
}

export interface MergedGroups {
  /** The right operand of each product, over the first group's loops. */
  readonly operands: readonly Expr[];
  readonly choices: readonly Choice[];
}

/** Numbers of accumulators that no region uses. */
const FIRST_CHOICE = 1_000_000;

/** `undefined` where the groups differ in more than numbers. */
export function mergeGroups(
  builder: KernelBuilder,
  groups: readonly DotGroup[],
): MergedGroups | undefined {
  const first = groups[0]!;
  const sameShape = groups.every(
    ({ n, products }) =>
      products.length === first.products.length && sizeAlign(n.size) === sizeAlign(first.n.size),
  );
  if (!sameShape) return undefined;
  const choices = new Map<string, Choice>();
  const choose = (values: readonly string[], align: number): Expr => {
    const key = values.join(' ');
    const choice = choices.get(key) ?? { acc: FIRST_CHOICE + choices.size, values, align };
    choices.set(key, choice);
    return { kind: 'acc', dtype: 'u32', index: choice.acc };
  };
  const operands = first.products.map((_, p) =>
    merge(
      builder,
      groups,
      groups.map(({ products }) => products[p]!.b),
      choose,
    ),
  );
  if (operands.some((operand) => operand === undefined)) return undefined;
  return { operands: operands as Expr[], choices: [...choices.values()] };
}

type Choose = (values: readonly string[], align: number) => Expr;

/** One expression for one of each group; what differs is chosen. */
function merge(
  builder: KernelBuilder,
  groups: readonly DotGroup[],
  parts: readonly Expr[],
  choose: Choose,
): Expr | undefined {
  const first = parts[0]!;
  if (parts.every((part) => part === first)) return first;
  const inner = (of: readonly (Expr | undefined)[]): Expr | undefined =>
    of.every((e) => e !== undefined) ? merge(builder, groups, of, choose) : undefined;
  switch (first.kind) {
    case 'const': {
      const values = parts.map((part) => (part.kind === 'const' ? part.value : Number.NaN));
      if (first.dtype !== 'u32' || values.some(Number.isNaN)) return undefined;
      const align = values.reduce((least, v) => Math.min(least, sizeAlign(constant(v))), 4);
      return choose(
        values.map((value) => literal(value, 'u32')),
        align,
      );
    }
    case 'var': {
      // Each group numbers its own columns.
      const own = parts.every((part, g) => part.kind === 'var' && part.index === groups[g]!.n.var);
      return own ? first : undefined;
    }
    case 'binary': {
      const same = parts.map((part) =>
        part.kind === 'binary' && part.fn === first.fn && part.dtype === first.dtype
          ? part
          : undefined,
      );
      const [a, b] = [inner(same.map((part) => part?.a)), inner(same.map((part) => part?.b))];
      return a && b ? { ...first, a, b } : undefined;
    }
    case 'load': {
      const { buffer } = first;
      const loads = parts.map((part) => (part.kind === 'load' ? part : undefined));
      const at = inner(loads.map((load) => load?.at));
      if (!at || buffer.kind !== 'weight') return undefined;
      const packs = loads.map((load) =>
        load?.buffer.kind === 'weight' ? builder.memory.packOf.get(load.buffer.name)?.pack : null,
      );
      if (packs.some((pack) => pack !== packs[0])) return undefined;
      // Every weight as the first one, so much further on; differences may wrap around, sums come out right.
      const base = builder.offset(buffer.name);
      const further = loads.map((load) => {
        const own = builder.offset((load!.buffer as { readonly name: string }).name);
        return own === base ? '0u' : `(${own} - ${base})`;
      });
      if (further.every((distance) => distance === '0u')) return { ...first, at };
      const distance = choose(further, 4);
      return { ...first, at: { kind: 'binary', dtype: 'u32', fn: 'add', a: at, b: distance } };
    }
    default:
      return undefined;
  }
}
