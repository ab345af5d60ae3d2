// The counts that cost rules give, exact at any magnitude.

export interface Work {
  /** Multiply-adds of products and of attention, over the pairs that masks keep. */
  readonly macs: bigint;
  /** The same with every query attending to every key. */
  readonly macsFullSquare: bigint;
  /** Other f32 arithmetic, one for each operation on an element; exp, tanh, division count as one. */
  readonly elementwise: bigint;
}

export const NO_WORK: Work = { macs: 0n, macsFullSquare: 0n, elementwise: 0n };

export function addWork(a: Work, b: Work): Work {
  return {
    macs: a.macs + b.macs,
    macsFullSquare: a.macsFullSquare + b.macsFullSquare,
    elementwise: a.elementwise + b.elementwise,
  };
}

export function timesWork(a: Work, times: bigint): Work {
  return {
    macs: a.macs * times,
    macsFullSquare: a.macsFullSquare * times,
    elementwise: a.elementwise * times,
  };
}
