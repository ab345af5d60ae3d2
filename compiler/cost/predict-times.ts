// The time of a run on a device, by its roofline: kernel by kernel, and shared among the layers that each kernel computes.
import { flopsOf } from './conventions.ts';
import type { CostReport } from './count-cost.ts';
import type { KernelCost } from './kernel-costs.ts';
import { type Bound, type Prediction, predict, type Roofline } from './roofline.ts';

export interface PredictedTimes {
  /** For each of the report's kernels, in order; over all of its turns. */
  readonly kernels: readonly Prediction[];
  /** For each layer by path: its share of the kernels' times, and what bounds the most of it. */
  readonly layers: ReadonlyMap<string, Prediction>;
  /** Milliseconds that a run takes, the submit included. */
  readonly ms: number;
}

export function predictTimes(report: CostReport, roofline: Roofline): PredictedTimes {
  const kernels = report.kernels.map((kernel) => predict(demandOf(kernel), roofline));
  const layers = new Map<string, Map<Bound, number>>();
  for (const [index, { layers: inside }] of report.kernels.entries()) {
    const { ms, bound } = kernels[index]!;
    for (const { path, share } of inside) {
      const times = layers.get(path) ?? new Map<Bound, number>();
      times.set(bound, (times.get(bound) ?? 0) + share * ms);
      layers.set(path, times);
    }
  }
  return {
    kernels,
    layers: new Map([...layers].map(([path, times]) => [path, together(times)])),
    ms: kernels.reduce((sum, { ms }) => sum + ms, roofline.submitMs),
  };
}

export function demandOf({ work, read, written, times }: KernelCost) {
  return {
    flops: Number(flopsOf(work, 'exact')),
    elementwise: Number(work.elementwise),
    bytes: Number(read + written),
    dispatches: times,
  };
}

function together(times: ReadonlyMap<Bound, number>): Prediction {
  const ordered = [...times].sort(([, a], [, b]) => b - a);
  return { ms: ordered.reduce((sum, [, ms]) => sum + ms, 0), bound: ordered[0]![0] };
}
