// Convolutions over time, and the layers of papers that are made of them, each against its formula written by hand.
import { expect, it } from 'vitest';
import { analyzed, type Evaluation, evaluate, matrix, vector } from './evaluate.ts';
import { attend, convolution, layerNorm, linear, type Matrix, t5Bucket } from './formulas.ts';

const D = 6;
const T = 14;

const stage = (uses: string, layer: string): Evaluation =>
  evaluate(`use std${uses}\nmodel m (x: [b, t, ${D}]) -> y { ${layer} }`, { t: T });

/** The result of each sequence against the formula of the sequence. */
function expectSequences({ x, y }: Evaluation, formula: (x: Matrix) => Matrix): void {
  for (let b = 0; b < x.shape[0]!; b++) {
    const [actual, expected] = [matrix(y, b), formula(matrix(x, b))];
    expect(actual.length).toBe(expected.length);
    for (const [t, row] of expected.entries()) {
      for (const [c, value] of row.entries()) expect(actual[t]![c]).toBeCloseTo(value, 9);
    }
  }
}

const add = (a: Matrix, b: Matrix): Matrix => a.map((row, t) => row.map((v, c) => v + b[t]![c]!));

it('causal_conv weighs each position and those before', () => {
  const run = stage('.{causal_conv}', 'causal_conv(width: 4)');
  const { here, past } = namesIn(run);
  expectSequences(run, (x) => convolution(x, [vector(here!), ...matrix(past!)]));
});

it('causal_conv begins as Primer says', () => {
  const code = 'use std.{causal_conv}\nmodel m (x: [b, t, 6]) -> y { causal_conv }';
  const { weights } = analyzed(code).graph;
  expect(weights.map(({ shape, init }) => ({ shape, init }))).toEqual([
    { shape: [6], init: { kind: 'constant', value: 0.5 } },
    { shape: [2, 6], init: { kind: 'constant', value: 0.5 / 3 } },
  ]);
});

it('separable_conv maps what its taps give', () => {
  const run = stage('.{separable_conv}', 'separable_conv(5, 4, bias: true)');
  const { taps, 'mix.w': w, 'mix.b': b } = namesIn(run);
  expectSequences(run, (x) =>
    convolution(x, matrix(taps!)).map((row) => linear(row, matrix(w!), vector(b!))),
  );
});

it('branched_conv of the Evolved Transformer', () => {
  const run = stage('.papers.evolved_transformer.{branched_conv}', 'branched_conv');
  const weights = namesIn(run);
  const separable = (x: Matrix, name: string): Matrix =>
    convolution(x, matrix(weights[`${name}.taps`]!)).map((row) =>
      linear(row, matrix(weights[`${name}.mix.w`]!)),
    );
  expect(weights['wide.taps']!.shape).toEqual([11, D]);
  expect(weights['narrow.taps']!.shape).toEqual([7, D]);
  expect(weights['out.taps']!.shape).toEqual([7, 2 * D]);
  expectSequences(run, (x) => {
    const wide = separable(x, 'wide').map((row) => row.map((v) => Math.max(v, 0)));
    const narrow = separable(x, 'narrow').map((row) => [...row, ...Array(1.5 * D).fill(0)]);
    const [scale, b] = [vector(weights['norm.scale']!), vector(weights['norm.b']!)];
    const normed = add(wide, narrow).map((row) => layerNorm(row, scale, b, 1e-5));
    return separable(normed, 'out');
  });
});

it("primer_norm is layer_norm: its variance is the layer's own", () => {
  const run = stage('.papers.primer.{primer_norm}', 'primer_norm');
  const { scale, b } = namesIn(run);
  expectSequences(run, (x) => x.map((row) => layerNorm(row, vector(scale!), vector(b!), 1e-6)));
});

it('primer_attention makes its queries from the convolved keys', () => {
  const run = stage('.papers.primer.{primer_attention}', 'primer_attention(heads: 2)');
  const weights = namesIn(run);
  const map = (x: Matrix, name: string): Matrix =>
    x.map((row) => linear(row, matrix(weights[`${name}.w`]!)));
  const mix = (x: Matrix, name: string): Matrix =>
    convolution(x, [vector(weights[`${name}.here`]!), ...matrix(weights[`${name}.past`]!)]);
  const head = (x: Matrix, h: number): Matrix => x.map((row) => row.slice(3 * h, 3 * h + 3));
  expectSequences(run, (x) => {
    const k = mix(map(x, 'wk'), 'k_mix');
    const q = map(k, 'wq');
    const v = mix(map(x, 'wv'), 'v_mix');
    const [first, second] = [0, 1].map((h) =>
      attend(head(q, h), head(k, h), head(v, h), { scale: 1 / Math.sqrt(3) }),
    );
    return map(
      first!.map((row, t) => [...row, ...second![t]!]),
      'wo',
    );
  });
});

it('shared_t5_bias reads one table in every layer', () => {
  const run = evaluate(
    `use std.{attention, shared_t5_bias, t5_bias_table}
     model m (x: [b, t, ${D}]) -> y {
       let a = attention(heads: 2, scale: 0.0, score: shared_t5_bias(2, buckets: 8, max_distance: 11))
       t5_bias_table(2, buckets: 8) -> a * 2
     }`,
    { t: T },
  );
  const tables = Object.keys(run.weights).filter((name) => name.endsWith('table'));
  expect(tables).toEqual(['t5_bias_table.table']);
  const table = matrix(run.weights['t5_bias_table.table']!);
  const map = (x: Matrix, name: string): Matrix =>
    x.map((row) => linear(row, matrix(run.weights[`${name}.w`]!)));
  expectSequences(run, (input) =>
    [0, 1].reduce((x, turn) => {
      const v = map(x, `a.${turn}.wv`);
      const heads = [0, 1].map((h) => {
        const part = v.map((row) => row.slice(3 * h, 3 * h + 3));
        const score = (_: number, i: number, j: number) =>
          table[t5Bucket(j - i, false, 8, 11)]![h]!;
        return attend(part, part, part, { scale: 0, score });
      });
      return map(
        heads[0]!.map((row, t) => [...row, ...heads[1]![t]!]),
        `a.${turn}.wo`,
      );
    }, input),
  );
});

/** The weights of a model of one stage by their names within it. */
function namesIn({ weights }: Evaluation): Evaluation['weights'] {
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name.slice(name.indexOf('.') + 1), values]),
  );
}
