// Regions that choose, sort and group, small and with data, for tests of kernels.
import type {
  DotRegion,
  Expr,
  GroupRegion,
  SegmentSumRegion,
  TopKRegion,
} from '../../compiler/schedule/schedule.ts';
import { add, constant, ONE, symbol } from '../../compiler/shapes/dim.ts';
import { regionCase } from './region-case.ts';
import { type Built, floats, position } from './regions.ts';

const BASE = { label: 'test', nodes: [], notes: [] } as const;
const T = symbol('t');

/** [t, depth] by [parts, depth, width], with the starts of the parts as they are given. */
export function ragged(
  rows: number,
  [depth, width]: readonly [number, number],
  starts: readonly number[],
): Built<DotRegion> {
  const test = regionCase({ t: rows });
  const e = test.exprs;
  const [m, k, n] = [e.loop(T), e.loop(constant(depth)), e.loop(constant(width))];
  const part = e.loop(constant(starts.length - 1));
  const bounds = test.input('starts', Int32Array.from(starts));
  const next = e.load(bounds, e.add(e.variable(part.var), e.constant(1, 'u32')), 'i32');
  const x = test.input('x', floats(1, rows * depth));
  const w = test.weight('w', floats(2, (starts.length - 1) * depth * width));
  const at = (...loops: readonly (typeof m)[]): Expr =>
    position(
      e,
      loops.map((loop) => [loop, loop.size] as const),
    );
  return {
    test,
    terms: depth,
    region: {
      ...BASE,
      kind: 'dot',
      batch: [],
      m,
      ragged: { part, end: e.clamp(next, add(T, ONE)) },
      k,
      a: e.load(x, at(m, k), 'f32'),
      groups: [
        {
          n,
          products: [{ acc: 0, b: e.load(w, at(part, k, n), 'f32') }],
          stores: [{ target: test.output(rows * width), at: at(m, n), value: e.acc(0, 'f32') }],
        },
      ],
    },
  };
}

/** The order, places and starts of rows by their keys. */
export function group(keys: readonly number[], groups: number): Built<GroupRegion> {
  const test = regionCase({ t: keys.length });
  const e = test.exprs;
  const [row, number] = [e.loop(T), e.loop(constant(groups + 1))];
  const source = test.input('keys', Int32Array.from(keys));
  const [place, start] = [e.acc(0, 'u32'), e.acc(1, 'u32')];
  const at = e.variable(row.var);
  const whole = (value: Expr): Expr => e.cast(value, 'i32');
  return {
    test,
    terms: 1,
    region: {
      ...BASE,
      kind: 'group',
      row,
      group: number,
      key: e.load(source, at, 'i32'),
      place: 0,
      start: 1,
      rowStores: [
        { target: test.output(keys.length, 'i32'), at: place, value: whole(at) },
        { target: test.output(keys.length, 'i32'), at, value: whole(place) },
      ],
      groupStores: [
        {
          target: test.output(groups + 1, 'i32'),
          at: e.variable(number.var),
          value: whole(start),
        },
      ],
    },
  };
}

/** The k largest of each row. */
export function topK(rows: number, columns: number, k: number): Built<TopKRegion> {
  const test = regionCase({ t: rows });
  const e = test.exprs;
  const [row, col, rank] = [e.loop(T), e.loop(constant(columns)), e.loop(constant(k))];
  const x = test.input('x', floats(3, rows * columns));
  const at = (last: typeof col): Expr =>
    position(e, [
      [row, T],
      [last, last.size],
    ]);
  const value = e.cast(e.acc(0, 'u32'), 'i32');
  return {
    test,
    terms: 1,
    region: {
      ...BASE,
      kind: 'top_k',
      rows: [row],
      col,
      rank,
      value: e.load(x, at(col), 'f32'),
      acc: 0,
      stores: [{ target: test.output(rows * k, 'i32'), at: at(rank), value }],
    },
  };
}

/** Sums of rows between starts as they are given. */
export function segmentSum(
  rows: number,
  columns: number,
  starts: readonly number[],
): Built<SegmentSumRegion> {
  const test = regionCase({ t: rows });
  const e = test.exprs;
  const [group, row, col] = [
    e.loop(constant(starts.length - 1)),
    e.loop(T),
    e.loop(constant(columns)),
  ];
  const bounds = test.input('starts', Int32Array.from(starts));
  const x = test.input('x', floats(4, rows * columns));
  const at = (first: typeof row): Expr =>
    position(e, [
      [first, first.size],
      [col, col.size],
    ]);
  const bound = (plus: number): Expr => {
    const index = e.add(e.variable(group.var), e.constant(plus, 'u32'));
    return e.clamp(e.load(bounds, index, 'i32'), add(T, ONE));
  };
  const target = test.output((starts.length - 1) * columns);
  return {
    test,
    terms: rows,
    region: {
      ...BASE,
      kind: 'segment_sum',
      group,
      cols: [col],
      row,
      from: bound(0),
      to: bound(1),
      value: e.load(x, at(row), 'f32'),
      acc: 0,
      stores: [{ target, at: at(group), value: e.acc(0, 'f32') }],
    },
  };
}
