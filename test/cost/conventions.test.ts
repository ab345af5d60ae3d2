// What the report counts by each convention equals the formulas of the papers that the conventions come from.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flopsOf } from '../../compiler/cost/conventions.ts';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { conventionJson, conventionText } from '../../compiler/report/convention.ts';
import { analyzed } from '../stdlib/evaluate.ts';
import { dice } from '../support/dice.ts';

/** A decoder without mixtures: n layers of attention and a feed-forward network of 2 or 3 matrices. */
interface Vanilla {
  readonly n: number;
  readonly d: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly hidden: number;
  readonly matrices: 2 | 3;
  readonly vocab: number;
}

/** Appendix F of Chinchilla, for one sequence of S tokens; grouped queries have narrower keys and values. */
function chinchilla(
  { n, d, heads, kvHeads, headDim, hidden, matrices, vocab }: Vanilla,
  S: number,
) {
  const A = heads * headDim;
  const attention =
    2 * S * d * (A + 2 * kvHeads * headDim) + // queries, keys and values
    2 * S * S * A + // their products
    3 * heads * S * S + // softmax
    2 * S * S * A + // reduction
    2 * S * A * d; // output
  const dense = 2 * S * matrices * d * hidden;
  const embeddings = 2 * S * vocab * d;
  const logits = 2 * S * d * vocab;
  return embeddings + n * (attention + dense) + logits;
}

/** N of Kaplan et al., table 1: 2 d n (2 d_attn + d_ff) where all heads have keys and the network has two matrices. */
const kaplanN = ({ n, d, heads, kvHeads, headDim, hidden, matrices }: Vanilla) =>
  n * (2 * d * headDim * (heads + kvHeads) + matrices * d * hidden);

/** C_forward of table 1, for each token. */
const kaplan = (model: Vanilla, S: number) =>
  2 * kaplanN(model) + 2 * model.n * S * model.heads * model.headDim;

const PARTS =
  'attention, embed, ffn, gated_ffn, layer_norm, learned_positions, pre_norm, rms_norm, rope, unembed';

function source(
  { n, d, heads, kvHeads, headDim, hidden, matrices, vocab }: Vanilla,
  { attention = 'position: rope', before = '', after = 'rms_norm -> unembed' } = {},
): string {
  return `
    use std.{${PARTS}, causal, sliding_window, cap_logits, alibi}
    block blocks {
      let a = attention(heads: ${heads}, kv_heads: ${kvHeads}, head_dim: ${headDim}, ${attention})
      let f = ${matrices === 3 ? 'gated_ffn' : 'ffn'}(${hidden})
      pre_norm(rms_norm): a f
    }
    model m {
      vocab: ${vocab}
      context: 4096
      embed(${d}) ${before} -> blocks * ${n} -> ${after}
    }`;
}

const count = (code: string, sizes = { b: 1, t: 16 }): CostReport =>
  countCost(analyzed(code).graph, sizes);

const paper = (name: string) =>
  analyzed(readFileSync(new URL(`../../stdlib/papers/${name}.bform`, import.meta.url), 'utf8'))
    .graph;

const SMALL: Vanilla = {
  n: 3,
  d: 12,
  heads: 4,
  kvHeads: 2,
  headDim: 6,
  hidden: 20,
  matrices: 3,
  vocab: 50,
};

function randomShape(seed: number): Vanilla {
  const { int, pick } = dice(seed, 'vanilla');
  const kvHeads = int(1, 3);
  return {
    n: int(1, 5),
    d: 2 * int(2, 20),
    heads: kvHeads * int(1, 3),
    kvHeads,
    headDim: 2 * int(1, 8),
    hidden: int(1, 60),
    matrices: pick([2, 3]),
    vocab: int(2, 90),
  };
}

describe('models of random sizes', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'count as the formulas: seed %i',
    (seed) => {
      const model = randomShape(seed);
      const [b, S] = [1 + (seed % 3), 5 + seed];
      const tied = seed % 2 === 0;
      const report = count(
        source(model, {
          attention: seed % 3 === 0 ? 'mask: sliding_window(3)' : 'position: rope, bias: true',
          before: seed % 5 === 0 ? '-> learned_positions' : '',
          after: `layer_norm -> unembed(tied: ${tied})`,
        }),
        { b, t: S },
      );
      expect(flopsOf(report.work, 'chinchilla')).toBe(BigInt(b * chinchilla(model, S)));
      expect(flopsOf(report.work, 'kaplan')).toBe(BigInt(b * S * kaplan(model, S)));
      expect(report.matrices).toEqual({
        total: BigInt(kaplanN(model)),
        activated: BigInt(kaplanN(model)),
      });
    },
  );
});

describe('published models', () => {
  const heads = { heads: 12, kvHeads: 12, headDim: 64 };
  const gpt2: Vanilla = { n: 12, d: 768, ...heads, hidden: 3072, matrices: 2, vocab: 50257 };
  const llama: Vanilla = {
    n: 32,
    d: 4096,
    heads: 32,
    kvHeads: 32,
    headDim: 128,
    hidden: 11008,
    matrices: 3,
    vocab: 32000,
  };
  it.each([
    { name: 'gpt2', model: gpt2, S: 1024 },
    { name: 'llama', model: llama, S: 2048 },
  ])('$name counts as the formulas', ({ name, model, S }) => {
    const report = countCost(paper(name), { b: 1, t: S });
    expect(flopsOf(report.work, 'chinchilla')).toBe(BigInt(chinchilla(model, S)));
    expect(flopsOf(report.work, 'kaplan')).toBe(BigInt(S * kaplan(model, S)));
    const json = conventionJson(report, 'kaplan');
    expect(json.flops).toEqual({
      forward: S * kaplan(model, S),
      perToken: kaplan(model, S),
      training: 3 * S * kaplan(model, S),
    });
    expect(json.params.inProducts.total).toBe(kaplanN(model));
  });
});

describe('by Kaplan', () => {
  const perToken = (code: string) => conventionJson(count(code), 'kaplan').flops.perToken;
  const plain = kaplan(SMALL, 16);

  it.each([
    ['a cap on the logits', { after: 'rms_norm -> unembed(bias: true) -> cap_logits(30)' }],
    ['a bias of the scores', { attention: 'score: alibi(4)' }],
    ['norms of queries and keys', { attention: 'qk_norm: rms_norm' }],
  ])('%s changes nothing', (_, options) => {
    expect(perToken(source(SMALL, options))).toBe(plain);
  });

  it('says what it leaves out', () => {
    const leftOut = (options: { after?: string }) =>
      /^Left out .*$/m.exec(conventionText(count(source(SMALL, options)), 'kaplan'))![0];
    const words = 'Left out with the scores of the vocabulary:';
    expect(leftOut({})).toBe(`${words} unembed.`);
    expect(leftOut({ after: 'rms_norm -> unembed(tied: true)' })).toBe(`${words} unembed.`);
    expect(leftOut({ after: 'ffn(7)' })).toBe(`${words} nothing.`);
  });

  it('a matrix as wide as the vocabulary inside of the model still counts', () => {
    const model = { ...SMALL, hidden: 50, d: 50 };
    expect(perToken(source(model))).toBe(kaplan(model, 16));
  });

  it('a last layer that scores no vocabulary counts', () => {
    expect(perToken(source(SMALL, { after: 'ffn(7)' }))).toBe(plain + 2 * 2 * 12 * 7);
  });
});

describe('the report', () => {
  const report = count(source(SMALL), { b: 2, t: 16 });

  it.each(['chinchilla', 'kaplan'] as const)('by %s has rows that add up to its total', (name) => {
    const { rows, flops, params } = conventionJson(report, name);
    const sum = (key: 'flops' | 'params' | 'activated') =>
      rows.reduce((total, row) => total + row[key], 0);
    expect([sum('flops'), sum('params'), sum('activated')]).toEqual([
      flops.forward,
      params.total,
      params.activated,
    ]);
    expect(flops.training).toBe(3 * flops.forward);
    expect(flops.perToken * 32).toBe(flops.forward);
  });

  it('names its convention, and gives training apart', () => {
    const text = conventionText(report, 'chinchilla');
    expect(text).toMatchInlineSnapshot(`
      "m: one forward run at b = 2, t = 16
      Convention: Chinchilla, appendix F (Hoffmann et al. 2022, arXiv 2203.15556).
      2 FLOPs for each multiply-add of a product, and of attention for all pairs of query and key, whatever the mask.
      A look-up in an embedding counts as a product with one-hot vectors, a softmax 3 for each pair and head.
      Norms, activations, biases and all other arithmetic are not counted.
      Training takes the backward run as two forward ones.

      path             layer      times  parameters  activated    FLOPs
      -----------------------------------------------------------------
      embed            embed          1         600        600   38,400
      blocks.*.a_norm  rms_norm       3          36         36        0
      blocks.*.a.wq    linear         3         864        864   55,296
      blocks.*.a       attention      3           0          0  165,888
      blocks.*.a.wk    linear         3         432        432   27,648
      blocks.*.a.wv    linear         3         432        432   27,648
      blocks.*.a.wo    linear         3         864        864   55,296
      blocks.*.f_norm  rms_norm       3          36         36        0
      blocks.*.f.gate  linear         3         720        720   46,080
      blocks.*.f.up    linear         3         720        720   46,080
      blocks.*.f.down  linear         3         720        720   46,080
      rms_norm         rms_norm       1          12         12        0
      unembed          unembed        1         600        600   38,400
      -----------------------------------------------------------------
      total                                   6,036      6,036  546,816

      parameters in embeddings       600
      parameters without embeddings  5,436
      activated without embeddings   5,436
      parameters in products         4,752
      activated in products          4,752
      FLOPs per token                17,088
      FLOPs, forward                 546,816
      FLOPs, forward and backward    1,640,448
      "
    `);
  });
});
