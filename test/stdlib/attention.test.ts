// Attention in its variants, each head against a softmax written out by hand.
import { expect, it } from 'vitest';
import { type Evaluation, evaluate, matrix, vector } from './evaluate.ts';
import {
  type AttendOptions,
  alibiSlopes,
  attend,
  convolution,
  linear,
  type Matrix,
  rmsNorm,
  rope,
  t5Bucket,
  type Vector,
} from './formulas.ts';

const D = 12;

interface Variant extends Partial<Omit<AttendOptions, 'score'>> {
  readonly heads: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  /** What happens to all projected queries, keys or values of a sequence. */
  readonly mix?: (rows: Matrix, which: 'q' | 'k' | 'v') => Matrix;
  /** What happens to one head of queries or keys before their product. */
  readonly prepare?: (x: Vector, position: number, which: 'q' | 'k') => Vector;
  readonly score?: (s: number, h: number, i: number, j: number) => number;
}

const run = (uses: string, layer: string, t = 9): Evaluation =>
  evaluate(`use std.{attention, ${uses}}\nmodel m (x: [b, t, ${D}]) -> y { ${layer} }`, { t });

/** The head of each row that stands at `head * size`. */
const head = (rows: Matrix, at: number, size: number): Matrix =>
  rows.map((row) => row.slice(at * size, (at + 1) * size));

function expectAttention({ x, y, weights }: Evaluation, variant: Variant): void {
  const { heads, kvHeads = heads, headDim = D / heads } = variant;
  const { prepare = (v) => v, mix = (rows) => rows } = variant;
  const project = (input: Vector, name: string): Vector => {
    const bias = weights[`attention.${name}.b`];
    return linear(input, matrix(weights[`attention.${name}.w`]!), bias && vector(bias));
  };
  for (let b = 0; b < x.shape[0]!; b++) {
    const rows = matrix(x, b);
    const [q, k, v] = (['q', 'k', 'v'] as const).map((name) =>
      mix(
        rows.map((row) => project(row, `w${name}`)),
        name,
      ),
    );
    const results = Array.from({ length: heads }, (_, h) => {
      const g = Math.floor(h / (heads / kvHeads));
      return attend(
        head(q!, h, headDim).map((row, at) => prepare(row, at, 'q')),
        head(k!, g, headDim).map((row, at) => prepare(row, at, 'k')),
        head(v!, g, headDim),
        {
          scale: variant.scale ?? 1 / Math.sqrt(headDim),
          ...(variant.sees && { sees: variant.sees }),
          ...(variant.score && { score: (s, i, j) => variant.score!(s, h, i, j) }),
        },
      );
    });
    for (let t = 0; t < rows.length; t++) {
      const expected = project(
        results.flatMap((rows) => rows[t]!),
        'wo',
      );
      for (const [i, value] of expected.entries()) {
        expect(vector(y, b, t)[i]).toBeCloseTo(value, 9);
      }
    }
  }
}

it('with convolutions of q, k and v, each of its own', () => {
  const result = run('causal_conv', 'attention(heads: 4, kv_heads: 2, mix: causal_conv(width: 3))');
  expectAttention(result, {
    heads: 4,
    kvHeads: 2,
    mix: (rows, which) => {
      const { [`attention.${which}_mix.here`]: here, [`attention.${which}_mix.past`]: past } =
        result.weights;
      return convolution(rows, [vector(here!), ...matrix(past!)]);
    },
  });
});

it('is causal, with as many key heads as query heads, by default', () => {
  const result = run('causal', 'attention(heads: 3)');
  expect(Object.keys(result.weights)).toEqual(
    ['wq', 'wk', 'wv', 'wo'].map((name) => `attention.${name}.w`),
  );
  expectAttention(result, { heads: 3 });
});

it('adds biases to q, k, v and the output', () => {
  const result = run('causal', 'attention(heads: 2, bias: true)');
  expect(Object.keys(result.weights)).toHaveLength(8);
  expectAttention(result, { heads: 2 });
});

it('can leave the output without the bias of q, k and v', () => {
  const result = run('causal', 'attention(heads: 2, bias: true, out_bias: false)');
  expect(Object.keys(result.weights)).not.toContain('attention.wo.b');
  expectAttention(result, { heads: 2 });
});

it('groups queries', () => {
  expectAttention(run('causal', 'attention(heads: 6, kv_heads: 2)'), { heads: 6, kvHeads: 2 });
});

it('shares one key head: multi-query', () => {
  expectAttention(run('causal', 'attention(heads: 4, kv_heads: 1)'), { heads: 4, kvHeads: 1 });
});

it('takes heads of any size, and a scale', () => {
  expectAttention(run('causal', 'attention(heads: 5, head_dim: 4, scale: 1.0)'), {
    heads: 5,
    headDim: 4,
    scale: 1,
  });
});

it('turns queries and keys by rope', () => {
  expectAttention(run('rope', 'attention(heads: 2, kv_heads: 1, position: rope(theta: 100.0))'), {
    heads: 2,
    kvHeads: 1,
    prepare: (x, p) => rope(x, p, 'half_split', 100),
  });
});

it('norms queries and keys with scales of their own, before rope', () => {
  const result = run(
    'rms_norm, rope',
    'attention(heads: 2, qk_norm: rms_norm, position: rope(layout: interleaved))',
  );
  const scales = {
    q: vector(result.weights['attention.q_norm.scale']!),
    k: vector(result.weights['attention.k_norm.scale']!),
  };
  expectAttention(result, {
    heads: 2,
    prepare: (x, p, which) => rope(rmsNorm(x, scales[which], 1e-5), p, 'interleaved'),
  });
});

it('sees a sliding window', () => {
  expectAttention(run('sliding_window', 'attention(heads: 3, mask: sliding_window(4))'), {
    heads: 3,
    sees: (i, j) => j <= i && i - j < 4,
  });
});

it('sees a prefix whole', () => {
  expectAttention(run('prefix', 'attention(heads: 3, mask: prefix(5))'), {
    heads: 3,
    sees: (i, j) => j <= i || j < 5,
  });
});

it('sees everything', () => {
  expectAttention(run('bidirectional', 'attention(heads: 3, mask: bidirectional)'), {
    heads: 3,
    sees: () => true,
  });
});

it('caps scores', () => {
  expectAttention(run('soft_cap', 'attention(heads: 3, score: soft_cap(1.5))'), {
    heads: 3,
    score: (s) => 1.5 * Math.tanh(s / 1.5),
  });
});

it.each([1, 2, 3, 4, 6])('penalises distance by alibi with %i heads', (heads) => {
  const slopes = alibiSlopes(heads);
  expectAttention(run('alibi', `attention(heads: ${heads}, score: alibi(${heads}))`), {
    heads,
    score: (s, h, i, j) => s - slopes[h]! * (i - j),
  });
});

it.each([
  { bidirectional: false, buckets: 8, reach: 7, t: 12 },
  { bidirectional: true, buckets: 8, reach: 7, t: 12 },
  { bidirectional: false, buckets: 32, reach: 128, t: 150 },
  { bidirectional: true, buckets: 32, reach: 128, t: 150 },
])('adds T5 biases: %o', ({ bidirectional, buckets, reach, t }) => {
  const mask = bidirectional ? 'bidirectional' : 'causal';
  const score = `t5_relative_bias(2, ${buckets}, max_distance: ${reach}, bidirectional: ${bidirectional})`;
  const result = run(
    `${mask}, t5_relative_bias`,
    `attention(heads: 2, scale: 1.0, mask: ${mask}, score: ${score})`,
    t,
  );
  const table = matrix(result.weights['attention.score.table']!);
  expectAttention(result, {
    heads: 2,
    scale: 1,
    sees: (i, j) => bidirectional || j <= i,
    score: (s, h, i, j) => s + table[t5Bucket(j - i, bidirectional, buckets, reach)]![h]!,
  });
});
