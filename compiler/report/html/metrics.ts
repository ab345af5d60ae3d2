// What the areas and bars of the page can show: each adds up over layers.
import { flopsOf } from '../../cost/conventions.ts';
import { cellText } from '../cells.ts';
import type { Cell, ReportRow } from '../columns.ts';
import type { ModelReport } from '../model-report.ts';

export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly of: (row: ReportRow) => Extract<Cell, { readonly value: bigint | number }>;
}

const METRICS: readonly Metric[] = [
  { key: 'params', label: 'Parameters', of: ({ params }) => ({ kind: 'count', value: params }) },
  {
    key: 'activated',
    label: 'Activated parameters',
    of: ({ activated }) => ({ kind: 'count', value: activated }),
  },
  {
    key: 'flops',
    label: 'FLOPs',
    of: ({ work }) => ({ kind: 'count', value: flopsOf(work, 'exact') }),
  },
  { key: 'moved', label: 'Bytes moved', of: ({ moved }) => ({ kind: 'bytes', value: moved }) },
  {
    key: 'ms',
    label: 'Predicted time',
    of: ({ predicted }) => ({ kind: 'ms', value: predicted?.ms ?? 0 }),
  },
];

/** Those that the report has figures of. */
export const metricsOf = ({ times, cost }: ModelReport): Metric[] =>
  METRICS.filter(
    ({ key }) =>
      (key !== 'ms' || times !== undefined) &&
      (key !== 'moved' || cost.kernels.length > 0) &&
      (key !== 'activated' || cost.params.activated !== cost.params.total),
  );

export const amount = (metric: Metric, row: ReportRow): number => Number(metric.of(row).value);
export const short = (metric: Metric, row: ReportRow): string => cellText(metric.of(row), 'short');
export const full = (metric: Metric, row: ReportRow): string => cellText(metric.of(row), 'exact');
