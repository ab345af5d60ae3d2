// How long work takes on a device, by its roofline: it computes or it moves bytes, whichever takes longer, after a
// fixed cost for each dispatch. Williams, Waterman, Patterson 2009, doi 10.1145/1498765.1498785. Measures nothing;
// the figures come from a profile (runtime/device-profile.ts) or from a test.

/** What of a device bounds its speed. */
export interface Roofline {
  /** FLOP/s of fused multiply-adds, each of which is 2 FLOPs. */
  readonly flops: number;
  /** Bytes read and written, together, in a second. */
  readonly bytesPerSecond: number;
  /** Milliseconds that each dispatch takes besides its work; 0 where it is not known. */
  readonly dispatchMs: number;
  /** Milliseconds of handing over commands and waiting for their end, once a run; 0 where it is not known. */
  readonly submitMs: number;
}

/** Work to be done, of one kernel or of many. */
export interface Demand {
  /** FLOPs of multiply-adds: 2 for each. */
  readonly flops: number;
  /** Other operations on an element, each as long as one multiply-add. None where absent. */
  readonly elementwise?: number;
  /** Bytes read and written. */
  readonly bytes: number;
  readonly dispatches: number;
}

export type Bound = 'compute' | 'memory' | 'dispatch';

export interface Prediction {
  /** Without the submit, which is one for the whole run. */
  readonly ms: number;
  /** What takes longest. */
  readonly bound: Bound;
}

/** The time of work that nothing else disturbs: a lower bound, which kernels reach more or less. */
export function predict(demand: Demand, roofline: Roofline): Prediction {
  const operations = demand.flops + 2 * (demand.elementwise ?? 0);
  const compute = (1000 * operations) / roofline.flops;
  const memory = (1000 * demand.bytes) / roofline.bytesPerSecond;
  const dispatch = demand.dispatches * roofline.dispatchMs;
  const work = Math.max(compute, memory);
  const bound = dispatch > work ? 'dispatch' : compute > memory ? 'compute' : 'memory';
  return { ms: work + dispatch, bound };
}

/** FLOPs for each byte moved from which on computing takes longer than moving. */
export const ridgePoint = ({ flops, bytesPerSecond }: Roofline): number => flops / bytesPerSecond;
