// A report as JSON, for programs. Whole numbers are exact up to 2^53 and the nearest double beyond.
import { flopsOf } from '../cost/conventions.ts';
import type { CostMode, CostReport, ParamCounts } from '../cost/count-cost.ts';
import { demandOf } from '../cost/predict-times.ts';
import type { ReportRow } from './columns.ts';
import { perToken } from './figures.ts';
import type { MemoryClasses, ModelReport, ReportDevice } from './model-report.ts';
import { rowsOf } from './rows.ts';

/** A report as `--format json` prints it. Whole numbers are exact up to 2^53 and the nearest double beyond. */
export interface ReportJson {
  readonly model: string;
  readonly hash: string;
  readonly convention: 'exact';
  readonly mode: CostMode;
  readonly symbols: Readonly<Record<string, number>>;
  /** How weights and activations are taken to be stored. */
  readonly stored: 'f32' | 'f16';
  readonly params: ParamsJson;
  readonly macs: {
    readonly forward: number;
    readonly forwardFullSquare: number;
    readonly attention: number;
    readonly quadratic: number;
  };
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
    readonly cachePerToken: number;
    /** Keys and values of all sequences at these sizes. */
    readonly cache: number;
    readonly moved: number;
  };
  /** What a session allocates on the device, by class; absent where the compiler emits no such session. */
  readonly memory?: MemoryClasses;
  readonly dispatches: number;
  readonly device?: ReportDevice;
  readonly predictedMs?: number;
  /** Layers with attention masks that depend on data, counted as the full square. */
  readonly inexact: readonly string[];
  readonly rows: readonly RowJson[];
  readonly kernels: readonly KernelJson[];
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
export interface RowJson {
  readonly path: string;
  readonly layer: string;
  readonly operation?: string;
  readonly count?: number;
  readonly outputShape?: readonly number[];
  readonly params: number;
  readonly activated: number;
  readonly macs: number;
  readonly macsFullSquare: number;
  readonly macsAttention: number;
  readonly macsQuadratic: number;
  readonly flops: number;
  readonly flopsFullSquare: number;
  /** Of the model's FLOPs. */
  readonly share: number;
  readonly elementwise: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly cacheBytesPerToken: number;
  readonly bytesMoved: number;
  readonly bound?: string;
  readonly predictedMs?: number;
}

/** One kernel over all of its dispatches. */
export interface KernelJson {
  readonly label: string;
  readonly kind: string;
  readonly dispatches: number;
  readonly flops: number;
  readonly elementwise: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The layers in it with their shares of its work. */
  readonly layers: readonly { readonly path: string; readonly share: number }[];
  readonly bound?: string;
  readonly predictedMs?: number;
}

/** The report as data. Rows deeper than `depth` are added up in those above them. */
export function reportJson(report: ModelReport, depth?: number): ReportJson {
  const { cost, stored, hash, memory, device, times } = report;
  const { work, activations } = cost;
  return {
    model: cost.model,
    hash,
    convention: 'exact',
    mode: cost.mode,
    symbols: cost.symbols,
    stored,
    params: paramsJson(cost),
    macs: {
      forward: Number(work.macs),
      forwardFullSquare: Number(work.macsFullSquare),
      attention: Number(work.attentionMacs),
      quadratic: Number(cost.quadraticMacs),
    },
    flops: {
      forward: Number(flopsOf(work, 'exact')),
      forwardFullSquare: Number(2n * work.macsFullSquare),
      perToken: perToken(flopsOf(work, 'exact'), cost.tokens),
      elementwise: Number(work.elementwise),
    },
    bytes: {
      weights: Number(cost.params.total * cost.elementBytes),
      activations: Number(activations.written),
      activationsPeak: Number(activations.peak),
      cachePerToken: Number(cost.cachePerToken),
      cache: Number(cost.cache),
      moved: Number(cost.moved),
    },
    ...(memory && { memory }),
    dispatches: cost.kernels.reduce((sum, kernel) => sum + kernel.times, 0),
    ...(device && { device }),
    ...(times && { predictedMs: times.ms }),
    inexact: cost.inexact,
    rows: rowsOf(report, depth).map((row) => rowJson(row, cost)),
    kernels: cost.kernels.map((kernel, at) => {
      const { flops, elementwise } = demandOf(kernel);
      return {
        label: kernel.label,
        kind: kernel.kind,
        dispatches: kernel.times,
        flops,
        elementwise,
        bytesRead: Number(kernel.read),
        bytesWritten: Number(kernel.written),
        layers: kernel.layers,
        ...predictedJson(times?.kernels[at]),
      };
    }),
  };
}

function rowJson(row: ReportRow, { elementBytes }: CostReport): RowJson {
  const { work, params, operation, count, output } = row;
  return {
    path: row.path,
    layer: row.layer,
    ...(operation !== undefined && { operation }),
    ...(count !== undefined && { count }),
    ...(output && { outputShape: output.shape.map(Number) }),
    params: Number(params),
    activated: Number(row.activated),
    macs: Number(work.macs),
    macsFullSquare: Number(work.macsFullSquare),
    macsAttention: Number(work.attentionMacs),
    macsQuadratic: Number(row.quadraticMacs),
    flops: Number(flopsOf(work, 'exact')),
    flopsFullSquare: Number(2n * work.macsFullSquare),
    share: row.share,
    elementwise: Number(work.elementwise),
    weightBytes: Number(params * elementBytes),
    activationBytes: Number(row.activations),
    cacheBytesPerToken: Number(row.cachePerToken),
    bytesMoved: Number(row.moved),
    ...predictedJson(row.predicted),
  };
}

const predictedJson = (predicted: ReportRow['predicted']) =>
  predicted && { bound: predicted.bound, predictedMs: predicted.ms };

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
