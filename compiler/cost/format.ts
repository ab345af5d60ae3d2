// A cost report for people (a table, with its conventions in the header) and for programs (JSON).
// Gives data and text; prints nothing.
import { flopsOf } from './conventions.ts';
import { type CostReport, type CostRow, ELEMENT_BYTES, type ParamCounts } from './count-cost.ts';
import { grouped, tableText } from './table.ts';

/** The report as JSON. Whole numbers are exact up to 2^53 and the nearest double beyond. */
export interface CostJson {
  readonly model: string;
  readonly convention: 'exact';
  readonly symbols: Readonly<Record<string, number>>;
  readonly params: ParamsJson;
  readonly macs: { readonly forward: number; readonly forwardFullSquare: number };
  readonly flops: {
    /** 2 x macs.forward. */
    readonly forward: number;
    readonly forwardFullSquare: number;
    readonly perToken: number;
    readonly elementwise: number;
  };
  readonly bytes: {
    readonly weights: number;
    /** Written in one run; the rows add up to it. */
    readonly activations: number;
    /** In memory at once: what a session allocates for activations. */
    readonly activationsPeak: number;
  };
  /** Layers with attention masks that depend on data, counted as the full square. */
  readonly inexact: readonly string[];
  readonly rows: readonly CostRowJson[];
}

export interface ParamsJson extends CountsJson {
  /** Those in embeddings. */
  readonly embedding: number;
  readonly withoutEmbeddings: CountsJson;
}

export interface CountsJson {
  readonly total: number;
  readonly activated: number;
}

/** One layer's own share over all its turns; the sum over rows is the total. */
export interface CostRowJson {
  readonly path: string;
  readonly layer: string;
  readonly count: number;
  readonly params: number;
  readonly activated: number;
  readonly macs: number;
  readonly macsFullSquare: number;
  readonly flops: number;
  readonly flopsFullSquare: number;
  readonly elementwise: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
}

export function costJson(report: CostReport): CostJson {
  const { work, activations } = report;
  return {
    model: report.model,
    convention: 'exact',
    symbols: report.symbols,
    params: paramsJson(report),
    macs: { forward: Number(work.macs), forwardFullSquare: Number(work.macsFullSquare) },
    flops: {
      forward: Number(flopsOf(work, 'exact')),
      forwardFullSquare: Number(2n * work.macsFullSquare),
      perToken: perToken(flopsOf(work, 'exact'), report),
      elementwise: Number(work.elementwise),
    },
    bytes: {
      weights: Number(report.params.total * ELEMENT_BYTES),
      activations: Number(activations.written),
      activationsPeak: Number(activations.peak),
    },
    inexact: report.inexact,
    rows: report.rows.map(rowJson),
  };
}

function rowJson(row: CostRow): CostRowJson {
  const { path, layer, count, params, activated, work, activations } = row;
  return {
    path,
    layer,
    count,
    params: Number(params),
    activated: Number(activated),
    macs: Number(work.macs),
    macsFullSquare: Number(work.macsFullSquare),
    flops: Number(flopsOf(work, 'exact')),
    flopsFullSquare: Number(2n * work.macsFullSquare),
    elementwise: Number(work.elementwise),
    weightBytes: Number(params * ELEMENT_BYTES),
    activationBytes: Number(activations),
  };
}

export function paramsJson(report: CostReport): ParamsJson {
  return {
    ...countsJson(report.params),
    embedding: Number(report.embeddings.total),
    withoutEmbeddings: countsJson(withoutEmbeddings(report)),
  };
}

export const countsJson = ({ total, activated }: ParamCounts): CountsJson => ({
  total: Number(total),
  activated: Number(activated),
});

export const withoutEmbeddings = ({ params, embeddings }: CostReport): ParamCounts => ({
  total: params.total - embeddings.total,
  activated: params.activated - embeddings.activated,
});

/** FLOPs for each token of the batch; a fraction where a mask gives the tokens unequal shares. */
export const perToken = (flops: bigint, { tokens }: CostReport): number =>
  Number(flops / tokens) + Number(flops % tokens) / Number(tokens);

const COLUMNS = [
  'path',
  'layer',
  'times',
  'parameters',
  'activated',
  'MACs',
  'FLOPs',
  'full square',
  'elementwise',
  'weight bytes',
  'activation bytes',
];

/** The table as plain text, columns aligned. */
export function costText(report: CostReport): string {
  const { work, params, activations } = report;
  const cells = ({ total, activated }: ParamCounts, work: CostRow['work'], written: bigint) =>
    [
      total,
      activated,
      work.macs,
      flopsOf(work, 'exact'),
      2n * work.macsFullSquare,
      work.elementwise,
      total * ELEMENT_BYTES,
      written,
    ].map(grouped);
  return tableText({
    header: [
      `${report.model}: one forward run at ${sizesText(report)}, counted exactly`,
      '1 MAC (multiply-add of a matrix product or of attention) = 2 FLOPs.',
      'Attention counts only the pairs of query and key that its mask keeps; full square: FLOPs with all pairs.',
      'Other arithmetic on f32 stands apart as elementwise: one for each operation on an element.',
      'Look-ups, views and integer arithmetic cost nothing. Rows hold all turns of a repeat.',
      'Activated: parameters that a token meets, those of experts by the share of the tokens that each gets.',
      'Activation bytes are what a layer writes to memory; what fusion keeps in registers is not written.',
      ...report.inexact.map(
        (path) => `The mask of ${path} depends on data: counted as the full square.`,
      ),
    ],
    columns: COLUMNS,
    rows: [
      ...report.rows.map(({ path, layer, count, params, activated, work, activations }) => [
        path || '(model)',
        layer,
        String(count),
        ...cells({ total: params, activated }, work, activations),
      ]),
      ['total', '', '', ...cells(params, work, activations.written)],
    ],
    footer: [
      ...paramsFooter(report),
      ['FLOPs per token', flopsPerToken(work, report)],
      ['peak activation bytes', grouped(activations.peak)],
    ],
  });
}

const flopsPerToken = (work: CostRow['work'], report: CostReport): string =>
  perToken(flopsOf(work, 'exact'), report).toLocaleString('en-US');

export function sizesText({ symbols }: CostReport): string {
  const sizes = Object.entries(symbols).map(([name, value]) => `${name} = ${value}`);
  return sizes.join(', ') || 'fixed sizes';
}

export function paramsFooter(report: CostReport): [label: string, figure: string][] {
  const { total, activated } = withoutEmbeddings(report);
  return [
    ['parameters in embeddings', grouped(report.embeddings.total)],
    ['parameters without embeddings', grouped(total)],
    ['activated without embeddings', grouped(activated)],
  ];
}
