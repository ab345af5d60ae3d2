// Regions of every family, small and with data, for tests of kernels.
import type { createExprs } from '../../compiler/schedule/expr.ts';
import type {
  AttendRegion,
  DotRegion,
  Expr,
  Loop,
  MapRegion,
  Region,
  RowsRegion,
} from '../../compiler/schedule/schedule.ts';
import { constant, type Dim, symbol } from '../../compiler/shapes/dim.ts';
import { randomStream } from '../../runtime/random.ts';
import { type RegionCase, regionCase } from './region-case.ts';

export interface Built<R extends Region = Region> {
  readonly test: RegionCase;
  readonly region: R;
  /** How many terms an element of the result sums. */
  readonly terms: number;
}

const BASE = { label: 'test', nodes: [], notes: [] } as const;

export function floats(seed: number, length: number): Float32Array {
  const random = randomStream(seed, 'floats');
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** A size as a literal, or as the symbol `t` bound to it. */
const dim = (size: number, symbolic: boolean): Dim => (symbolic ? symbol('t') : constant(size));

type Exprs = ReturnType<typeof createExprs>;

/** Row-major position: `[[i, 3], [j, 5]]` is i * 5 + j. */
export function position(e: Exprs, axes: readonly (readonly [Loop, Dim])[]): Expr {
  return axes.reduce(
    (at, [loop, size]) => e.add(e.scale(at, size), e.variable(loop.var)),
    e.constant(0, 'u32'),
  );
}

/** value(x[i, j]) for every point of a table; `value` also gets the position of (i, j) and both loops. */
export function mapOver(
  rows: number,
  columns: number,
  value: (e: Exprs, x: (at: Expr) => Expr, at: Expr, i: Expr, j: Expr) => Expr,
): Built<MapRegion> {
  const test = regionCase();
  const e = test.exprs;
  const x = test.input('x', floats(1, rows * columns));
  const [i, j] = [e.loop(constant(rows)), e.loop(constant(columns))];
  const at = position(e, [
    [i, i.size],
    [j, j.size],
  ]);
  const load = (index: Expr): Expr => e.load(x, index, 'f32');
  const result = value(e, load, at, e.variable(i.var), e.variable(j.var));
  const dtype = result.dtype === 'u32' ? 'i32' : result.dtype;
  const target = test.output(rows * columns, dtype);
  const stores = [{ target, at, value: result }];
  return { test, terms: 1, region: { ...BASE, kind: 'map', loops: [i, j], stores } };
}

/** Softmax over the columns; the sums of exponentials are a second result, one per row. */
export function softmax(rows: number, columns: number, symbolic = false): Built<RowsRegion> {
  const test = regionCase({ t: columns });
  const e = test.exprs;
  const x = test.input('x', floats(2, rows * columns));
  const [i, j] = [e.loop(constant(rows)), e.loop(dim(columns, symbolic))];
  const at = position(e, [
    [i, i.size],
    [j, j.size],
  ]);
  const value = e.binary('mul', e.load(x, at, 'f32'), e.constant(5, 'f32'));
  const power = e.unary('exp', e.binary('sub', value, e.acc(0, 'f32')));
  const sum = e.acc(1, 'f32');
  return {
    test,
    terms: columns,
    region: {
      ...BASE,
      kind: 'rows',
      rows: [i],
      col: j,
      stages: [
        { acc: 0, fn: 'max', value },
        { acc: 1, fn: 'sum', value: power },
      ],
      colStores: [{ target: test.output(rows * columns), at, value: e.binary('div', power, sum) }],
      rowStores: [{ target: test.output(rows), at: e.variable(i.var), value: sum }],
    },
  };
}

/** The sum over the middle axis of [batch, rows, columns]. */
export function middleSum(batch: number, rows: number, columns: number): Built<RowsRegion> {
  const test = regionCase({ t: rows });
  const e = test.exprs;
  const x = test.input('x', floats(3, batch * rows * columns));
  const [b, r, c] = [e.loop(constant(batch)), e.loop(symbol('t')), e.loop(constant(columns))];
  const at = position(e, [
    [b, b.size],
    [r, r.size],
    [c, c.size],
  ]);
  const target = test.output(batch * columns);
  const to = position(e, [
    [b, b.size],
    [c, c.size],
  ]);
  return {
    test,
    terms: rows,
    region: {
      ...BASE,
      kind: 'rows',
      rows: [b, c],
      col: r,
      stages: [{ acc: 0, fn: 'sum', value: e.load(x, at, 'f32') }],
      colStores: [],
      rowStores: [{ target, at: to, value: e.acc(0, 'f32') }],
    },
  };
}

export function cumsum(rows: number, columns: number): Built<RowsRegion> {
  const test = regionCase();
  const e = test.exprs;
  const x = test.input('x', floats(4, rows * columns));
  const [i, j] = [e.loop(constant(rows)), e.loop(constant(columns))];
  const at = position(e, [
    [i, i.size],
    [j, j.size],
  ]);
  const target = test.output(rows * columns);
  return {
    test,
    terms: columns,
    region: {
      ...BASE,
      kind: 'rows',
      rows: [i],
      col: j,
      stages: [],
      scan: { acc: 0, value: e.load(x, at, 'f32') },
      rowStores: [],
      colStores: [{ target, at, value: e.acc(0, 'f32') }],
    },
  };
}

export interface DotOptions {
  readonly batch?: number;
  /** Widths of the groups. */
  readonly widths: readonly number[];
  /** Products per group, multiplied with each other in the store. */
  readonly products?: number;
  /** The right operand is stored as [n, k]. */
  readonly transposed?: boolean;
  /** The left operand is stored as [k, m]. */
  readonly leftTransposed?: boolean;
  /** Rows known at run time only. */
  readonly symbolic?: boolean;
  /** A scale of rows and of k on the left operand, a bias in the store. */
  readonly fused?: boolean;
  /** Results are divided by the root mean square of their row of the left operand. */
  readonly rowSums?: boolean;
}

/** [batch, rows, depth] by weights [depth, width] of several groups. */
export function dot(rows: number, depth: number, options: DotOptions): Built<DotRegion> {
  const { batch = 1, widths, products = 1, fused = false, symbolic = false } = options;
  const test = regionCase({ t: rows });
  const e = test.exprs;
  const x = test.input('x', floats(5, batch * rows * depth));
  const [b, m, k] = [e.loop(constant(batch)), e.loop(dim(rows, symbolic)), e.loop(constant(depth))];
  const [row, step] = [
    [m, m.size],
    [k, k.size],
  ] as const;
  const left = e.load(
    x,
    position(e, options.leftTransposed ? [[b, b.size], step, row] : [[b, b.size], row, step]),
    'f32',
  );
  const scale = (name: string, loop: Loop, size: number): Expr =>
    e.load(test.weight(name, floats(6, size)), e.variable(loop.var), 'f32');
  const a = fused
    ? e.binary('mul', e.binary('mul', left, scale('rows', m, rows)), scale('steps', k, depth))
    : left;
  const groups = widths.map((width, g) => {
    const n = e.loop(constant(width));
    const column = [n, n.size] as const;
    const at = position(e, options.transposed ? [column, step] : [step, column]);
    const own = Array.from({ length: products }, (_, p) => {
      const weight = test.weight(`w${g}.${p}`, floats(10 * g + p, depth * width));
      return { acc: p, b: e.load(weight, at, 'f32') };
    });
    const sum = own
      .map(({ acc }) => e.acc(acc, 'f32'))
      .reduce((left, right) => e.binary('mul', left, right));
    const bias = fused ? scale(`bias${g}`, n, width) : undefined;
    const to = position(e, [[b, b.size], row, column]);
    const target = test.output(batch * rows * width);
    const scaled = options.rowSums ? e.binary('mul', sum, normOf(e, depth)) : sum;
    const stores = [{ target, at: to, value: bias ? e.binary('add', scaled, bias) : scaled }];
    return { n, products: own, stores };
  });
  const rowSums = [{ acc: ROW_SUM, value: e.binary('mul', left, left) }];
  const region: DotRegion = {
    ...BASE,
    kind: 'dot',
    batch: [b],
    m,
    k,
    a,
    ...(options.rowSums && { rowSums }),
    groups,
  };
  return { test, terms: depth, region };
}

const ROW_SUM = 50;

/** One over the root mean square, from the sum of squares. */
function normOf(e: Exprs, depth: number): Expr {
  const mean = e.binary('div', e.acc(ROW_SUM, 'f32'), e.constant(depth, 'f32'));
  return e.unary('rsqrt', e.binary('add', mean, e.constant(0.25, 'f32')));
}

export interface AttendOptions {
  readonly batch?: number;
  readonly heads?: number;
  /** Query heads that share a key head. */
  readonly shared?: number;
  readonly queries: number;
  /** As many as queries where absent. */
  readonly keys?: number;
  readonly depth: number;
  readonly width: number;
  readonly symbolic?: boolean;
  readonly causal?: boolean;
  /** Keys up to so many before the query. */
  readonly window?: number;
  /** Keeps no key at all for the first queries. */
  readonly masked?: boolean;
  /** Caps the scores and adds the distance of query and key. */
  readonly scored?: boolean;
}

export function attend(options: AttendOptions): Built<AttendRegion> {
  const { batch = 1, heads = 2, shared = 1, queries, keys = queries, depth, width } = options;
  const symbolic = options.symbolic ?? false;
  const test = regionCase({ t: queries });
  const e = test.exprs;
  const keyHeads = constant(heads / shared);
  const input = (name: string, seed: number, length: number) =>
    test.input(name, floats(seed, length));
  const q = input('q', 7, batch * heads * queries * depth);
  const k = input('k', 8, (batch * heads * keys * depth) / shared);
  const v = input('v', 9, (batch * heads * keys * width) / shared);
  const loops = [
    constant(batch),
    constant(heads),
    dim(queries, symbolic),
    keys === queries ? dim(keys, symbolic) : constant(keys),
    constant(depth),
    constant(width),
  ].map((size) => e.loop(size));
  const [b, h, i, j, c, n] = loops as [Loop, Loop, Loop, Loop, Loop, Loop];
  const inHead = (head: Expr, count: Dim, row: Loop, column: Loop): Expr => {
    const start = e.add(e.scale(e.variable(b.var), count), head);
    const at = e.add(e.scale(start, row.size), e.variable(row.var));
    return e.add(e.scale(at, column.size), e.variable(column.var));
  };
  const [head, keyHead] = [e.variable(h.var), e.div(e.variable(h.var), constant(shared))];
  const int = (loop: Loop): Expr => e.cast(e.variable(loop.var), 'i32');
  const distance = e.binary('sub', int(i), int(j));
  const capped = e.unary('tanh', e.acc(0, 'f32'));
  const whole = (value: number): Expr => e.constant(value, 'i32');
  const lo = (size: number): Expr =>
    e.cast(e.binary('max', e.binary('sub', int(i), whole(size)), whole(0)), 'u32');
  return {
    test,
    terms: keys + depth,
    region: {
      ...BASE,
      kind: 'attend',
      b,
      h,
      i,
      j,
      c,
      n,
      groupSize: shared,
      scale: 0.5,
      q: e.load(q, inHead(head, h.size, i, c), 'f32'),
      k: e.load(k, inHead(keyHead, keyHeads, j, c), 'f32'),
      v: e.load(v, inHead(keyHead, keyHeads, j, n), 'f32'),
      scoreAcc: 0,
      acc: 1,
      ...(options.causal && { hi: e.add(e.variable(i.var), e.constant(1, 'u32')) }),
      ...(options.window !== undefined && { lo: lo(options.window) }),
      ...(options.masked && { mask: e.binary('le', whole(3), int(i)) }),
      ...(options.scored && {
        score: e.binary(
          'add',
          capped,
          e.binary('mul', e.cast(distance, 'f32'), e.constant(0.125, 'f32')),
        ),
      }),
      stores: [
        {
          target: test.output(batch * heads * queries * width),
          at: inHead(head, h.size, i, n),
          value: e.acc(1, 'f32'),
        },
      ],
    },
  };
}
