// A cost report by a convention of the literature, as a table and as JSON: the same rows, with that convention's FLOPs.
import { type Convention, flopsOf, TRAINING_FACTOR } from '../cost/conventions.ts';
import type { CostReport } from '../cost/count-cost.ts';
import { alignedLines } from './aligned.ts';
import { sizesText } from './conventions-text.ts';
import { perToken } from './figures.ts';
import {
  type CountsJson,
  countsJson,
  type ParamsJson,
  paramsJson,
  withoutEmbeddings,
} from './json.ts';
import { grouped } from './quantities.ts';

export type PublishedConvention = Exclude<Convention, 'exact'>;

export interface ConventionJson {
  readonly model: string;
  readonly convention: PublishedConvention;
  readonly symbols: Readonly<Record<string, number>>;
  /** `inProducts`: the parameters of matrices, without embeddings: what Kaplan et al. call N. */
  readonly params: ParamsJson & { readonly inProducts: CountsJson };
  readonly flops: {
    readonly forward: number;
    readonly perToken: number;
    /** Forward and backward together: three times `forward`. */
    readonly training: number;
  };
  /** Layers whose products are with embeddings or score the vocabulary: by Kaplan left out. */
  readonly vocabularyProducts: readonly string[];
  readonly rows: readonly ConventionRowJson[];
}

export interface ConventionRowJson {
  readonly path: string;
  readonly layer: string;
  readonly count: number;
  readonly params: number;
  readonly activated: number;
  readonly flops: number;
}

export function conventionJson(
  report: CostReport,
  convention: PublishedConvention,
): ConventionJson {
  const flops = flopsOf(report.work, convention);
  return {
    model: report.model,
    convention,
    symbols: report.symbols,
    params: { ...paramsJson(report), inProducts: countsJson(report.matrices) },
    flops: {
      forward: Number(flops),
      perToken: perToken(flops, report.tokens),
      training: Number(TRAINING_FACTOR * flops),
    },
    vocabularyProducts: report.vocabularyProducts,
    rows: report.rows.map(({ path, layer, count, params, activated, work }) => ({
      path,
      layer,
      count,
      params: Number(params),
      activated: Number(activated),
      flops: Number(flopsOf(work, convention)),
    })),
  };
}

const COUNTED: Readonly<Record<PublishedConvention, readonly string[]>> = {
  chinchilla: [
    'Convention: Chinchilla, appendix F (Hoffmann et al. 2022, arXiv 2203.15556).',
    '2 FLOPs for each multiply-add of a product, and of attention for all pairs of query and key, whatever the mask.',
    'A look-up in an embedding counts as a product with one-hot vectors, a softmax 3 for each pair and head.',
    'Norms, activations, biases and all other arithmetic are not counted.',
  ],
  kaplan: [
    'Convention: Kaplan et al. 2020, table 1 (arXiv 2001.08361): 2 N + 2 n_layer n_ctx d_attn for each token.',
    'N, the parameters in products: matrices that a token meets, without embeddings and the scores of the vocabulary.',
    'Attention counts one of its two products, for all pairs of query and key, whatever the mask.',
    'Norms, activations, biases, look-ups and all other arithmetic are not counted.',
  ],
};

function leftOutText({ vocabularyProducts }: CostReport): string {
  const paths = vocabularyProducts.map((path) => path || '(model)');
  return `Left out with the scores of the vocabulary: ${paths.join(', ') || 'nothing'}.`;
}

/** The table as plain text, columns aligned. */
export function conventionText(report: CostReport, convention: PublishedConvention): string {
  const flops = flopsOf(report.work, convention);
  const { params, embeddings, matrices } = report;
  const without = withoutEmbeddings(report);
  const rows = report.rows
    .map(({ work, ...row }) => ({ ...row, flops: flopsOf(work, convention) }))
    .filter(({ params, flops }) => params > 0n || flops > 0n);
  const figures: readonly (readonly [label: string, figure: string])[] = [
    ['parameters in embeddings', grouped(embeddings.total)],
    ['parameters without embeddings', grouped(without.total)],
    ['activated without embeddings', grouped(without.activated)],
    ['parameters in products', grouped(matrices.total)],
    ['activated in products', grouped(matrices.activated)],
    ['FLOPs per token', perToken(flops, report.tokens).toLocaleString('en-US')],
    ['FLOPs, forward', grouped(flops)],
    ['FLOPs, forward and backward', grouped(TRAINING_FACTOR * flops)],
  ];
  const widest = Math.max(...figures.map(([label]) => label.length));
  return [
    `${report.model}: one forward run at ${sizesText(report.symbols)}`,
    ...COUNTED[convention],
    ...(convention === 'kaplan' ? [leftOutText(report)] : []),
    'Training takes the backward run as two forward ones.',
    '',
    ...alignedLines({
      titles: ['path', 'layer', 'times', 'parameters', 'activated', 'FLOPs'],
      numeric: [false, false, true, true, true, true],
      rows: rows.map(({ path, layer, count, params, activated, flops }) => [
        path || '(model)',
        layer,
        String(count),
        ...[params, activated, flops].map(grouped),
      ]),
      total: ['total', '', '', ...[params.total, params.activated, flops].map(grouped)],
    }),
    '',
    ...figures.map(([label, figure]) => `${label.padEnd(widest)}  ${figure}`),
    '',
  ].join('\n');
}
