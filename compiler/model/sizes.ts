// Exact arithmetic on sizes and whole numbers, and float arithmetic on numbers, at compile time.
// Results are bounded (limits.ts): a formula or a number that grows too large is a mistake, not a hang.
import type { BinaryOperator } from '../ast/ast.ts';
import {
  add,
  asBigInt,
  atomsOf,
  constant,
  type Dim,
  div,
  equal,
  isWhole,
  mul,
  ONE,
  roundedBy,
  sub,
  symbol,
} from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { LIMITS } from './limits.ts';
import { mistake } from './mistake.ts';
import { type Numeric, POISON, type SizeValue, type Value } from './value.ts';

export const sizeOf = (size: Dim): SizeValue => ({ kind: 'size', size });

/** The exact value of a size without symbols, as numerator and denominator. */
export function rationalOf(size: Dim): readonly [bigint, bigint] | undefined {
  const [only, ...more] = size.terms;
  if (!only) return [0n, 1n];
  return more.length === 0 && only.powers.length === 0 ? [only.num, only.den] : undefined;
}

/** A number as a float; `undefined` if it depends on a symbol. */
export function floatOf(value: Numeric): number | undefined {
  if (value.kind === 'number') return value.value;
  const rational = rationalOf(value.size);
  return rational && Number(rational[0]) / Number(rational[1]);
}

const isOpaque = (atom: string): boolean => /[^\w.]/.test(atom);

/** True if two sizes are certainly, or in a generic check possibly, the same. */
export function mayEqual(env: Env, a: Dim, b: Dim): boolean {
  if (equal(a, b)) return true;
  if (!env.run.isGeneric) return false;
  const difference = sub(a, b);
  if (rationalOf(difference)) return false;
  if (!isWhole(difference) || atomsOf(difference).some(isOpaque)) return true;
  return env.run.equations.length > 0;
}

/** The size itself if it is small enough to work with, else a diagnostic. */
export function bounded(env: Env, size: Dim, span: Span): SizeValue | undefined {
  const tooLong = termsIn(size) > LIMITS.terms || degreeOf(size) > LIMITS.terms;
  const tooLarge = size.terms.some(
    ({ num, den }) => magnitude(num) >> LIMITS.bits !== 0n || den >> LIMITS.bits !== 0n,
  );
  if (!tooLong && !tooLarge) return sizeOf(size);
  mistake(env, 'BF2045', 'the number is too large', span);
  return undefined;
}

/** The terms of a size, with those of the quotients that it rounds up. */
const termsIn = ({ terms }: Dim): number =>
  sum(terms, ({ powers }) => 1 + sum(powers, ([atom]) => within(atom, termsIn, 0)));

/** The largest degree of a term, where a quotient that is rounded up has its own. */
const degreeOf = ({ terms }: Dim): number =>
  Math.max(
    0,
    ...terms.map(({ powers }) =>
      sum(powers, ([atom, power]) => Math.abs(power) * within(atom, degreeOf, 1)),
    ),
  );

function within(atom: string, measure: (quotient: Dim) => number, ofSymbol: number): number {
  const quotient = roundedBy(atom);
  return quotient ? measure(quotient) : ofSymbol;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** The size of an operation whose exact result is not a formula; known only by its text in a generic check. */
export function opaque(env: Env, text: string, span: Span): Value {
  if (env.run.isGeneric)
    return sizeOf(symbol(text.length > 200 ? `${text.slice(0, 200)}...` : text));
  return mistake(env, 'BF2028', `${text} is known only at run time`, span);
}

/** `a op b` for two exact numbers. */
export function exactArithmetic(
  env: Env,
  op: BinaryOperator,
  a: SizeValue,
  b: SizeValue,
  span: Span,
): Value {
  const done = (size: Dim): Value => bounded(env, size, span) ?? POISON;
  switch (op) {
    case '+':
      return done(add(a.size, b.size));
    case '-':
      return done(sub(a.size, b.size));
    case '*':
      return done(mul(a.size, b.size));
    case '/':
      return exactQuotient(env, a, b, span);
    case '%':
      return exactRemainder(env, a.size, b.size, span);
    default:
      return exactPower(env, a.size, b.size, span);
  }
}

function exactQuotient(env: Env, a: SizeValue, b: SizeValue, span: Span): Value {
  if (b.size.terms.length === 0) return mistake(env, 'BF2026', 'division by zero', span);
  const quotient = div(a.size, b.size);
  if (!quotient) return opaque(env, `(${a.size.text})/(${b.size.text})`, span);
  const result = bounded(env, quotient, span);
  if (!result) return POISON;
  return isWhole(quotient)
    ? result
    : { ...result, division: { span, left: a.size, right: b.size, related: [] } };
}

function exactRemainder(env: Env, a: Dim, b: Dim, span: Span): Value {
  if (b.terms.length === 0) return mistake(env, 'BF2026', 'division by zero', span);
  const quotient = div(a, b);
  if (quotient && isWhole(quotient)) return sizeOf(constant(0));
  const [x, y] = [asBigInt(a), asBigInt(b)];
  if (x === undefined || y === undefined) return opaque(env, `(${a.text}) % (${b.text})`, span);
  return sizeOf(constant(((x % y) + y) % y));
}

function exactPower(env: Env, a: Dim, b: Dim, span: Span): Value {
  const exponent = asBigInt(b);
  if (exponent === undefined) return opaque(env, `(${a.text}) ^ (${b.text})`, span);
  if (exponent < 0n) {
    const inverse = a.terms.length === 0 ? undefined : div(ONE, a);
    if (!inverse) return mistake(env, 'BF2026', `${a.text} has no power ${b.text}`, span);
    return exactPower(env, inverse, constant(-exponent), span);
  }
  if (exponent > LIMITS.bits && !isTrivialBase(a)) {
    return mistake(env, 'BF2045', 'the number is too large', span);
  }
  let result: Dim = ONE;
  const turns = isTrivialBase(a)
    ? Number(exponent > 1n ? 2n - (exponent % 2n) : exponent)
    : Number(exponent);
  for (let i = 0; i < turns; i++) {
    const next = bounded(env, mul(result, a), span);
    if (!next) return POISON;
    result = next.size;
  }
  return sizeOf(result);
}

/** 0, 1 or -1: the only bases whose large powers stay small. */
function isTrivialBase(a: Dim): boolean {
  const value = asBigInt(a);
  return value !== undefined && value >= -1n && value <= 1n;
}

/** `a op b` on floats; the result is not known if an operand is not. */
export function floatArithmetic(op: BinaryOperator, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a - b * Math.floor(a / b);
    default:
      return a ** b;
  }
}

/** Whether `a op b` holds; `undefined` if that depends on symbols. */
export function compare(op: BinaryOperator, a: Numeric, b: Numeric): boolean | undefined {
  const sign = signOfDifference(a, b);
  if (sign === undefined) return undefined;
  switch (op) {
    case '==':
      return sign === 0;
    case '!=':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    default:
      return sign >= 0;
  }
}

function signOfDifference(a: Numeric, b: Numeric): number | undefined {
  if (a.kind === 'size' && b.kind === 'size') {
    const rational = rationalOf(sub(a.size, b.size));
    if (!rational) return undefined;
    return rational[0] === 0n ? 0 : rational[0] < 0n ? -1 : 1;
  }
  const [x, y] = [floatOf(a), floatOf(b)];
  return x === undefined || y === undefined ? undefined : Math.sign(x - y);
}
