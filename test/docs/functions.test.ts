// The tables of docs/language.md by numbers: what each function and operator gives, on one sequence x of T vectors of D.
import { expect, it } from 'vitest';
import { evaluate, matrix } from '../stdlib/evaluate.ts';
import { erf, type Matrix, type Vector } from '../stdlib/formulas.ts';

const T = 4;
const D = 6;

/** A layer's body, the shape it gives, and the same by hand. `w` is a weight [d, 2] or as the body declares it. */
interface Case {
  readonly body: string;
  readonly shape?: string;
  readonly by: (x: Matrix, weights: Readonly<Record<string, Vector>>) => readonly number[];
}

const each = (fn: (v: number, t: number, c: number) => number) => (x: Matrix) =>
  x.flatMap((row, t) => row.map((v, c) => fn(v, t, c)));
const sum = (list: Vector): number => list.reduce((a, b) => a + b, 0);
const column = (x: Matrix, c: number): Vector => x.map((row) => row[c]!);
const columns = (x: Matrix): Vector[] => Array.from({ length: D }, (_, c) => column(x, c));
const softmax = (list: Vector): Vector => {
  const powers = list.map(Math.exp);
  return powers.map((power) => power / sum(powers));
};

const CASES: readonly Case[] = [
  { body: 'exp(x)', by: each((v) => Math.exp(v)) },
  { body: 'log(x * x + 1)', by: each((v) => Math.log(v * v + 1)) },
  {
    body: 'sqrt(abs(x)) + rsqrt(x * x + 1)',
    by: each((v) => Math.sqrt(Math.abs(v)) + 1 / Math.sqrt(v * v + 1)),
  },
  { body: 'tanh(x) + erf(x)', by: each((v) => Math.tanh(v) + erf(v)) },
  { body: 'sigmoid(x)', by: each((v) => 1 / (1 + Math.exp(-v))) },
  { body: 'sin(x) * cos(x)', by: each((v) => Math.sin(v) * Math.cos(v)) },
  { body: 'floor(x * 3)', by: each((v) => Math.floor(v * 3)) },
  { body: 'min(x, 0.5) + max(x, -0.5)', by: each((v) => Math.min(v, 0.5) + Math.max(v, -0.5)) },
  { body: 'pow(x * x + 1, 1.5)', by: each((v) => (v * v + 1) ** 1.5) },
  { body: '(x * x + 1) ^ 2', by: each((v) => (v * v + 1) ** 2) },
  { body: 'where(x > 0 and not (x >= 1), x, -1)', by: each((v) => (v > 0 && v < 1 ? v : -1)) },
  { body: 'f32(x == x) + f32(x != x or x < 0)', by: each((v) => 1 + Number(v < 0)) },
  { body: 'f32(i32(x * 3))', by: each((v) => Math.trunc(v * 3)) },
  { body: '-x - 2 * x / 4', by: each((v) => -v - v / 2) },
  { body: '2 ^ 3 * x', by: each((v) => 8 * v) },
  { body: 'x * d + t', by: each((v) => v * D + T) },
  { body: 'x / sqrt(d)', by: each((v) => v / Math.sqrt(D)) },
  {
    body: 'x + f32(iota(t) / 2) + f32((iota(d) - 4) / 3)',
    by: each((v, t, c) => v + Math.floor(t / 2) + Math.floor((c - 4) / 3)),
  },
  { body: 'x + f32((iota(d) - 4) % 3)', by: each((v, _, c) => v + ((((c - 4) % 3) + 3) % 3)) },

  { body: 'sum(x, axis: d)', shape: '[b, t]', by: (x) => x.map(sum) },
  { body: 'mean(x, axis: t)', shape: '[b, d]', by: (x) => columns(x).map((list) => sum(list) / T) },
  {
    body: 'max(x, axis: d) - min(x, axis: d)',
    shape: '[b, t]',
    by: (x) => x.map((row) => Math.max(...row) - Math.min(...row)),
  },
  { body: 'sum(x, axis: [t, d])', shape: '[b]', by: (x) => [sum(x.flat())] },
  { body: 'x - mean(x, axis: d)', by: (x) => x.flatMap((row) => row.map((v) => v - sum(row) / D)) },
  { body: 'x - mean(x, axis: t)', by: (x) => each((v, _, c) => v - sum(column(x, c)) / T)(x) },
  { body: 'softmax(x, axis: d)', by: (x) => x.flatMap(softmax) },
  { body: 'softmax(x, axis: t)', by: (x) => each((_, t, c) => softmax(column(x, c))[t]!)(x) },
  {
    body: 'cumsum(x, axis: t)',
    by: (x) => each((_, t, c) => sum(column(x, c).slice(0, t + 1)))(x),
  },

  {
    body: 'weight w: [d, m: 2] = ones  x @ w',
    shape: '[b, t, 2]',
    by: (x, { w }) =>
      x.flatMap((row) => [0, 1].map((m) => sum(row.map((v, c) => v * w![2 * c + m]!)))),
  },
  {
    body: 'weight w: [d] = ones  x @ w',
    shape: '[b, t]',
    by: (x, { w }) => x.map((row) => sum(row.map((v, c) => v * w![c]!))),
  },
  {
    body: 'weight w: [d, m: 2] = ones  einsum("b t d, d m -> b m t", x, w)',
    shape: '[b, 2, t]',
    by: (x, { w }) =>
      [0, 1].flatMap((m) => x.map((row) => sum(row.map((v, c) => v * w![2 * c + m]!)))),
  },
  { body: 'einsum("b t d -> b d t", x)', shape: '[b, d, t]', by: (x) => columns(x).flat() },
  { body: 'einsum("b t d -> b", x)', shape: '[b]', by: (x) => [sum(x.flat())] },
  {
    body: 'einsum("b t d, b s d -> b t s", x, x)',
    shape: '[b, t, t]',
    by: (x) => x.flatMap((p) => x.map((q) => sum(p.map((v, c) => v * q[c]!)))),
  },
  {
    body: 'einsum(".. d, .. d, .. d -> ..", x, x, x)',
    shape: '[b, t]',
    by: (x) => x.map((row) => sum(row.map((v) => v ** 3))),
  },
  {
    body: 'rearrange(x, "b t (h k) -> b h t k", h: 2)',
    shape: '[b, 2, t, d / 2]',
    by: (x) => [0, 1].flatMap((h) => x.flatMap((row) => row.slice(3 * h, 3 * h + 3))),
  },
  {
    body: 'rearrange(x, ".. (k h) -> .. (h k)", h: 2)',
    by: (x) => x.flatMap((row) => [0, 2, 4, 1, 3, 5].map((c) => row[c]!)),
  },
  { body: 'rearrange(x, "b t d -> (b t d)")', shape: '[b * t * d]', by: (x) => x.flat() },

  {
    body: 'concat(x, 2 * x, axis: d)',
    shape: '[b, t, 2 * d]',
    by: (x) => x.flatMap((row) => [...row, ...row.map((v) => 2 * v)]),
  },
  {
    body: 'slice(x, axis: d, start: 1, size: 2)',
    shape: '[b, t, 2]',
    by: (x) => x.flatMap((row) => row.slice(1, 3)),
  },
  {
    body: 'slice(x, axis: d, start: 1, size: d / 2, step: 2)',
    shape: '[b, t, d / 2]',
    by: (x) => x.flatMap((row) => [1, 3, 5].map((c) => row[c]!)),
  },
  { body: 'shift(x, axis: t, by: 1)', by: (x) => each((_, t, c) => x[t - 1]?.[c] ?? 0)(x) },
  {
    body: 'weight w: [width: 3, d] = ones  depthwise_conv(x, w, axis: t)',
    by: (x, { w }) =>
      each((_, t, c) => sum([0, 1, 2].map((i) => (x[t - i]?.[c] ?? 0) * w![D * i + c]!)))(x),
  },
  {
    body: 'weight w: [rows: 3, d] = ones  w[iota(t)]',
    shape: '[t, d]',
    by: (x, { w }) => x.flatMap((_, t) => w!.slice(D * Math.min(t, 2), D * Math.min(t, 2) + D)),
  },
  {
    body: 'weight w: [rows: 2, m: 3] = ones  w[iota(t) % 2, 2 - iota(t) % 3]',
    shape: '[t]',
    by: (x, { w }) => x.map((_, t) => w![3 * (t % 2) + 2 - (t % 3)]!),
  },
  { body: 'let n = floor(d / 4) + ceil(d / 4) + round_up(d, 4)  n * x', by: each((v) => 11 * v) },
  { body: 'if d > 5 and t == t { x } else { 2 * x }', by: each((v) => v) },
];

it.each(CASES)('$body', ({ body, shape = '[b, t, d]', by }) => {
  const { x, y, weights } = evaluate(
    `layer probe (x: [b, t, d]) -> ${shape} { ${body} }
     model m (x: [b, t, ${D}]) -> y { probe }`,
    { b: 1, t: T },
  );
  const named = Object.entries(weights).map(([name, { data }]) => [
    name.split('.').at(-1)!,
    [...data],
  ]);
  const expected = by(matrix(x, 0), Object.fromEntries(named));
  expect(y.data.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(y.data[i]).toBeCloseTo(value, 10);
});
