// The value of an expression at one point, in float64: what expressions mean, for tests and the reference evaluator.
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
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
      return unaryValue(expr.fn, value(expr.a));
    case 'binary':
      return binaryValue(expr.fn, expr.a.dtype !== 'f32', value(expr.a), value(expr.b));
    case 'select':
      return value(value(expr.cond) !== 0 ? expr.then : expr.else);
    case 'cast':
      return castValue(expr.dtype === 'f32', value(expr.a));
  }
}

/** Casts to whole numbers round toward zero; bool is 0 or 1. */
const castValue = (toFloat: boolean, a: number): number => (toFloat ? a : Math.trunc(a));

function unaryValue(fn: UnaryFn, a: number): number {
  switch (fn) {
    case 'neg':
      return -a;
    case 'abs':
      return Math.abs(a);
    case 'floor':
      return Math.floor(a);
    case 'exp':
      return Math.exp(a);
    case 'log':
      return Math.log(a);
    case 'sqrt':
      return Math.sqrt(a);
    case 'rsqrt':
      return 1 / Math.sqrt(a);
    case 'tanh':
      return Math.tanh(a);
    case 'erf':
      return erf(a);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-a));
    case 'sin':
      return Math.sin(a);
    case 'cos':
      return Math.cos(a);
    case 'not':
      return a === 0 ? 1 : 0;
  }
}

/** Series near zero, continued fraction for the tail: full double precision. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

function binaryValue(fn: BinaryFn, whole: boolean, a: number, b: number): number {
  switch (fn) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return whole ? Math.floor(a / b) : a / b;
    case 'mod':
      return a - b * Math.floor(a / b);
    case 'pow':
      return a ** b;
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'eq':
      return Number(a === b);
    case 'ne':
      return Number(a !== b);
    case 'lt':
      return Number(a < b);
    case 'le':
      return Number(a <= b);
    case 'and':
      return Number(a !== 0 && b !== 0);
    case 'or':
      return Number(a !== 0 || b !== 0);
  }
}
