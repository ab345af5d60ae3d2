// Models with mixtures of experts cost what the closed formulas say, whoever chooses; their parts have rows of their own.
import { describe, expect, it } from 'vitest';
import { flopsOf } from '../../compiler/cost/conventions.ts';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { analyzed } from '../stdlib/evaluate.ts';
import { dice } from '../support/dice.ts';

/** A decoder whose blocks are a row of attention (a), dense (f) and routed (g) layers. */
interface Mixture {
  readonly order: string;
  readonly n: number;
  readonly d: number;
  readonly heads: number;
  readonly headDim: number;
  readonly hidden: number;
  readonly gated: boolean;
  readonly experts: number;
  readonly expertHidden: number;
  readonly gatedExperts: boolean;
  /** Experts that a token passes: k, or the capacity factor of expert choice. */
  readonly each: number;
  readonly router: string;
}

const source = (m: Mixture): string => `
  use std.{attention, embed, expert_choice, ffn, gated_ffn, moe, pre_norm, rms_norm, top_k, unembed}
  block blocks {
    let a = attention(heads: ${m.heads}, head_dim: ${m.headDim})
    let f = ${m.gated ? 'gated_ffn' : 'ffn'}(${m.hidden})
    let g = moe(${m.gatedExperts ? 'gated_ffn' : 'ffn'}(${m.expertHidden}), experts: ${m.experts}, route: ${m.router})
    pre_norm(rms_norm): ${m.order}
  }
  model m {
    vocab: 100
    context: 4096
    embed(${m.d}) -> blocks * ${m.n} -> rms_norm -> unembed(tied: true)
  }`;

const countOf = (m: Mixture, letter: string): number =>
  m.n * m.order.split(' ').filter((other) => other === letter).length;

/** FLOPs of the blocks for each token; attention over `pairs` keys. */
function blockFlops(m: Mixture, pairs: number): number {
  const A = m.heads * m.headDim;
  const experts = m.each * (m.gatedExperts ? 6 : 4) * m.d * m.expertHidden;
  return (
    countOf(m, 'a') * (8 * m.d * A + 4 * pairs * A) +
    countOf(m, 'f') * (m.gated ? 6 : 4) * m.d * m.hidden +
    countOf(m, 'g') * (experts + 2 * m.d * m.experts)
  );
}

const logits = (m: Mixture): number => 2 * m.d * 100;

function count(m: Mixture, sizes = { b: 1, t: 1024 }): CostReport {
  const { graph } = analyzed(source(m));
  return countCost(
    graph,
    sizes,
    memoryUse(graph, schedule(graph, { maxBindingBytes: 2 ** 40 }), sizes),
  );
}

const GLAM: Mixture = {
  order: 'a g a f',
  n: 6,
  d: 768,
  heads: 12,
  headDim: 64,
  hidden: 3072,
  gated: true,
  experts: 32,
  expertHidden: 3072,
  gatedExperts: false,
  each: 2,
  router: 'top_k(2)',
};
const BLOCK_1: Mixture = {
  ...GLAM,
  order: 'a f g g g f f f',
  n: 3,
  d: 1024,
  heads: 20,
  hidden: 1536,
  gated: false,
  expertHidden: 2048,
  each: 1,
  router: 'expert_choice(1)',
};
const BLOCK_2: Mixture = {
  ...BLOCK_1,
  order: 'f a g a f g f a',
  heads: 16,
  hidden: 2048,
  each: 2,
  router: 'expert_choice(2)',
};
const gated = (m: Mixture): Mixture => ({ ...m, gated: true, gatedExperts: true });

describe('MFLOPs a token over all pairs, without embeddings and logits', () => {
  it.each([
    { name: 'GLaM 0.1B/32E', model: GLAM, megaflops: 292.8 },
    { name: 'Brainformer-1, ungated', model: BLOCK_1, megaflops: 198.8 },
    { name: 'Brainformer-1, gated', model: gated(BLOCK_1), megaflops: 274.3 },
    { name: 'Brainformer-2, ungated', model: BLOCK_2, megaflops: 289.8 },
    { name: 'Brainformer-2, gated', model: gated(BLOCK_2), megaflops: 377.9 },
  ])('$name: $megaflops', ({ model, megaflops }) => {
    const { work } = count(model);
    const total = 2n * work.macsFullSquare;
    expect(total).toBe(BigInt(1024 * (blockFlops(model, 1024) + logits(model))));
    expect(Number(total) / 1024 - logits(model)).toBeCloseTo(megaflops * 1e6, -5);
  });
});

function randomMixture(seed: number): Mixture {
  const { int, pick, chance } = dice(seed, 'mixture');
  const experts = int(2, 9);
  const each = int(1, experts);
  return {
    order: Array.from({ length: int(1, 6) }, () => pick(['a', 'f', 'g'])).join(' '),
    n: int(1, 3),
    d: int(1, 30),
    heads: int(1, 4),
    headDim: int(1, 9),
    hidden: int(1, 40),
    gated: chance(0.5),
    experts,
    expertHidden: int(1, 40),
    gatedExperts: chance(0.5),
    each,
    router: pick([
      `top_k(${each})`,
      `top_k(${each}, affinity: sigmoid, gates: raw, balance_bias: true)`,
      `top_k(${each}, capacity_factor: 1.0)`,
      `expert_choice(${each})`,
      `expert_choice(${each}, over: position)`,
    ]),
  };
}

describe('mixtures of random sizes', () => {
  it.each(Array.from({ length: 16 }, (_, seed) => seed))(
    'cost as the formulas: seed %i',
    (seed) => {
      const m = randomMixture(seed);
      // As many tokens as the experts divide, in every group that expert choice chooses from.
      const [b, t] = [m.experts, m.experts * (1 + (seed % 3))];
      const report = count(m, { b, t });
      const tokens = b * t;
      expect(flopsOf(report.work, 'exact')).toBe(
        BigInt(tokens * (blockFlops(m, (t + 1) / 2) + logits(m))),
      );
      expect(2n * report.work.macsFullSquare).toBe(BigInt(tokens * (blockFlops(m, t) + logits(m))));

      const expert = (m.gatedExperts ? 3 : 2) * m.d * m.expertHidden;
      const idle = countOf(m, 'g') * (m.experts - m.each) * expert;
      expect(report.params.total - report.params.activated).toBe(BigInt(idle));

      // By Kaplan, 2 for each activated parameter in a product, and one of attention's two products.
      const attention = countOf(m, 'a') * 2 * t * m.heads * m.headDim;
      expect(flopsOf(report.work, 'kaplan')).toBe(
        BigInt(tokens) * (2n * report.matrices.activated + BigInt(attention)),
      );
    },
  );
});

describe('rows', () => {
  const rowsOf = (router: string) => {
    const report = count({ ...GLAM, router }, { b: 1, t: 64 });
    return new Map(report.rows.map((row) => [row.path, row]));
  };

  it('router, capacity, dispatch, experts and combine have one each', () => {
    const rows = rowsOf('top_k(2, capacity_factor: 1.25)');
    const written = (part: string) => rows.get(`blocks.*.g.${part}`)?.activations;
    expect(rows.get('blocks.*.g.router')!.work.macs).toBe(BigInt(6 * 64 * 768 * 32));
    expect(rows.get('blocks.*.g.combine')!.work.elementwise).toBeGreaterThan(0n);
    for (const part of ['capacity', 'dispatch', 'expert.down'])
      expect(written(part), part).toBeGreaterThan(0n);
  });

  it('empty places of a capacity are neither computed nor counted', () => {
    const macs = (router: string) =>
      [...rowsOf(router).values()].reduce((sum, { work }) => sum + work.macs, 0n);
    expect(macs('top_k(2, capacity_factor: 8.0)')).toBe(macs('top_k(2)'));
    expect(rowsOf('top_k(2)').has('blocks.*.g.capacity')).toBe(false);
  });
});
