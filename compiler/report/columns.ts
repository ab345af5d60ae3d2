// The columns of a report: what each is called, what it says, and how it is read off a row. One list for every format.
import { flopsOf } from '../cost/conventions.ts';
import type { CostReport, CostRow } from '../cost/count-cost.ts';
import type { PredictedTimes } from '../cost/predict-times.ts';
import type { Prediction } from '../cost/roofline.ts';

/** A row, or the totals as if they were one. */
export interface ReportRow extends Omit<CostRow, 'operation' | 'count'> {
  readonly operation: CostRow['operation'] | undefined;
  /** `undefined` for totals and for what is folded from rows of unequal counts. */
  readonly count: number | undefined;
  /** Of the whole model's FLOPs; 0 where it has none. */
  readonly share: number;
  readonly predicted: Prediction | undefined;
}

export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  /** Exact. */
  | { readonly kind: 'count' | 'bytes'; readonly value: bigint }
  | { readonly kind: 'share' | 'ratio' | 'ms'; readonly value: number }
  | { readonly kind: 'none' };

export interface Column {
  /** For programs: the name in CSV. */
  readonly id: string;
  readonly title: string;
  /** What the figure is and how it comes about. */
  readonly says: string;
  /** The part of the table that it stands in. */
  readonly part: 'row' | 'work' | 'memory';
  /** Left out where it is missing; `lengths`: a run of more than one token. */
  readonly needs?: 'device' | 'schedule' | 'lengths';
  readonly of: (row: ReportRow, report: CostReport) => Cell;
}

const text = (value: string | undefined): Cell =>
  value === undefined || value === '' ? { kind: 'none' } : { kind: 'text', text: value };
const count = (value: bigint): Cell => ({ kind: 'count', value });
const bytes = (value: bigint): Cell => ({ kind: 'bytes', value });

export const COLUMNS: readonly Column[] = [
  {
    id: 'path',
    title: 'path',
    says: 'Where the layer stands; a star is the turn of a repeat.',
    part: 'row',
    of: ({ path }) => text(path || '(model)'),
  },
  {
    id: 'layer',
    title: 'layer',
    says: "The layer's name.",
    part: 'row',
    of: ({ layer }) => text(layer),
  },
  {
    id: 'operation',
    title: 'operation',
    says: 'The kind of core operation that most of its own work is in.',
    part: 'work',
    of: ({ operation }) => text(operation),
  },
  {
    id: 'times',
    title: 'times',
    says: 'How often the layer stands in the model; every figure of the row is for all of them.',
    part: 'work',
    of: ({ count: times }) => text(times === undefined ? undefined : String(times)),
  },
  {
    id: 'output_shape',
    title: 'output shape',
    says: 'What it gives, once.',
    part: 'work',
    of: ({ output }) => text(output?.shape.join(' x ')),
  },
  {
    id: 'params',
    title: 'parameters',
    says: 'Trained numbers; a tied weight counts once.',
    part: 'work',
    of: ({ params }) => count(params),
  },
  {
    id: 'activated',
    title: 'activated',
    says: 'Parameters that a token meets, those of experts by the share of the tokens that each gets.',
    part: 'work',
    of: ({ activated }) => count(activated),
  },
  {
    id: 'macs',
    title: 'MACs',
    says: 'Multiply-adds of products, and of attention over the pairs of query and key that its mask keeps.',
    part: 'work',
    of: ({ work }) => count(work.macs),
  },
  {
    id: 'flops',
    title: 'FLOPs',
    says: '2 for each multiply-add.',
    part: 'work',
    of: ({ work }) => count(flopsOf(work, 'exact')),
  },
  {
    id: 'share',
    title: 'share',
    says: "Of the model's FLOPs.",
    part: 'work',
    of: ({ share }) => ({ kind: 'share', value: share }),
  },
  {
    id: 'flops_quadratic',
    needs: 'lengths',
    title: 'quadratic',
    says: 'FLOPs that grow with the square of the length: attention to everything before, not to a window.',
    part: 'work',
    of: ({ quadraticMacs }) => count(2n * quadraticMacs),
  },
  {
    id: 'flops_attention',
    title: 'attention',
    says: 'FLOPs of attention over the pairs that masks keep: half of the square where it is causal.',
    part: 'work',
    of: ({ work }) => count(2n * work.attentionMacs),
  },
  {
    id: 'flops_full_square',
    needs: 'lengths',
    title: 'full square',
    says: 'FLOPs if every query attended to every key.',
    part: 'work',
    of: ({ work }) => count(2n * work.macsFullSquare),
  },
  {
    id: 'elementwise',
    title: 'elementwise',
    says: 'Other arithmetic on f32, one for each operation on an element; not among the FLOPs.',
    part: 'work',
    of: ({ work }) => count(work.elementwise),
  },
  {
    id: 'weight_bytes',
    title: 'weights',
    says: 'Bytes of the parameters.',
    part: 'memory',
    of: ({ params }, { elementBytes }) => bytes(params * elementBytes),
  },
  {
    id: 'activation_bytes',
    title: 'activations',
    says: 'Bytes that it writes to memory in one run; what fusion keeps in registers is not written.',
    part: 'memory',
    needs: 'schedule',
    of: ({ activations }) => bytes(activations),
  },
  {
    id: 'cache_bytes_per_token',
    title: 'KV cache / token',
    says: 'Bytes of keys and values that a decoder keeps for each token of a sequence.',
    part: 'memory',
    of: ({ cachePerToken }) => bytes(cachePerToken),
  },
  {
    id: 'bytes_moved',
    title: 'moved',
    says: 'Bytes read and written by its kernels, each element once in a kernel; of a kernel of several layers, its share of the work.',
    part: 'memory',
    needs: 'schedule',
    of: ({ moved }) => bytes(moved),
  },
  {
    id: 'intensity',
    title: 'FLOPs / byte',
    says: 'FLOPs for each byte moved: below the ridge of a device, memory bounds it.',
    part: 'memory',
    needs: 'schedule',
    of: ({ work, moved }) =>
      moved > 0n
        ? { kind: 'ratio', value: Number(flopsOf(work, 'exact')) / Number(moved) }
        : { kind: 'none' },
  },
  {
    id: 'bound',
    title: 'bound',
    says: 'What takes longest on the device: computing, moving bytes, or starting kernels.',
    part: 'memory',
    needs: 'device',
    of: ({ predicted }) => text(predicted?.bound),
  },
  {
    id: 'predicted_ms',
    title: 'predicted',
    says: "Its share of the time of its kernels, each of which takes the longer of its FLOPs at the device's rate and its bytes at the device's bandwidth, and a start.",
    part: 'memory',
    needs: 'device',
    of: ({ predicted }) => (predicted ? { kind: 'ms', value: predicted.ms } : { kind: 'none' }),
  },
];

/** The columns that a report has figures for. */
export const columnsFor = (report: CostReport, times: PredictedTimes | undefined): Column[] =>
  COLUMNS.filter(
    ({ needs }) =>
      needs === undefined ||
      {
        device: times !== undefined,
        schedule: report.kernels.length > 0,
        lengths: report.mode === 'forward',
      }[needs],
  );
