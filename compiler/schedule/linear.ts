// Index arithmetic as a sum: constant + coefficient * atom + ..., where atoms are expressions that are no sums
// themselves (loop variables, quotients, remainders, looked-up indices) and coefficients are sizes.
// Pure arithmetic on such sums; making expressions of them, and proofs about ranges, are elsewhere.
import {
  add,
  asBigInt,
  constant,
  type Dim,
  div,
  equal,
  isWhole,
  mul,
  ONE,
  sub,
  ZERO,
} from '../shapes/dim.ts';
import type { Expr } from './schedule.ts';

export interface Linear {
  readonly constant: Dim;
  readonly terms: ReadonlyMap<Expr, Dim>;
}

export const constantLinear = (constant: Dim): Linear => ({ constant, terms: new Map() });
export const atomLinear = (atom: Expr): Linear => ({
  constant: ZERO,
  terms: new Map([[atom, ONE]]),
});

export const isZero = (dim: Dim): boolean => dim.terms.length === 0;

export function addLinear(a: Linear, b: Linear): Linear {
  if (b.terms.size === 0 && isZero(b.constant)) return a;
  const terms = new Map(a.terms);
  for (const [atom, coefficient] of b.terms) {
    const old = terms.get(atom);
    const sum = old ? add(old, coefficient) : coefficient;
    if (isZero(sum)) terms.delete(atom);
    else terms.set(atom, sum);
  }
  return { constant: add(a.constant, b.constant), terms };
}

export function scaleLinear(a: Linear, by: Dim): Linear {
  if (isZero(by)) return constantLinear(ZERO);
  if (equal(by, ONE)) return a;
  return {
    constant: mul(a.constant, by),
    terms: new Map([...a.terms].map(([atom, coefficient]) => [atom, mul(coefficient, by)])),
  };
}

export const subLinear = (a: Linear, b: Linear): Linear =>
  addLinear(a, scaleLinear(b, sub(ZERO, ONE)));

/** The exact whole quotient of two sizes, where there is one whatever the symbols are. */
export function wholeQuotient(a: Dim, b: Dim): Dim | undefined {
  const quotient = div(a, b);
  return quotient && isWhole(quotient) ? quotient : undefined;
}

/** Splits into `by * quotient + rest`, moving into the quotient whatever is a multiple whatever the symbols are. */
export function splitLinear(a: Linear, by: Dim): { quotient: Linear; rest: Linear } {
  const quotient = new Map<Expr, Dim>();
  const rest = new Map<Expr, Dim>();
  for (const [atom, coefficient] of a.terms) {
    const whole = wholeQuotient(coefficient, by);
    if (whole) quotient.set(atom, whole);
    else rest.set(atom, coefficient);
  }
  const whole = wholeQuotient(a.constant, by) ?? floorQuotient(a.constant, by);
  return {
    quotient: { constant: whole ?? ZERO, terms: quotient },
    rest: { constant: whole ? sub(a.constant, mul(whole, by)) : a.constant, terms: rest },
  };
}

/** floor(a / b) of two plain numbers, so that 9 = 4 * 2 + 1 splits too. */
function floorQuotient(a: Dim, b: Dim): Dim | undefined {
  const [top, bottom] = [asBigInt(a), asBigInt(b)];
  if (top === undefined || bottom === undefined || bottom <= 0n) return undefined;
  const remainder = ((top % bottom) + bottom) % bottom;
  return constant((top - remainder) / bottom);
}
