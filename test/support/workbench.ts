// What the steps of a random program work with: the values made so far, each with a bound on its magnitude, so that
// every program stays far from overflow, from logarithms of negatives and from comparisons that rounding could flip.
import type { GraphBuilder, Value } from '../../compiler/graph/builder.ts';
import { sameShape } from '../../compiler/ops/same-type.ts';
import { asNumber, type Dim, evaluate } from '../../compiler/shapes/dim.ts';
import type { Dice } from './dice.ts';

/** An f32 tensor whose elements lie in [-bound, bound]. */
export interface Float {
  readonly value: Value;
  readonly bound: number;
}

/** An i32 tensor whose elements lie in [low, high]: the only source of conditions and indices. */
export interface Int {
  readonly value: Value;
  readonly low: number;
  readonly high: number;
}

export interface Workbench {
  readonly g: GraphBuilder;
  readonly dice: Dice;
  readonly symbols: Readonly<Record<string, number>>;
  /** No tensor, and no product, may have more elements than this at the sizes chosen. */
  readonly mostElements: number;
  readonly floats: Float[];
  readonly ints: Int[];
  /** Prefix of weight names: `r1.{0}.` inside a repeat. */
  readonly prefix: string;
  readonly depth: number;
  /** A number not used in a name yet. */
  next(): number;
}

export const sizeAt = (bench: Workbench, size: Dim): number =>
  Number(evaluate(size, bench.symbols));

export const elementsOf = (bench: Workbench, shape: readonly Dim[]): number =>
  shape.reduce((product, dim) => product * sizeAt(bench, dim), 1);

export const fits = (bench: Workbench, shape: readonly Dim[]): boolean =>
  shape.length <= 5 && elementsOf(bench, shape) <= bench.mostElements;

export const isFixed = (dim: Dim): boolean => asNumber(dim) !== undefined;

/** A value made before, more often a late one; squashed if it may be large. */
export function takeFloat(
  bench: Workbench,
  accept: (x: Float) => boolean = () => true,
): Float | undefined {
  const accepted = bench.floats.filter(accept);
  if (accepted.length === 0) return undefined;
  const late = accepted.slice(-3);
  const taken = bench.dice.pick(bench.dice.chance(0.7) ? late : accepted);
  return within(bench, taken, 32);
}

/** The value, or its tanh where it may exceed the limit. */
export function within(bench: Workbench, x: Float, limit: number): Float {
  if (x.bound <= limit) return x;
  return { value: bench.g.unary('tanh', x.value), bound: 1 };
}

/** A value of at least `least`: |x| plus that. */
export function positive(bench: Workbench, x: Float, least: number): Float {
  const { g } = bench;
  return { value: g.add(g.unary('abs', x.value), least), bound: x.bound + least };
}

/** A new trained tensor with elements in [-1, 1]. */
export function weight(bench: Workbench, shape: readonly number[]): Value {
  return bench.g.weight(`${bench.prefix}w${bench.next()}`, shape);
}

/** Numbers that float32 holds exactly and some that it does not. */
export const someNumber = (bench: Workbench): number =>
  bench.dice.pick([0.5, 2, -1, 0.1, -0.75, 1.3, 3, -0.01]);

/** A tensor of x's shape to combine it with: made before, broadcast, a weight or a number. */
export function partnerOf(bench: Workbench, x: Value): Float {
  const { g, dice } = bench;
  const { shape } = x.type;
  const same = takeFloat(bench, (other) => sameShape(other.value.type.shape, shape));
  if (same && dice.chance(0.4)) return same;
  const smaller = takeFloat(
    bench,
    (other) => embedding(other.value.type.shape, shape) !== undefined,
  );
  if (smaller && dice.chance(0.5)) {
    const axes = embedding(smaller.value.type.shape, shape)!;
    return { value: g.like(smaller.value, x, axes), bound: smaller.bound };
  }
  const fixed = shape.flatMap((dim, axis) => (isFixed(dim) && dice.chance(0.7) ? [axis] : []));
  if (fixed.length > 0 && dice.chance(0.7)) {
    const w = weight(
      bench,
      fixed.map((axis) => asNumber(shape[axis]!)!),
    );
    return { value: g.like(w, x, fixed), bound: 1 };
  }
  const number = someNumber(bench);
  return { value: g.like(g.const(number), x), bound: Math.abs(number) };
}

/** Axes of `shape`, rising, that have the sizes of `part`, if there are some (and `part` is really smaller). */
function embedding(part: readonly Dim[], shape: readonly Dim[]): number[] | undefined {
  if (part.length >= shape.length) return undefined;
  const axes: number[] = [];
  for (const [axis, dim] of shape.entries()) {
    if (axes.length < part.length && part[axes.length]!.text === dim.text) axes.push(axis);
  }
  return axes.length === part.length ? axes : undefined;
}

/** Whole numbers of the shape, in a small range known exactly. */
export function someInt(bench: Workbench, shape: readonly Dim[]): Int {
  const { g, dice } = bench;
  const known = bench.ints.filter((other) => sameShape(other.value.type.shape, shape));
  if (known.length > 0 && dice.chance(0.4)) return dice.pick(known);
  if (shape.length === 0) return { value: g.const(2, 'i32'), low: 2, high: 2 };
  const axis = dice.int(0, shape.length - 1);
  const size = shape[axis]!;
  const along = { value: g.iota(size), low: 0, high: Math.max(0, sizeAt(bench, size) - 1) };
  const int = wholeArithmetic(bench, along);
  return { ...int, value: shape.length === 1 ? int.value : g.broadcast(int.value, shape, [axis]) };
}

function wholeArithmetic(bench: Workbench, x: Int): Int {
  const { g, dice } = bench;
  const by = dice.int(2, 5);
  switch (dice.int(0, 6)) {
    case 0:
      return { value: g.add(x.value, by), low: x.low + by, high: x.high + by };
    case 1:
      return { value: g.sub(x.value, by), low: x.low - by, high: x.high - by };
    case 2:
      return { value: g.mul(x.value, by), low: x.low * by, high: x.high * by };
    case 3:
      return {
        value: g.div(g.sub(x.value, 3), by),
        low: Math.floor((x.low - 3) / by),
        high: Math.floor((x.high - 3) / by),
      };
    case 4:
      return { value: g.binary('mod', g.sub(x.value, 3), by), low: 0, high: by - 1 };
    case 5:
      return {
        value: g.unary('abs', g.unary('neg', x.value)),
        low: 0,
        high: Math.max(-x.low, x.high),
      };
    default:
      return x;
  }
}

/** A condition of the shape that rounding cannot flip. */
export function someCondition(bench: Workbench, shape: readonly Dim[]): Value {
  const { g, dice } = bench;
  const int = someInt(bench, shape);
  const middle = Math.floor((int.low + int.high) / 2);
  const compare = dice.pick(['lt', 'le', 'eq', 'ne'] as const);
  switch (dice.int(0, 5)) {
    case 0:
      return g.unary('not', g.binary(compare, int.value, middle));
    case 1: {
      const join = dice.pick(['and', 'or'] as const);
      const other = someInt(bench, shape);
      return g.binary(
        join,
        g.binary(compare, int.value, middle),
        g.binary('le', int.value, other.value),
      );
    }
    case 2:
      // Halves are exact in float32, and none of them equals the quarter.
      return g.binary('lt', g.mul(g.cast('f32', int.value), 0.5), middle / 2 + 0.25);
    default:
      return g.binary(compare, int.value, middle);
  }
}
