// The rows of a report, folded to a depth of the tree of layers, and their totals.
import { flopsOf } from '../cost/conventions.ts';
import type { CostReport, CostRow } from '../cost/count-cost.ts';
import type { Bound, Prediction } from '../cost/roofline.ts';
import { addWork } from '../cost/work.ts';
import type { ReportRow } from './columns.ts';
import type { ModelReport } from './model-report.ts';
import type { Part } from './structure.ts';

/** `depth`: layers deeper in the tree count as part of the one that they are in; all rows where absent. */
export function rowsOf(
  { cost: report, times, structure }: Pick<ModelReport, 'cost' | 'times' | 'structure'>,
  depth: number = Number.POSITIVE_INFINITY,
): ReportRow[] {
  const names = layerNames(structure);
  const folded = new Map<string, ReportRow>();
  /** Of the rows that a folded one is made of. */
  const heaviest = new Map<string, CostRow>();
  for (const cost of report.rows) {
    const row = withShare(cost, report, times?.layers.get(cost.path));
    const path = upTo(row.path, depth);
    const known = folded.get(path);
    if (cost.work.macs > (heaviest.get(path)?.work.macs ?? -1n)) heaviest.set(path, cost);
    const head = path === row.path ? row : { ...row, path, output: undefined };
    folded.set(path, known ? together(known, row) : head);
  }
  return [...folded].map(([path, row]) => ({
    ...row,
    layer: names.get(path) ?? row.layer,
    operation: heaviest.get(path)!.operation,
  }));
}

/** The whole model as one row. */
export function totalOf({ cost: report, times }: Pick<ModelReport, 'cost' | 'times'>): ReportRow {
  const { params, work, quadraticMacs, activations, cachePerToken, moved } = report;
  return {
    path: 'total',
    layer: '',
    operation: undefined,
    output: undefined,
    count: undefined,
    params: params.total,
    activated: params.activated,
    work,
    quadraticMacs,
    activations: activations.written,
    cachePerToken,
    moved,
    share: work.macs > 0n ? 1 : 0,
    predicted: times && { ms: times.ms, bound: boundOf([...times.layers.values()]) },
  };
}

function withShare(
  row: CostRow,
  { work }: CostReport,
  predicted: Prediction | undefined,
): ReportRow {
  const all = Number(flopsOf(work, 'exact'));
  const share = all > 0 ? Number(flopsOf(row.work, 'exact')) / all : 0;
  return { ...row, share, predicted };
}

/** A star belongs to the repeat before it: `blocks.*.a.wq` is three deep. */
export function upTo(path: string, depth: number): string {
  const names = path.split(/\.(?!\*)/);
  return names.slice(0, depth).join('.');
}

/** The layer of each path; where one stands within another at the same path, the outer one. */
export function layerNames(
  parts: readonly Part[],
  names = new Map<string, string>(),
): Map<string, string> {
  for (const { path, layer, parts: inner } of parts) {
    if (layer !== '' && !names.has(path)) names.set(path, layer);
    layerNames(inner, names);
  }
  return names;
}

/** Two rows as one. */
export function together(a: ReportRow, b: ReportRow): ReportRow {
  return {
    ...a,
    // The layer's own row tells its shape, whichever came first.
    output: a.path === b.path ? b.output : a.output,
    count: a.count === b.count ? a.count : undefined,
    params: a.params + b.params,
    activated: a.activated + b.activated,
    work: addWork(a.work, b.work),
    quadraticMacs: a.quadraticMacs + b.quadraticMacs,
    activations: a.activations + b.activations,
    cachePerToken: a.cachePerToken + b.cachePerToken,
    moved: a.moved + b.moved,
    share: a.share + b.share,
    predicted: sumOf(a.predicted, b.predicted),
  };
}

function sumOf(a: Prediction | undefined, b: Prediction | undefined): Prediction | undefined {
  if (!a || !b) return a ?? b;
  return { ms: a.ms + b.ms, bound: a.ms >= b.ms ? a.bound : b.bound };
}

/** What bounds the most of the time. */
function boundOf(predictions: readonly Prediction[]): Bound {
  const sums = new Map<Bound, number>();
  for (const { ms, bound } of predictions) sums.set(bound, (sums.get(bound) ?? 0) + ms);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'memory';
}
