// A model of a less exact machine: what it makes of each exact f32 result. The reference evaluator rounds nothing
// unless it is given one; tests use it to learn how far float32 may stray from float64 (test/support/tolerance.ts).
import type { BinaryFn, UnaryFn } from '../ops/op.ts';

/** What makes each result less exact. */
export interface Rounding {
  unary(fn: UnaryFn, x: number, exact: number): number;
  binary(fn: BinaryFn, a: number, b: number, exact: number): number;
  /** A sum of `terms` numbers (or products) whose absolute values add up to `magnitude`; a constant is one term. */
  sum(exact: number, magnitude: number, terms: number): number;
}

/** What an evaluation did, counted as it happens: the check on the cost rules (cost/cost-rule.ts). */
export interface Work {
  /** Multiply-adds of products and of attention. */
  macs: number;
  /** Other f32 arithmetic, one for each operation on an element. */
  elementwise: number;
}

export interface Machine {
  readonly work: Work;
  readonly rounding: Rounding | undefined;
}
