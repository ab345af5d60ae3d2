// What is known about the values of index expressions: smallest and largest values as sizes, and proofs of
// inequalities between sizes that hold for all values of the symbols. `undefined` and `false` mean "not known".
import {
  add,
  asNumber,
  atomsOf,
  constant,
  type Dim,
  mul,
  ONE,
  sub,
  substitute,
  symbol,
  ZERO,
} from '../shapes/dim.ts';
import type { Linear } from './linear.ts';
import { wholeQuotient } from './linear.ts';
import type { Expr, LoopVar } from './schedule.ts';

/** The facts that proofs start from: the sizes of the loops, and the smallest values of the symbols. */
export interface Facts {
  readonly loopSize: (loop: LoopVar) => Dim;
  readonly minimum: (symbol: string) => number;
  readonly linearOf: (expr: Expr) => Linear;
}

/** Inclusive. */
export interface Bounds {
  readonly lower: Dim | undefined;
  readonly upper: Dim | undefined;
}

/** True if the size is zero or more whatever the symbols are: each is written as its minimum plus a rest. */
export function isNonNegative(facts: Facts, dim: Dim): boolean {
  if (dim.terms.every((term) => term.num > 0n)) return true;
  if (dim.terms.some((term) => term.powers.some(([, power]) => power < 0))) return false;
  const shifted = new Map(
    atomsOf(dim).map((atom) => [atom, add(symbol(atom), constant(facts.minimum(atom)))]),
  );
  return substitute(dim, shifted).terms.every((term) => term.num > 0n);
}

/** Smallest and largest value of a sum. */
export function linearBounds(facts: Facts, linear: Linear): Bounds {
  let lower: Dim | undefined = linear.constant;
  let upper: Dim | undefined = linear.constant;
  for (const [atom, coefficient] of linear.terms) {
    const range = boundsOf(facts, atom);
    const rising = isNonNegative(facts, coefficient);
    if (!rising && !isNonNegative(facts, sub(ZERO, coefficient))) {
      return { lower: undefined, upper: undefined };
    }
    const [low, high] = rising ? [range.lower, range.upper] : [range.upper, range.lower];
    lower = lower && low && add(lower, mul(coefficient, low));
    upper = upper && high && add(upper, mul(coefficient, high));
  }
  return { lower, upper };
}

/** Smallest and largest value of a whole-number expression. */
export function boundsOf(facts: Facts, expr: Expr): Bounds {
  switch (expr.kind) {
    case 'var':
      return { lower: ZERO, upper: sub(facts.loopSize(expr.index), ONE) };
    case 'const':
      return Number.isInteger(expr.value)
        ? { lower: constant(expr.value), upper: constant(expr.value) }
        : unknown(expr);
    case 'size':
      return { lower: expr.size, upper: expr.size };
    case 'cast':
      return castBounds(facts, expr, expr.a);
    case 'select': {
      const then = boundsOf(facts, expr.then);
      const other = boundsOf(facts, expr.else);
      return {
        lower: least(facts, then.lower, other.lower) ?? unknown(expr).lower,
        upper: greatest(facts, then.upper, other.upper),
      };
    }
    case 'binary':
      return binaryBounds(facts, expr);
    case 'load':
    case 'acc':
    case 'unary':
      return unknown(expr);
  }
}

const unknown = (expr: Expr): Bounds => ({
  lower: expr.dtype === 'u32' ? ZERO : undefined,
  upper: undefined,
});

function castBounds(facts: Facts, to: Expr, from: Expr): Bounds {
  if (from.dtype === 'f32') return unknown(to);
  if (from.dtype === 'bool') return { lower: ZERO, upper: ONE };
  const bounds = boundsOf(facts, from);
  const fits = bounds.lower !== undefined && isNonNegative(facts, bounds.lower);
  return to.dtype === 'u32' && !fits ? unknown(to) : bounds;
}

function binaryBounds(facts: Facts, expr: Expr & { kind: 'binary' }): Bounds {
  if (expr.dtype === 'u32' && (expr.fn === 'div' || expr.fn === 'mod')) {
    return quotientBounds(facts, expr);
  }
  if (expr.dtype === 'u32' && (expr.fn === 'add' || expr.fn === 'sub' || expr.fn === 'mul')) {
    return linearBounds(facts, facts.linearOf(expr));
  }
  const a = boundsOf(facts, expr.a);
  const b = boundsOf(facts, expr.b);
  if (expr.fn === 'min') {
    return {
      lower: least(facts, a.lower, b.lower) ?? unknown(expr).lower,
      upper: least(facts, a.upper, b.upper) ?? a.upper ?? b.upper,
    };
  }
  if (expr.fn === 'max') {
    return {
      lower: greatest(facts, a.lower, b.lower) ?? a.lower ?? b.lower,
      upper: greatest(facts, a.upper, b.upper),
    };
  }
  return unknown(expr);
}

function quotientBounds(facts: Facts, expr: Expr & { kind: 'binary' }): Bounds {
  const by = boundsOf(facts, expr.b).upper;
  const top = boundsOf(facts, expr.a).upper;
  if (!by) return unknown(expr);
  if (expr.fn === 'mod') return { lower: ZERO, upper: sub(by, ONE) };
  if (!top) return unknown(expr);
  const whole = wholeQuotient(add(top, ONE), by);
  if (whole) return { lower: ZERO, upper: sub(whole, ONE) };
  const [a, b] = [asNumber(top), asNumber(by)];
  if (a !== undefined && b !== undefined && b > 0) {
    return { lower: ZERO, upper: constant(Math.floor(a / b)) };
  }
  return { lower: ZERO, upper: top };
}

function least(facts: Facts, a: Dim | undefined, b: Dim | undefined): Dim | undefined {
  if (!a || !b) return undefined;
  if (isNonNegative(facts, sub(b, a))) return a;
  return isNonNegative(facts, sub(a, b)) ? b : undefined;
}

function greatest(facts: Facts, a: Dim | undefined, b: Dim | undefined): Dim | undefined {
  if (!a || !b) return undefined;
  if (isNonNegative(facts, sub(b, a))) return b;
  return isNonNegative(facts, sub(a, b)) ? a : undefined;
}
