// Everything that a report shows of one model at given sizes, as data: what the formats in this folder write out.
import type { CostReport } from '../cost/count-cost.ts';
import type { PredictedTimes } from '../cost/predict-times.ts';
import type { Roofline } from '../cost/roofline.ts';
import type { SymbolicCost } from '../cost/symbolic-cost.ts';
import type { MemoryAt } from '../schedule/memory-timeline.ts';
import type { SourceFile } from '../source.ts';
import type { Flow } from './flow.ts';
import type { Part } from './structure.ts';

/** Bytes that a session allocates on the device for a run at the report's sizes. */
export interface MemoryClasses {
  readonly weights: number;
  /** The buffers that hold activations, which values share over time. */
  readonly activations: number;
  readonly inputs: number;
  /** Sizes for the kernels, and the buffer that outputs are read back from. */
  readonly other: number;
  readonly total: number;
}

/** The device that times are predicted for. */
export interface ReportDevice {
  readonly name: string;
  readonly kind: 'measured' | 'data sheet';
  readonly roofline: Roofline;
}

/** All that a report shows of a model at given sizes; figures are exact. */
export interface ModelReport {
  /** The model's own comment. */
  readonly doc: string | undefined;
  /** As the model was asked for: `model.bform` or `model.bform:tiny`. */
  readonly place: string;
  /** Of the model's structure: equal for models that mean the same. */
  readonly hash: string;
  readonly cost: CostReport;
  /** How weights and activations are taken to be stored. */
  readonly stored: 'f32' | 'f16';
  /** Only for what the compiler emits: a forward run in f32. */
  readonly memory: MemoryClasses | undefined;
  readonly device: ReportDevice | undefined;
  /** Where there is a device. */
  readonly times: PredictedTimes | undefined;
  /** A forward run's costs in `b` and `t`; absent where some mask keeps a number of pairs that is no polynomial. */
  readonly formulas: SymbolicCost | undefined;
  /** Bytes of activations in use while each kernel runs, in the order of `cost.kernels`. */
  readonly timeline: readonly MemoryAt[];
  readonly structure: readonly Part[];
  /** How values flow through the parts of the model itself. */
  readonly flow: Flow;
  /** The model's file first, then the others that it uses. */
  readonly sources: readonly SourceFile[];
}
