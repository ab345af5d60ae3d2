// Steps of random programs that choose places and sort rows into groups, as mixtures of experts do. What decides is whole
// numbers, or halves of them, often equal.
import type { Value } from '../../compiler/graph/builder.ts';
import { asNumber, type Dim, product } from '../../compiler/shapes/dim.ts';
import type { Step } from './random-steps.ts';
import {
  type Float,
  isFixed,
  sizeAt,
  someInt,
  someNumber,
  takeFloat,
  type Workbench,
  weight,
} from './workbench.ts';

/** What stands at the largest of whole numbers, or of numbers that rounding cannot bring into another order. */
export const largest: Step = (bench) => {
  const { g, dice } = bench;
  const given = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!given) return undefined;
  const axes = given.value.type.shape.map((_, axis) => axis);
  const x = { ...given, value: g.transpose(given.value, dice.shuffle(axes)) };
  const { shape } = x.value.type;
  const size = shape.at(-1)!;
  const last = shape.length - 1;
  const few = g.binary('mod', someInt(bench, shape).value, dice.int(2, 9));
  const halves = g.mul(g.cast('f32', few), dice.pick([0.5, -0.5, 1]));
  // Less than a half altogether, and different at every place.
  const fine = g.mul(g.cast('f32', g.iota(size)), dice.pick([-1, 1]) * 2 ** -12);
  const value = dice.chance(0.6) ? halves : g.add(halves, g.like(fine, halves, [last]));
  const k = dice.chance(0.15) ? size : dice.int(1, Math.min(sizeAt(bench, size), 20));
  const places = g.topK(value, k);
  bench.ints.push({ value: places, low: 0, high: sizeAt(bench, size) - 1 });
  const rows = product(shape.slice(0, -1));
  const lead = shape.slice(0, -1).map((_, axis) => axis);
  const row = g.like(g.reshape(g.iota(rows), shape.slice(0, -1)), places, lead);
  const at = g.add(g.mul(row, g.like(g.size(size), row)), places);
  return { ...x, value: g.gather(g.reshape(x.value, [product(shape)]), at) };
};

/** The rows of a value, as [rows, ..], and the group of each. */
interface Rows {
  readonly x: Float;
  readonly groups: Dim | number;
  readonly order: Value;
  readonly place: Value;
  readonly starts: Value;
}

/** Puts the rows of a value into a few groups, or into as many as a size says; some may be in none. */
function sortedRows(bench: Workbench, accept: (x: Float) => boolean): Rows | undefined {
  const { g, dice } = bench;
  const x = takeFloat(bench, accept);
  if (!x) return undefined;
  const { shape } = x.value.type;
  const lead = shape.slice(0, dice.int(1, Math.max(1, shape.length - 1)));
  const rows = product(lead);
  const int = someInt(bench, lead);
  const shifted = g.sub(g.reshape(int.value, [rows]), dice.int(0, 1) + Math.max(0, int.low));
  const groups = dice.chance(0.2) ? dice.pick(shape) : dice.int(1, 6);
  const all = dice.chance(0.1) ? g.mul(shifted, 0) : shifted;
  const gives = (what: 'order' | 'place' | 'starts') => g.group(what, all, groups);
  const [order, place, starts] = [gives('order'), gives('place'), gives('starts')];
  const high = sizeAt(bench, rows) - 1;
  for (const value of [order, place]) bench.ints.push({ value, low: 0, high });
  const flat = g.reshape(x.value, [rows, ...shape.slice(lead.length)]);
  return { x: { ...x, value: flat }, groups, order, place, starts };
}

/** Each row times its group's part of a weight, as an expert has it: gated, with a bias, before or after sorting back. */
export const raggedProduct: Step = (bench) => {
  const { g, dice } = bench;
  const sorted = sortedRows(
    bench,
    ({ value: { type } }) => type.shape.length > 1 && isFixed(type.shape.at(-1)!),
  );
  if (!sorted || typeof sorted.groups !== 'number') return undefined;
  const { x, groups, order, place, starts } = sorted;
  const rank = x.value.type.shape.length;
  const width = asNumber(x.value.type.shape.at(-1)!)!;
  const columns = dice.int(1, 20);
  const rows = dice.chance(0.8) ? g.gather(x.value, order) : x.value;
  const lhs = Array.from({ length: rank }, (_, axis) => axis);
  // An axis between may be a batch.
  const batch = rank === 3 ? asNumber(x.value.type.shape[1]!) : undefined;
  const parts: readonly (readonly [number, number])[] = dice.shuffle([
    [rank - 1, width],
    [100, columns],
    ...(batch !== undefined && batch < 6 && dice.chance(0.5) ? [[1, batch] as const] : []),
  ]);
  const times = (): Value => {
    const w = weight(bench, [groups, ...parts.map(([, size]) => size)]);
    const rhs = [200, ...parts.map(([label]) => label)];
    const out = [...lhs.slice(0, -1), 100];
    const y = g.op({ kind: 'dot', lhs, rhs, out, ragged: true }, rows, w, starts);
    return g.mul(y, 1 / Math.sqrt(width));
  };
  const bound = x.bound * Math.sqrt(width);
  const y = times();
  const made = dice.pick([
    () => y,
    () => g.add(y, g.like(weight(bench, [columns]), y, [rank - 1])),
    () => g.mul(g.unary('sigmoid', y), times()),
    () => g.unary('tanh', y),
  ])();
  return { value: dice.chance(0.7) ? g.gather(made, place) : made, bound: bound + 1 };
};

/** The rows of each group added up, as they are or changed on the way. */
export const segmentSum: Step = (bench) => {
  const { g, dice } = bench;
  const sorted = sortedRows(bench, ({ value }) => value.type.shape.length > 0);
  if (!sorted) return undefined;
  const { x, order, starts } = sorted;
  const rows = dice.pick([
    () => x.value,
    () => g.gather(x.value, order),
    () => g.mul(g.gather(x.value, order), someNumber(bench)),
  ])();
  const sum = g.segmentSum(rows, starts);
  const count = sizeAt(bench, x.value.type.shape[0]!);
  return { value: g.mul(sum, 1 / count), bound: 3 * x.bound };
};
