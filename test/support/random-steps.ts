// The steps of random programs: each makes one new value out of those on the workbench, or gives up.
import { asNumber, constant, type Dim, mul, product } from '../../compiler/shapes/dim.ts';
import {
  elementsOf,
  type Float,
  fits,
  isFixed,
  partnerOf,
  positive,
  sizeAt,
  someCondition,
  someInt,
  someNumber,
  takeFloat,
  type Workbench,
  weight,
  within,
} from './workbench.ts';

export type Step = (bench: Workbench) => Float | undefined;

const unary: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench);
  if (!x) return undefined;
  const fn = dice.pick([
    'neg',
    'abs',
    'exp',
    'log',
    'sqrt',
    'rsqrt',
    'tanh',
    'erf',
    'sigmoid',
    'sin',
    'cos',
  ] as const);
  switch (fn) {
    case 'neg':
    case 'abs':
      return { value: g.unary(fn, x.value), bound: x.bound };
    case 'exp': {
      const small = within(bench, x, 3);
      return { value: g.unary('exp', small.value), bound: Math.exp(small.bound) };
    }
    case 'log':
    case 'sqrt':
    case 'rsqrt':
      return { value: g.unary(fn, positive(bench, x, 0.25).value), bound: 8 };
    case 'tanh':
    case 'erf':
    case 'sigmoid':
      return { value: g.unary(fn, x.value), bound: 1 };
    default:
      return { value: g.unary(fn, within(bench, x, 8).value), bound: 1 };
  }
};

const binary: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench);
  if (!x) return undefined;
  const y = partnerOf(bench, x.value);
  const fn = dice.pick(['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'pow'] as const);
  switch (fn) {
    case 'add':
    case 'sub':
      return { value: g.binary(fn, x.value, y.value), bound: x.bound + y.bound };
    case 'mul':
      return { value: g.mul(x.value, y.value), bound: x.bound * y.bound };
    case 'div':
      return { value: g.div(x.value, positive(bench, y, 0.5).value), bound: x.bound * 2 };
    case 'pow': {
      const base = positive(bench, within(bench, x, 2), 0.5);
      const exponent = dice.chance(0.5)
        ? dice.pick([2, 3, 0.5, -1, 1.7])
        : within(bench, y, 2).value;
      return { value: g.binary('pow', base.value, exponent), bound: 16 };
    }
    default:
      return { value: g.binary(fn, x.value, y.value), bound: Math.max(x.bound, y.bound) };
  }
};

const select: Step = (bench) => {
  const x = takeFloat(bench);
  if (!x) return undefined;
  const y = partnerOf(bench, x.value);
  const condition = someCondition(bench, x.value.type.shape);
  return { value: bench.g.select(condition, x.value, y.value), bound: Math.max(x.bound, y.bound) };
};

/** Whole numbers as floats: cast, rounded down, taken modulo, at values where rounding changes nothing. */
const fromInt: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench);
  if (!x) return undefined;
  const shape = x.value.type.shape;
  if (dice.chance(0.2)) return { value: g.cast('f32', someCondition(bench, shape)), bound: 1 };
  const int = someInt(bench, shape);
  const bound = Math.max(Math.abs(int.low), Math.abs(int.high));
  const quarters = g.add(g.mul(g.cast('f32', int.value), 0.5), 0.25);
  const value = dice.pick([
    () => g.cast('f32', int.value),
    () => g.unary('floor', quarters),
    () => g.binary('mod', quarters, 1.5),
    () => g.cast('f32', g.cast('i32', quarters)),
    () => g.cast('f32', g.cast('i32', someCondition(bench, shape))),
  ])();
  return { value: g.mul(value, 1 / Math.max(1, bound)), bound: 2 };
};

/** A value that a run-time size decides. */
const bySize: Step = (bench) => {
  const { g } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const size = g.cast('f32', g.size(bench.dice.pick(x.value.type.shape)));
  return { value: g.div(x.value, g.like(size, x.value)), bound: x.bound };
};

const reshape: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const shape = x.value.type.shape;
  const axis = dice.int(0, shape.length - 1);
  const size = asNumber(shape[axis]!);
  const factor = size && [2, 3, 4, 5].filter((f) => size % f === 0)[0];
  const shapes: Dim[][] = [
    [product(shape)],
    [...shape.slice(0, axis), constant(1), ...shape.slice(axis)],
  ];
  if (axis + 1 < shape.length) {
    shapes.push([
      ...shape.slice(0, axis),
      mul(shape[axis]!, shape[axis + 1]!),
      ...shape.slice(axis + 2),
    ]);
  }
  if (size && factor) {
    const parts = dice.shuffle([factor, size / factor]).map(constant);
    shapes.push([...shape.slice(0, axis), ...parts, ...shape.slice(axis + 1)]);
  }
  return { ...x, value: g.reshape(x.value, dice.pick(shapes)) };
};

const transpose: Step = (bench) => {
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 1);
  if (!x) return undefined;
  const perm = bench.dice.shuffle(x.value.type.shape.map((_, axis) => axis));
  return { ...x, value: bench.g.transpose(x.value, perm) };
};

const broadcast: Step = (bench) => {
  const x = takeFloat(bench, ({ value }) => value.type.shape.length < 4);
  if (!x) return undefined;
  const shape = x.value.type.shape;
  const at = bench.dice.int(0, shape.length);
  const wider = shape.toSpliced(at, 0, constant(bench.dice.int(2, 3)));
  const axes = wider.map((_, axis) => axis).filter((axis) => axis !== at);
  return { ...x, value: bench.g.broadcast(x.value, wider, axes) };
};

const slice: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.some(isFixed));
  if (!x) return undefined;
  const shape = x.value.type.shape;
  const axis = dice.pick(shape.flatMap((dim, axis) => (isFixed(dim) ? [axis] : [])));
  const size = asNumber(shape[axis]!)!;
  const start = dice.int(0, size - 1);
  const step = dice.int(1, 3);
  const length = dice.int(1, Math.ceil((size - start) / step));
  return { ...x, value: g.slice(x.value, axis, start, length, step) };
};

const pad: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const axis = dice.int(0, x.value.type.shape.length - 1);
  return { ...x, value: g.pad(x.value, axis, dice.int(0, 2), dice.int(0, 3)) };
};

/** As `shift` of the language: zeros enter, the size stays. */
const shift: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const axis = dice.int(0, x.value.type.shape.length - 1);
  const padded = g.pad(x.value, axis, dice.int(1, 3), 0);
  return { ...x, value: g.slice(padded, axis, 0, x.value.type.shape[axis]!) };
};

const concat: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const y = partnerOf(bench, x.value);
  const axis = dice.int(0, x.value.type.shape.length - 1);
  const parts = dice.shuffle([
    x.value,
    y.value,
    ...(dice.chance(0.2) ? [g.unary('neg', x.value)] : []),
  ]);
  return { value: g.concat(axis, ...parts), bound: Math.max(x.bound, y.bound) };
};

const reduce: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const all = x.value.type.shape.map((_, axis) => axis);
  const axes = dice
    .shuffle(all)
    .slice(0, dice.int(1, Math.min(2, all.length)))
    .sort();
  const fn = dice.pick(['sum', 'sum', 'max', 'min'] as const);
  const reduced = g.reduce(fn, x.value, axes);
  if (fn !== 'sum') return { value: reduced, bound: x.bound };
  const terms = elementsOf(
    bench,
    axes.map((axis) => x.value.type.shape[axis]!),
  );
  return { value: g.mul(reduced, 1 / terms), bound: x.bound };
};

const cumsum: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const axis = dice.int(0, x.value.type.shape.length - 1);
  const terms = sizeAt(bench, x.value.type.shape[axis]!);
  return { value: g.mul(g.cumsum(x.value, axis), 1 / terms), bound: x.bound };
};

/** Products of all label patterns: axes of equal size may meet, meet and stay (batch), stay alone, or be summed alone. */
const dot: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(
    bench,
    ({ value }) => value.type.shape.length > 0 && value.type.shape.length < 5,
  );
  const other = takeFloat(bench, ({ value }) => value.type.shape.length < 4);
  if (!x || !other) return undefined;
  const fixed = x.value.type.shape.filter(isFixed).map((dim) => asNumber(dim)!);
  const ownWeight = (): Float => {
    const shape = dice.shuffle([...fixed.slice(-2), dice.int(1, 9)]).slice(-3);
    return { value: weight(bench, shape), bound: 1 };
  };
  const y = dice.chance(0.6) ? ownWeight() : other;
  const lhs = x.value.type.shape.map((_, axis) => axis);
  const free = new Set(lhs);
  const rhs = y.value.type.shape.map((dim, axis) => {
    const meets = [...free].find((label) => x.value.type.shape[label]!.text === dim.text);
    if (meets === undefined || dice.chance(0.2)) return 100 + axis;
    free.delete(meets);
    return meets;
  });
  const shared = lhs.filter((label) => rhs.includes(label));
  const alone = [...lhs, ...rhs].filter((label) => !shared.includes(label));
  const kept = [...shared.filter(() => dice.chance(0.3)), ...alone.filter(() => dice.chance(0.93))];
  const out = dice.chance(0.3) ? dice.shuffle(kept) : kept;
  const sizeOf = (label: number) =>
    x.value.type.shape[lhs.indexOf(label)] ?? y.value.type.shape[rhs.indexOf(label)]!;
  const all = [...new Set([...lhs, ...rhs])].map(sizeOf);
  if (out.length > 5 || elementsOf(bench, all) > 32 * bench.mostElements) return undefined;
  const terms = elementsOf(bench, all) / elementsOf(bench, out.map(sizeOf));
  const value = g.op({ kind: 'dot', lhs, rhs, out }, x.value, y.value);
  return { value: g.mul(value, 1 / Math.sqrt(terms)), bound: x.bound * y.bound * Math.sqrt(terms) };
};

/** Divided by the root mean square along the last axis. */
function byDeviation(bench: Workbench, { value }: Float): Float {
  const { g } = bench;
  const { shape } = value.type;
  const last = shape.length - 1;
  const size = sizeAt(bench, shape[last]!);
  const mean = g.mul(g.reduce('sum', g.mul(value, value), [last]), 1 / size);
  const rows = shape.map((_, axis) => axis).slice(0, -1);
  const factor = g.like(g.unary('rsqrt', g.add(mean, 1e-3)), value, rows);
  return { value: g.mul(value, factor), bound: Math.sqrt(size) };
}

/** A layer as models have them: product with a weight over the last axis, then bias, activation, gate or residual. */
const linear: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(
    bench,
    ({ value }) => value.type.shape.length > 1 && isFixed(value.type.shape.at(-1)!),
  );
  if (!x) return undefined;
  const shape = x.value.type.shape;
  const width = asNumber(shape.at(-1)!)!;
  const columns = dice.chance(0.4) ? width : dice.int(1, 20);
  // No throw of its own, so that the other steps of a seed stay as they are.
  const left = columns % 3 === 0 ? byDeviation(bench, x) : x;
  const lhs = shape.map((_, axis) => axis);
  const out = [...lhs.slice(0, -1), 100];
  const times = (w: Float['value']) =>
    g.mul(
      g.op({ kind: 'dot', lhs, rhs: [lhs.length - 1, 100], out }, left.value, w),
      1 / Math.sqrt(width),
    );
  const y = times(weight(bench, [width, columns]));
  const bound = left.bound * Math.sqrt(width);
  switch (dice.int(0, 4)) {
    case 0:
      return { value: g.add(y, g.like(weight(bench, [columns]), y)), bound: bound + 1 };
    case 1:
      return { value: g.unary(dice.pick(['tanh', 'sigmoid', 'erf']), y), bound: 1 };
    case 2:
      return { value: g.mul(g.unary('sigmoid', y), times(weight(bench, [width, columns]))), bound };
    case 3:
      return columns === width
        ? { value: g.add(x.value, y), bound: bound + x.bound }
        : { value: y, bound };
    default:
      return { value: y, bound };
  }
};

const gather: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench);
  const source = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x || !source) return undefined;
  const indexShape = x.value.type.shape.slice(0, dice.int(0, 2));
  const table: Float = dice.chance(0.5)
    ? { value: weight(bench, [dice.int(1, 9), dice.int(1, 7)]), bound: 1 }
    : source;
  const rank = table.value.type.shape.length;
  const indices = Array.from(
    { length: dice.int(1, Math.min(2, rank)) },
    () => someInt(bench, indexShape).value,
  );
  return { value: g.gather(table.value, ...indices), bound: table.bound };
};

/** Normalisations along the last axis: by root mean square, by mean and variance, or softmax. */
const normalise: Step = (bench) => {
  const { g, dice } = bench;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const { shape } = x.value.type;
  const last = shape.length - 1;
  const rows = shape.map((_, axis) => axis).slice(0, -1);
  const spread = (y: Float['value']) => g.like(y, x.value, rows);
  const mean = (y: Float['value']) =>
    g.mul(g.reduce('sum', y, [last]), 1 / sizeAt(bench, shape[last]!));
  switch (dice.int(0, 2)) {
    case 0:
      return byDeviation(bench, x);
    case 1:
      return byDeviation(bench, { ...x, value: g.sub(x.value, spread(mean(x.value))) });
    default: {
      const small = within(bench, x, 8).value;
      const e = g.unary('exp', g.sub(small, spread(g.reduce('max', small, [last]))));
      return { value: g.div(e, spread(g.reduce('sum', e, [last]))), bound: 1 };
    }
  }
};

/** A number from nowhere, as a tensor of its own. */
const filled: Step = (bench) => {
  const x = takeFloat(bench);
  if (!x) return undefined;
  return { value: bench.g.mul(x.value, someNumber(bench)), bound: 3 * x.bound };
};

/** Each step as often as it is listed; those of models weigh more. */
// biome-ignore format: one line for each kind
export const PLAIN_STEPS: readonly Step[] = [
  unary, unary, unary, unary, binary, binary, binary, select, fromInt, fromInt, bySize, filled,
  reshape, reshape, transpose, broadcast, slice, pad, shift, concat,
  reduce, reduce, cumsum, gather, normalise, normalise,
  dot, dot, dot, linear, linear, linear,
];

/** Runs a step, and keeps its result if it is not too large. */
export function tryStep(bench: Workbench, step: Step): void {
  const made = step(bench);
  if (made && fits(bench, made.value.type.shape)) bench.floats.push(made);
}
