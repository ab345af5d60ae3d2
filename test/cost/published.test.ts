// The models of stdlib/papers report what was published of them. docs/papers.md has the same figures and more.
import { describe, expect, it } from 'vitest';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { withoutEmbeddings } from '../../compiler/report/json.ts';
import { paperGraph, paperReport } from '../support/paper-costs.ts';

/** In billions, both ends included. */
type Range = readonly [least: number, most: number];

interface Published {
  readonly file: string;
  readonly model?: string;
  readonly embeddings: boolean;
  readonly total: Range;
  /** Left out where the paper gives what cannot be: docs/papers.md. */
  readonly activated?: Range | 'all';
  /** Of the published figures: the reported one is rounded to as many. */
  readonly decimals: number;
}

const same = (value: number): Range => [value, value];

const MODELS: readonly Published[] = [
  { file: 'gpt2', embeddings: true, total: same(0.12444), activated: 'all', decimals: 5 },
  { file: 'llama', embeddings: true, total: same(6.738), activated: 'all', decimals: 3 },
  {
    file: 'mixtral',
    model: 'mixtral_8x7b',
    embeddings: true,
    total: same(46.7),
    activated: same(12.88),
    decimals: 2,
  },
  {
    file: 'deepseek_moe',
    model: 'deepseek_moe_16b',
    embeddings: true,
    total: same(16.4),
    activated: same(2.8),
    decimals: 1,
  },
  {
    file: 'glam',
    model: 'glam_100m_32e',
    embeddings: false,
    total: [0.98, 1],
    activated: [0.127, 0.145],
    decimals: 2,
  },
  {
    file: 'glam',
    model: 'glam_1b_64e',
    embeddings: false,
    total: same(27),
    activated: [1.8, 1.9],
    decimals: 0,
  },
  {
    file: 'glam',
    model: 'glam_8b_64e',
    embeddings: false,
    total: same(143),
    activated: [9.7, 9.8],
    decimals: 0,
  },
  {
    file: 'glam',
    model: 'glam_64b_64e',
    embeddings: true,
    total: same(1200),
    activated: same(96.6),
    decimals: -2,
  },
  {
    file: 'brainformer',
    model: 'brainformer_1_1b',
    embeddings: false,
    total: [29.5, 30],
    decimals: 1,
  },
  {
    file: 'brainformer',
    model: 'brainformer_1_8b',
    embeddings: false,
    total: [157, 158],
    decimals: 0,
  },
];

const rounded = (count: bigint, decimals: number): number =>
  Math.round((Number(count) / 1e9) * 10 ** decimals) / 10 ** decimals;

const decimalsOf = (value: number): number => String(value).split('.')[1]?.length ?? 0;

function expectWithin(count: bigint, [least, most]: Range, decimals: number): void {
  const value = rounded(count, decimals);
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}

describe('parameters', () => {
  it.each(MODELS)('of $file $model', ({ file, model, embeddings, total, activated, decimals }) => {
    const report = paperReport(file, model);
    const params = embeddings ? report.params : withoutEmbeddings(report);
    expectWithin(params.total, total, decimals);
    if (activated === 'all') expect(params.activated).toBe(params.total);
    else if (activated) expectWithin(params.activated, activated, decimalsOf(activated[0]));
  });
});

/** MFLOPs for each token in the blocks, over all pairs of query and key: neither embeddings nor logits. */
function blockMegaflops(report: CostReport): number {
  const rows = report.rows.filter(({ path }) => path.startsWith('blocks'));
  const macs = rows.reduce((sum, { work }) => sum + work.macsFullSquare, 0n);
  return Number(2n * macs) / Number(report.tokens) / 1e6;
}

describe('work of the blocks, MFLOPs a token', () => {
  it.each([
    { file: 'gpt2', model: 'gpt2', args: {}, megaflops: 207.6 },
    { file: 'glam', model: 'glam_100m_32e', args: {}, megaflops: 292.8 },
    { file: 'brainformer', model: 'brainformer_1_100m', args: { experts: 32 }, megaflops: 274.3 },
    { file: 'brainformer', model: 'brainformer_2_100m', args: { experts: 32 }, megaflops: 377.9 },
  ])('of $model: $megaflops', ({ file, model, args, megaflops }) => {
    const report = countCost(paperGraph(file, model, args), { b: 1, t: 1024 });
    expect(blockMegaflops(report)).toBeCloseTo(megaflops, 1);
  });
});
