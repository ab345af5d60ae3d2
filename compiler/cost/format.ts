// A cost report for people (a table, with its conventions in the header) and for programs (JSON).
// Gives data and text; prints nothing.
import { type CostReport, type CostRow, PARAM_BYTES } from './count-cost.ts';

/** The report as JSON. Whole numbers are exact up to 2^53 and the nearest double beyond. */
export interface CostJson {
  readonly model: string;
  readonly symbols: Readonly<Record<string, number>>;
  readonly params: { readonly total: number; readonly embedding: number };
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

/** One layer's own share over all its turns; the sum over rows is the total. */
export interface CostRowJson {
  readonly path: string;
  readonly layer: string;
  readonly count: number;
  readonly params: number;
  readonly macs: number;
  readonly macsFullSquare: number;
  readonly flops: number;
  readonly flopsFullSquare: number;
  readonly elementwise: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
}

export function costJson(report: CostReport): CostJson {
  const { work, params, activations } = report;
  return {
    model: report.model,
    symbols: report.symbols,
    params: { total: Number(params.total), embedding: Number(params.embedding) },
    macs: { forward: Number(work.macs), forwardFullSquare: Number(work.macsFullSquare) },
    flops: {
      forward: Number(2n * work.macs),
      forwardFullSquare: Number(2n * work.macsFullSquare),
      perToken: perToken(report),
      elementwise: Number(work.elementwise),
    },
    bytes: {
      weights: Number(params.total * PARAM_BYTES),
      activations: Number(activations.written),
      activationsPeak: Number(activations.peak),
    },
    inexact: report.inexact,
    rows: report.rows.map(rowJson),
  };
}

function rowJson({ path, layer, count, params, work, activations }: CostRow): CostRowJson {
  return {
    path,
    layer,
    count,
    params: Number(params),
    macs: Number(work.macs),
    macsFullSquare: Number(work.macsFullSquare),
    flops: Number(2n * work.macs),
    flopsFullSquare: Number(2n * work.macsFullSquare),
    elementwise: Number(work.elementwise),
    weightBytes: Number(params * PARAM_BYTES),
    activationBytes: Number(activations),
  };
}

/** FLOPs for each token of the batch; a fraction where a mask gives the tokens unequal shares. */
function perToken({ work, tokens }: CostReport): number {
  return Number((2n * work.macs) / tokens) + Number((2n * work.macs) % tokens) / Number(tokens);
}

export interface CostTable {
  readonly header: readonly string[];
  readonly columns: readonly string[];
  /** As many cells as columns. The first two columns are words, the others numbers. */
  readonly rows: readonly (readonly string[])[];
  readonly footer: readonly string[];
}

const COLUMNS = [
  'path',
  'layer',
  'times',
  'parameters',
  'MACs',
  'FLOPs',
  'full square',
  'elementwise',
  'weight bytes',
  'activation bytes',
];

export function costTable(report: CostReport): CostTable {
  const { work, params, activations } = report;
  const sizes = Object.entries(report.symbols).map(([name, value]) => `${name} = ${value}`);
  const cells = (params: bigint, work: CostRow['work'], written: bigint) =>
    [
      params,
      work.macs,
      2n * work.macs,
      2n * work.macsFullSquare,
      work.elementwise,
      params * PARAM_BYTES,
      written,
    ].map(grouped);
  return {
    header: [
      `${report.model}: one forward run at ${sizes.join(', ') || 'fixed sizes'}`,
      '1 MAC (multiply-add of a matrix product or of attention) = 2 FLOPs.',
      'Attention counts only the pairs of query and key that its mask keeps; full square: FLOPs with all pairs.',
      'Other arithmetic on f32 stands apart as elementwise: one for each operation on an element.',
      'Look-ups, views and integer arithmetic cost nothing. Rows hold all turns of a repeat.',
      'Activation bytes are what a layer writes to memory; what fusion keeps in registers is not written.',
      ...report.inexact.map(
        (path) => `The mask of ${path} depends on data: counted as the full square.`,
      ),
    ],
    columns: COLUMNS,
    rows: [
      ...report.rows.map(({ path, layer, count, params, work, activations }) => [
        path || '(model)',
        layer,
        String(count),
        ...cells(params, work, activations),
      ]),
      ['total', '', '', ...cells(params.total, work, activations.written)],
    ],
    footer: [
      `parameters in embeddings  ${grouped(params.embedding)}`,
      `FLOPs per token           ${perToken(report).toLocaleString('en-US')}`,
      `peak activation bytes     ${grouped(activations.peak)}`,
    ],
  };
}

/** The table as plain text, columns aligned. */
export function costText(report: CostReport): string {
  const { header, columns, rows, footer } = costTable(report);
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(Math.max(...aligned.map((line) => line.length)));
  const [titles, ...body] = aligned;
  const total = body.pop();
  return [...header, '', titles, rule, ...body, rule, total, '', ...footer, ''].join('\n');
}

/** `1,234,567`. */
function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
