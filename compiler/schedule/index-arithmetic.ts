// Arithmetic on u32 indices in one normal form: sums of atoms times sizes, with quotients and remainders split, joined
// and dropped wherever the ranges of the loops prove it right.
// Works on interned expressions through the few constructors that it is given; knows no loads and no floats.
import { invariant } from '../invariant.ts';
import type { BinaryFn } from '../ops/op.ts';
import { add, constant, type Dim, equal, mul, ONE, sub, termsOf, ZERO } from '../shapes/dim.ts';
import { type Facts, isNonNegative, linearBounds } from './bounds.ts';
import {
  addLinear,
  atomLinear,
  constantLinear,
  isZero,
  type Linear,
  scaleLinear,
  splitLinear,
  subLinear,
  wholeQuotient,
} from './linear.ts';
import type { Expr, ExprType } from './schedule.ts';

/** What makes the expressions; each gives the same object for the same arguments. */
export interface Makers extends Pick<Facts, 'loopSize' | 'minimum'> {
  idOf(expr: Expr): number;
  constant(value: number, dtype: ExprType): Expr;
  size(size: Dim): Expr;
  /** The node as it stands, without simplification. */
  binary(fn: BinaryFn, dtype: ExprType, a: Expr, b: Expr): Expr;
}

export interface IndexArithmetic {
  add(a: Expr, b: Expr): Expr;
  sub(a: Expr, b: Expr): Expr;
  scale(a: Expr, by: Dim): Expr;
  /** The sum of expressions, each times a size. */
  sum(terms: readonly (readonly [Expr, Dim])[]): Expr;
  /** Rounds down. */
  div(a: Expr, by: Dim): Expr;
  mod(a: Expr, by: Dim): Expr;
  /** Any of the above, or a comparison, of two index expressions. */
  binary(fn: BinaryFn, a: Expr, b: Expr): Expr;
  /** True if the index is in [0, size) at every point of the loops. */
  isWithin(index: Expr, size: Dim): boolean;
  /** The sum that an index expression is. */
  linearOf(expr: Expr): Linear;
  readonly facts: Facts;
}

export function createIndexArithmetic(make: Makers): IndexArithmetic {
  const { idOf } = make;
  const sizeOf = make.size;
  const rawBinary = make.binary;
  const linears = new Map<Expr, Linear>();
  const facts: Facts = { loopSize: make.loopSize, minimum: make.minimum, linearOf };

  function linearOf(expr: Expr): Linear {
    let linear = linears.get(expr);
    if (!linear) {
      linear = readLinear(expr);
      linears.set(expr, linear);
    }
    return linear;
  }
  function readLinear(expr: Expr): Linear {
    if (expr.kind === 'const') return constantLinear(constant(expr.value));
    if (expr.kind === 'size') return constantLinear(expr.size);
    if (expr.kind !== 'binary') return atomLinear(expr);
    if (expr.fn === 'add') return addLinear(linearOf(expr.a), linearOf(expr.b));
    if (expr.fn === 'sub') return subLinear(linearOf(expr.a), linearOf(expr.b));
    if (expr.fn !== 'mul') return atomLinear(expr);
    const by = linearOf(expr.b);
    return by.terms.size === 0 ? scaleLinear(linearOf(expr.a), by.constant) : atomLinear(expr);
  }

  /** Terms that are added, in a fixed order, then those that are subtracted: u32 sums may not start below zero. */
  function fromLinear(linear: Linear): Expr {
    const plus: Expr[] = [];
    const minus: Expr[] = [];
    const put = (atom: Expr | undefined, coefficient: Dim): void => {
      for (const [part, list] of signedParts(facts, coefficient, plus, minus)) {
        list.push(atom ? timesSize(atom, part) : sizeOf(part));
      }
    };
    const order = [...linear.terms.keys()].sort((a, b) => idOf(a) - idOf(b));
    for (const atom of order) put(atom, linear.terms.get(atom)!);
    if (!isZero(linear.constant)) put(undefined, linear.constant);
    const sum =
      plus.length === 0
        ? make.constant(0, 'u32')
        : plus.reduce((a, b) => rawBinary('add', 'u32', a, b));
    return minus.reduce((a, b) => rawBinary('sub', 'u32', a, b), sum);
  }
  const timesSize = (atom: Expr, by: Dim): Expr =>
    equal(by, ONE) ? atom : rawBinary('mul', 'u32', atom, sizeOf(by));

  const normal = (linear: Linear): Expr => fromLinear(recombine(linear));

  /** Replaces c * n * (x / n) + c * (x % n) by c * x. */
  function recombine(linear: Linear): Linear {
    for (const [atom, coefficient] of linear.terms) {
      if (atom.kind !== 'binary' || atom.fn !== 'mod') continue;
      const by = linearOf(atom.b).constant;
      const quotient = div(atom.a, by);
      const other = linear.terms.get(quotient);
      if (!other || !equal(other, mul(coefficient, by))) continue;
      const rest = new Map(linear.terms);
      rest.delete(atom);
      rest.delete(quotient);
      const whole = scaleLinear(linearOf(atom.a), coefficient);
      return recombine(addLinear({ constant: linear.constant, terms: rest }, whole));
    }
    return linear;
  }

  function within(linear: Linear, size: Dim): boolean {
    const { lower, upper } = linearBounds(facts, linear);
    if (!lower || !upper) return false;
    return isNonNegative(facts, lower) && isNonNegative(facts, sub(sub(size, ONE), upper));
  }
  function notNegative(linear: Linear): boolean {
    const { lower } = linearBounds(facts, linear);
    return lower !== undefined && isNonNegative(facts, lower);
  }

  const quotients = new Map<string, Expr>();
  function remembered(sign: '/' | '%', a: Expr, by: Dim, make: () => Expr): Expr {
    const key = `${idOf(a)} ${sign} ${by.text}`;
    const old = quotients.get(key);
    const made = old ?? make();
    if (!old) quotients.set(key, made);
    return made;
  }
  const div = (a: Expr, by: Dim): Expr => remembered('/', a, by, () => newDiv(a, by));
  const mod = (a: Expr, by: Dim): Expr => remembered('%', a, by, () => newMod(a, by));

  function newDiv(a: Expr, by: Dim): Expr {
    if (equal(by, ONE)) return a;
    const { quotient, rest } = splitLinear(linearOf(a), by);
    if (within(rest, by)) return normal(quotient);
    if ((quotient.terms.size > 0 || !isZero(quotient.constant)) && notNegative(rest)) {
      return normal(addLinear(quotient, linearOf(div(normal(rest), by))));
    }
    const coarse = coarser(linearOf(a), by);
    if (coarse) return div(normal(coarse.quotient), coarse.parts);
    if (a.kind === 'binary' && a.fn === 'div') return div(a.a, mul(by, linearOf(a.b).constant));
    if (a.kind === 'binary' && a.fn === 'mod') {
      const parts = wholeQuotient(linearOf(a.b).constant, by);
      if (parts) return mod(div(a.a, by), parts);
    }
    return rawBinary('div', 'u32', a, sizeOf(by));
  }

  function newMod(a: Expr, by: Dim): Expr {
    if (equal(by, ONE)) return make.constant(0, 'u32');
    const { quotient, rest } = splitLinear(linearOf(a), by);
    if (within(rest, by)) return normal(rest);
    if ((quotient.terms.size > 0 || !isZero(quotient.constant)) && notNegative(rest)) {
      return mod(normal(rest), by);
    }
    const coarse = coarser(linearOf(a), by);
    if (coarse) {
      const high = linearOf(mod(normal(coarse.quotient), coarse.parts));
      return normal(addLinear(scaleLinear(high, coarse.unit), coarse.rest));
    }
    if (a.kind === 'binary' && a.fn === 'mod' && wholeQuotient(linearOf(a.b).constant, by)) {
      return mod(a.a, by);
    }
    return rawBinary('mod', 'u32', a, sizeOf(by));
  }

  /** Finds a unit g that divides `by`, with a = g * quotient + rest and rest < g: then only a's part above g matters. */
  function coarser(a: Linear, by: Dim) {
    for (const unit of a.terms.values()) {
      if (equal(unit, ONE) || !notNegative(constantLinear(unit))) continue;
      const parts = wholeQuotient(by, unit);
      if (!parts || equal(parts, ONE)) continue;
      const { quotient, rest } = splitLinear(a, unit);
      if (within(rest, unit)) return { unit, parts, quotient, rest };
    }
    return undefined;
  }

  function indexBinary(fn: BinaryFn, a: Expr, b: Expr): Expr {
    const right = linearOf(b);
    switch (fn) {
      case 'add':
        return normal(addLinear(linearOf(a), right));
      case 'sub':
        return normal(subLinear(linearOf(a), right));
      case 'mul':
        if (right.terms.size === 0) return normal(scaleLinear(linearOf(a), right.constant));
        if (linearOf(a).terms.size === 0) return indexBinary('mul', b, a);
        return rawBinary('mul', 'u32', a, b);
      case 'div':
      case 'mod':
        invariant(right.terms.size === 0, 'schedule', 'an index is divided by a variable');
        return fn === 'div' ? div(a, right.constant) : mod(a, right.constant);
      case 'lt':
        return compare(subLinear(subLinear(right, linearOf(a)), constantLinear(ONE)), fn, a, b);
      case 'le':
        return compare(subLinear(right, linearOf(a)), fn, a, b);
      default:
        return rawBinary(fn, fn === 'eq' || fn === 'ne' ? 'bool' : 'u32', a, b);
    }
  }
  /** True where `slack` is never negative, false where it always is. */
  function compare(slack: Linear, fn: BinaryFn, a: Expr, b: Expr): Expr {
    const { lower, upper } = linearBounds(facts, slack);
    if (lower && isNonNegative(facts, lower)) return make.constant(1, 'bool');
    if (upper && isNonNegative(facts, sub(sub(ZERO, ONE), upper))) return make.constant(0, 'bool');
    return rawBinary(fn, 'bool', a, b);
  }

  return {
    add: (a, b) => indexBinary('add', a, b),
    sub: (a, b) => indexBinary('sub', a, b),
    scale: (a, by) => normal(scaleLinear(linearOf(a), by)),
    sum: (terms) =>
      normal(
        terms.reduce(
          (all, [a, by]) => addLinear(all, scaleLinear(linearOf(a), by)),
          constantLinear(ZERO),
        ),
      ),
    div,
    mod,
    binary: indexBinary,
    isWithin: (index, size) => within(linearOf(index), size),
    linearOf,
    facts,
  };
}

/** A coefficient as parts that are never negative, each with the list that it goes to. */
function signedParts(
  facts: Facts,
  coefficient: Dim,
  plus: Expr[],
  minus: Expr[],
): readonly (readonly [Dim, Expr[]])[] {
  if (isNonNegative(facts, coefficient)) return [[coefficient, plus]];
  const negated = sub(ZERO, coefficient);
  if (isNonNegative(facts, negated)) return [[negated, minus]];
  const positive = termsOf(coefficient)
    .filter((term) => isNonNegative(facts, term))
    .reduce(add, ZERO);
  const negative = sub(positive, coefficient);
  return [
    [positive, plus],
    [negative, minus],
  ];
}
