// The value of an expression at the points of a region, in float64: what expressions mean, for tests and for the
// evaluator of schedules. An expression is made a function once and called for each point.
import { unreachable } from '../invariant.ts';
import type { BinaryFn, DType } from '../ops/op.ts';
import { applyBinary, applyUnary, castScalar } from '../ops/scalar.ts';
import { evaluate } from '../shapes/dim.ts';
import type { BufferRef, Expr } from './schedule.ts';

/** Where a point is; `vars` and `accs` may be changed between calls. */
export interface Point {
  readonly vars: ArrayLike<number>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly accs?: ArrayLike<number>;
  /** The element of a buffer; called only for what the value depends on. */
  readonly load?: (buffer: BufferRef, at: number) => number;
}

export function evaluateExpr(expr: Expr, point: Point): number {
  return compileExpr(expr, point)();
}

/** The expression as a function of the point's present variables and accumulators. */
export function compileExpr(expr: Expr, point: Point): () => number {
  const done = new Map<Expr, () => number>();
  const compile = (e: Expr): (() => number) => {
    const old = done.get(e);
    const made = old ?? compileNew(e, point, compile);
    if (!old) done.set(e, made);
    return made;
  };
  return compile(expr);
}

function compileNew(expr: Expr, point: Point, compile: (expr: Expr) => () => number): () => number {
  switch (expr.kind) {
    case 'const':
      return () => expr.value;
    case 'var':
      return () => point.vars[expr.index] ?? Number.NaN;
    case 'size': {
      const size = Number(evaluate(expr.size, point.sizes));
      return () => size;
    }
    case 'acc':
      return () => point.accs?.[expr.index] ?? Number.NaN;
    case 'load': {
      const at = compile(expr.at);
      return () => point.load?.(expr.buffer, at()) ?? Number.NaN;
    }
    case 'unary': {
      const a = compile(expr.a);
      const dtype = dtypeOf(expr.a);
      return () => applyUnary(expr.fn, dtype, a());
    }
    case 'binary': {
      const [a, b] = [compile(expr.a), compile(expr.b)];
      const { dtype } = expr.a;
      if (dtype === 'u32') return () => indexValue(expr.fn, a(), b());
      return () => applyBinary(expr.fn, dtype, a(), b());
    }
    case 'select': {
      const [cond, then, other] = [expr.cond, expr.then, expr.else].map(compile);
      return () => (cond!() !== 0 ? then!() : other!());
    }
    case 'cast': {
      const a = compile(expr.a);
      const dtype = dtypeOf(expr);
      return () => castScalar(dtype, a());
    }
    default:
      return unreachable(expr, 'schedule');
  }
}

/** Indices are whole numbers without wrapping here: that they fit in 32 bits is checked elsewhere. */
function indexValue(fn: BinaryFn, a: number, b: number): number {
  const value = applyBinary(fn, 'f32', a, b);
  return fn === 'div' ? Math.floor(value) : value;
}

const dtypeOf = (expr: Expr): DType => (expr.dtype === 'u32' ? 'i32' : expr.dtype);
