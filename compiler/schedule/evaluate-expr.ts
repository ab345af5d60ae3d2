// The value of an expression at one point, in float64: what expressions mean, for tests and the reference evaluator.
import type { BinaryFn, DType } from '../ops/op.ts';
import { applyBinary, applyUnary, castScalar } from '../ops/scalar.ts';
import { evaluate } from '../shapes/dim.ts';
import type { BufferRef, Expr } from './schedule.ts';

export interface Point {
  readonly vars: readonly number[];
  readonly sizes: Readonly<Record<string, number>>;
  readonly accs?: readonly number[];
  /** The element of a buffer; called only for what the value depends on. */
  readonly load?: (buffer: BufferRef, at: number) => number;
}

export function evaluateExpr(expr: Expr, point: Point): number {
  const value = (e: Expr): number => evaluateExpr(e, point);
  switch (expr.kind) {
    case 'const':
      return expr.value;
    case 'var':
      return point.vars[expr.index] ?? Number.NaN;
    case 'size':
      return Number(evaluate(expr.size, point.sizes));
    case 'acc':
      return point.accs?.[expr.index] ?? Number.NaN;
    case 'load':
      return point.load?.(expr.buffer, value(expr.at)) ?? Number.NaN;
    case 'unary':
      return applyUnary(expr.fn, dtypeOf(expr.a), value(expr.a));
    case 'binary':
      return binaryValue(expr.fn, expr.a, value(expr.a), value(expr.b));
    case 'select':
      return value(value(expr.cond) !== 0 ? expr.then : expr.else);
    case 'cast':
      return castScalar(dtypeOf(expr), value(expr.a));
  }
}

/** Indices are whole numbers without wrapping here: that they fit in 32 bits is checked elsewhere. */
function binaryValue(fn: BinaryFn, operand: Expr, a: number, b: number): number {
  if (operand.dtype !== 'u32') return applyBinary(fn, operand.dtype, a, b);
  const value = applyBinary(fn, 'f32', a, b);
  return fn === 'div' ? Math.floor(value) : value;
}

const dtypeOf = (expr: Expr): DType => (expr.dtype === 'u32' ? 'i32' : expr.dtype);
