// Joins what was measured of a run with what the run costs and with what a device's roofline predicts: by kernel and by
// layer, with a row for the rest, so that either list adds up to the wall clock. Measures and prints nothing.
import { flopsOf } from '../../compiler/cost/conventions.ts';
import type { CostReport } from '../../compiler/cost/count-cost.ts';
import type { KernelCost } from '../../compiler/cost/kernel-costs.ts';
import { demandOf } from '../../compiler/cost/predict-times.ts';
import { type Bound, predict, type Roofline } from '../../compiler/cost/roofline.ts';
import type { RunProfile } from '../../runtime/profile.ts';

/** What a device could do at best. */
export interface Predicted {
  readonly ms: number;
  readonly bound: Bound;
  /** The part of the roofline that is reached: its time for the work, without dispatches, over the measured time. */
  readonly ofRoofline: number;
}

export interface Figures {
  /** Milliseconds in one run. */
  readonly ms: number;
  /** Of the wall clock, from 0 to 1. */
  readonly share: number;
  /** 2 for each multiply-add. */
  readonly flops: number;
  /** Other operations on an element. */
  readonly elementwise: number;
  /** Read and written. */
  readonly bytes: number;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Where a device was given. */
  readonly predicted?: Predicted;
}

export interface KernelRow extends Figures {
  /** The layer paths that it computes, a star for the turn of a repeat, and its kind. */
  readonly label: string;
  /** Every time that it runs: the turns of the repeats around it, and milliseconds. */
  readonly dispatches: readonly {
    readonly turns: readonly number[];
    readonly ms: number;
    readonly least: number;
    readonly most: number;
  }[];
}

export interface LayerRow extends Figures {
  /** Empty for the model itself. */
  readonly path: string;
  readonly layer: string;
}

/** All times are milliseconds. */
export interface ProfileReport {
  readonly model: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly run: RunProfile['run'];
  readonly wallMs: RunProfile['wallMs'];
  readonly method: RunProfile['method'];
  readonly resolutionNs?: number;
  readonly repeats: number;
  readonly timingMs: number;
  readonly kernels: readonly KernelRow[];
  /** A kernel that computes several layers has its time shared among them by their work. */
  readonly layers: readonly LayerRow[];
  /** The wall clock less all kernels: encoding, submitting, waiting, outputs. */
  readonly betweenMs: number;
  /** Of the kernels and a submit. */
  readonly predictedMs?: number;
}

export function profileReport(
  { kernels: costs, rows, model, symbols }: CostReport,
  profile: RunProfile,
  roofline?: Roofline,
  /** What layers are called in reports, by path, where that is not the layer that holds the operations. */
  names: ReadonlyMap<string, string> = new Map(),
): ProfileReport {
  const { run, wallMs, method, resolutionNs, repeats, timingMs } = profile;
  const figures = (
    ms: number,
    { flops, elementwise, bytes }: Pick<Figures, 'flops' | 'elementwise' | 'bytes'>,
    predicted: Predicted | undefined,
  ): Figures => ({
    ms,
    share: ms / run.wallMs,
    flops,
    elementwise,
    bytes,
    flopsPerSecond: perSecond(flops, ms),
    bytesPerSecond: perSecond(bytes, ms),
    ...(predicted && { predicted }),
  });

  const kernels = costs.map((cost, step): KernelRow => {
    const dispatches = profile.dispatches
      .filter((dispatch) => dispatch.step === step)
      .map(({ turns, ms: { median, least, most } }) => ({ turns, ms: median, least, most }));
    const ms = dispatches.reduce((sum, dispatch) => sum + dispatch.ms, 0);
    const predicted = roofline && predictedOf(cost, ms, roofline);
    return { label: starred(cost.label), ...figures(ms, demandOf(cost), predicted), dispatches };
  });

  const timeOf = new Map<string, LayerTime>();
  for (const [index, { layers }] of costs.entries())
    for (const { path, share } of layers)
      timeOf.set(path, withShare(timeOf.get(path) ?? NO_TIME, share, kernels[index]!));
  const layers = rows.flatMap(({ path, layer, work, moved }): LayerRow[] => {
    const time = timeOf.get(path);
    // What is computed within the kernels of other layers and does no work there has no time of its own.
    if (!time?.ms) return [];
    const demand = {
      flops: Number(flopsOf(work, 'exact')),
      elementwise: Number(work.elementwise),
      bytes: Number(moved),
    };
    const called = names.get(path) ?? layer;
    return [{ path, layer: called, ...figures(time.ms, demand, roofline && together(time)) }];
  });

  return {
    model,
    sizes: symbols,
    run,
    wallMs,
    method,
    ...(resolutionNs !== undefined && { resolutionNs }),
    repeats,
    timingMs,
    kernels,
    layers,
    betweenMs: kernels.reduce((rest, { ms }) => rest - ms, run.wallMs),
    ...(roofline && {
      predictedMs: kernels.reduce((sum, { predicted }) => sum + predicted!.ms, roofline.submitMs),
    }),
  };
}

/** A kernel that has nothing to do takes no time, and does nothing in it. */
const perSecond = (amount: number, ms: number): number => (ms > 0 ? (1000 * amount) / ms : 0);

/** `blocks.{0}.a` as `blocks.*.a`. */
const starred = (label: string): string => label.replace(/\{\d+\}/g, '*');

function predictedOf(cost: KernelCost, ms: number, roofline: Roofline): Predicted {
  const demand = demandOf(cost);
  const atBest = predict({ ...demand, dispatches: 0 }, roofline);
  return { ...predict(demand, roofline), ofRoofline: ms > 0 ? atBest.ms / ms : 0 };
}

/** What a layer has of the kernels that compute it. */
interface LayerTime {
  readonly ms: number;
  readonly predicted: ReadonlyMap<Bound, number>;
  /** Without dispatches. */
  readonly atBestMs: number;
}

const NO_TIME: LayerTime = { ms: 0, predicted: new Map(), atBestMs: 0 };

function withShare(time: LayerTime, share: number, { ms, predicted }: KernelRow): LayerTime {
  const all = { ...time, ms: time.ms + share * ms };
  if (!predicted) return all;
  const before = time.predicted.get(predicted.bound) ?? 0;
  return {
    ...all,
    predicted: new Map(time.predicted).set(predicted.bound, before + share * predicted.ms),
    atBestMs: time.atBestMs + share * predicted.ofRoofline * ms,
  };
}

/** Bound by what bounds the most of it. */
function together({ ms, predicted, atBestMs }: LayerTime): Predicted {
  const [[bound]] = [...predicted].sort(([, a], [, b]) => b - a) as [[Bound, number]];
  const sum = [...predicted.values()].reduce((a, b) => a + b, 0);
  return { ms: sum, bound, ofRoofline: atBestMs / ms };
}
