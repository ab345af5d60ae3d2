// Makes the scalar expressions of one region: interned (equal ones are the same object), with index arithmetic in
// one normal form, so that what a view undoes vanishes: (x / n) * n + x % n is x, (a * n + b) / n is a.
// Every rewriting holds for all values of the symbols and all points of the loops (bounds.ts).
// Does not change floating-point arithmetic and does not know regions.
import { invariant } from '../invariant.ts';
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
import {
  add,
  asNumber,
  constant,
  type Dim,
  equal,
  mul,
  ONE,
  sub,
  termsOf,
  ZERO,
} from '../shapes/dim.ts';
import { boundsOf, type Facts, isNonNegative, linearBounds } from './bounds.ts';
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
import type { BufferRef, Expr, ExprType, Loop, LoopVar } from './schedule.ts';

export interface Exprs {
  /** A new loop variable, numbered from 0 in each region. */
  loop(size: Dim): Loop;
  variable(loop: LoopVar): Expr;
  constant(value: number, dtype: ExprType): Expr;
  size(size: Dim): Expr;
  load(buffer: BufferRef, at: Expr, dtype: ExprType): Expr;
  acc(index: number, dtype: ExprType): Expr;
  unary(fn: UnaryFn, a: Expr): Expr;
  /** u32 operands are index arithmetic and come out in normal form; others stay as they are. */
  binary(fn: BinaryFn, a: Expr, b: Expr): Expr;
  select(cond: Expr, then: Expr, otherwise: Expr): Expr;
  cast(a: Expr, to: ExprType): Expr;
  /** Index arithmetic: a + b, a - b, a * size, a / size, a % size. */
  add(a: Expr, b: Expr): Expr;
  sub(a: Expr, b: Expr): Expr;
  scale(a: Expr, by: Dim): Expr;
  /** The sum of expressions, each times a size. */
  sum(terms: readonly (readonly [Expr, Dim])[]): Expr;
  div(a: Expr, by: Dim): Expr;
  mod(a: Expr, by: Dim): Expr;
  /** True if the index is in [0, size) at every point of the loops. */
  isWithin(index: Expr, size: Dim): boolean;
  /** An i32 index limited to [0, size), as u32; nothing is left of it where the range is known. */
  clamp(index: Expr, size: Dim): Expr;
  /** The same expressions with loop variables replaced. */
  replace(exprs: readonly Expr[], vars: ReadonlyMap<LoopVar, Expr>): Expr[];
  /** A number that no other expression of the region has. */
  idOf(expr: Expr): number;
  /** The sum that an index expression is. */
  linearOf(expr: Expr): Linear;
  readonly facts: Facts;
}

/** `minimum` gives the smallest value of each symbol; one where it is not given. */
export function createExprs(minimum: (symbol: string) => number = () => 1): Exprs {
  const interned = new Map<string, Expr>();
  const ids = new Map<Expr, number>();
  const sizes: Dim[] = [];
  const linears = new Map<Expr, Linear>();

  function intern<E extends Expr>(key: string, make: () => E): Expr {
    const old = interned.get(key);
    if (old) return old;
    const made = make();
    interned.set(key, made);
    ids.set(made, ids.size);
    return made;
  }
  function idOf(expr: Expr): number {
    const id = ids.get(expr);
    invariant(id !== undefined, 'schedule', `expression ${expr.kind} of another region`);
    return id;
  }

  const facts: Facts = {
    loopSize: (loop) => {
      const size = sizes[loop];
      invariant(size, 'schedule', `unknown loop ${loop}`);
      return size;
    },
    minimum,
    linearOf,
  };

  const variable = (index: LoopVar): Expr => {
    if (equal(facts.loopSize(index), ONE)) return constantOf(0, 'u32');
    return intern(`var ${index}`, () => ({ kind: 'var', dtype: 'u32', index }));
  };
  function constantOf(value: number, dtype: ExprType): Expr {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return intern(`const ${dtype} ${text}`, () => ({ kind: 'const', dtype, value }));
  }
  function sizeOf(size: Dim): Expr {
    const known = asNumber(size);
    if (known !== undefined) return constantOf(known, 'u32');
    return intern(`size ${size.text}`, () => ({ kind: 'size', dtype: 'u32', size }));
  }
  const rawBinary = (fn: BinaryFn, dtype: ExprType, a: Expr, b: Expr): Expr =>
    intern(`${fn} ${dtype} ${idOf(a)} ${idOf(b)}`, () => ({ kind: 'binary', dtype, fn, a, b }));

  // --- Index arithmetic

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
        ? constantOf(0, 'u32')
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
    if (equal(by, ONE)) return constantOf(0, 'u32');
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
    if (lower && isNonNegative(facts, lower)) return constantOf(1, 'bool');
    if (upper && isNonNegative(facts, sub(sub(ZERO, ONE), upper))) return constantOf(0, 'bool');
    return rawBinary(fn, 'bool', a, b);
  }

  // --- All other expressions

  function binary(fn: BinaryFn, a: Expr, b: Expr): Expr {
    invariant(a.dtype === b.dtype, 'schedule', `${fn} of ${a.dtype} and ${b.dtype}`);
    if (a.dtype === 'u32') return indexBinary(fn, a, b);
    if (fn === 'and' || fn === 'or') {
      const [known, other] = a.kind === 'const' ? [a, b] : [b, a];
      if (known.kind === 'const') return (known.value !== 0) === (fn === 'and') ? other : known;
    }
    return rawBinary(fn, COMPARISONS.has(fn) ? 'bool' : a.dtype, a, b);
  }
  function unary(fn: UnaryFn, a: Expr): Expr {
    if (fn === 'not' && a.kind === 'const') return constantOf(a.value === 0 ? 1 : 0, 'bool');
    return intern(`${fn} ${idOf(a)}`, () => ({ kind: 'unary', dtype: a.dtype, fn, a }));
  }
  function select(cond: Expr, then: Expr, other: Expr): Expr {
    if (cond.kind === 'const') return cond.value !== 0 ? then : other;
    if (then === other) return then;
    const key = `select ${idOf(cond)} ${idOf(then)} ${idOf(other)}`;
    return intern(key, () => ({ kind: 'select', dtype: then.dtype, cond, then, else: other }));
  }
  function cast(a: Expr, to: ExprType): Expr {
    if (a.dtype === to) return a;
    if (a.kind === 'const' && to !== 'bool') return constantOf(Math.trunc(a.value), to);
    // An index that went through i32 and comes back is itself.
    if (to === 'u32' && a.kind === 'cast' && a.a.dtype === 'u32') return a.a;
    return intern(`cast ${to} ${idOf(a)}`, () => ({ kind: 'cast', dtype: to, a }));
  }
  function clamp(index: Expr, size: Dim): Expr {
    const { lower, upper } = boundsOf(facts, index);
    const last = sub(size, ONE);
    const low = lower && isNonNegative(facts, lower);
    const high = upper && isNonNegative(facts, sub(last, upper));
    const raised = low ? index : rawBinary('max', 'i32', index, constantOf(0, 'i32'));
    return cast(high ? raised : rawBinary('min', 'i32', raised, cast(sizeOf(last), 'i32')), 'u32');
  }

  function load(buffer: BufferRef, at: Expr, dtype: ExprType): Expr {
    const name = buffer.kind === 'value' ? buffer.value : JSON.stringify(buffer.name);
    const key = `load ${dtype} ${buffer.kind} ${name} ${idOf(at)}`;
    return intern(key, () => ({ kind: 'load', dtype, buffer, at }));
  }
  const acc = (index: number, dtype: ExprType): Expr =>
    intern(`acc ${dtype} ${index}`, () => ({ kind: 'acc', dtype, index }));

  function replace(exprs: readonly Expr[], vars: ReadonlyMap<LoopVar, Expr>): Expr[] {
    const done = new Map<Expr, Expr>();
    const visit = (e: Expr): Expr => {
      let result = done.get(e);
      if (!result) {
        result = rebuild(e);
        done.set(e, result);
      }
      return result;
    };
    const rebuild = (e: Expr): Expr => {
      switch (e.kind) {
        case 'const':
          return constantOf(e.value, e.dtype);
        case 'size':
          return sizeOf(e.size);
        case 'var':
          return vars.get(e.index) ?? variable(e.index);
        case 'acc':
          return acc(e.index, e.dtype);
        case 'load':
          return load(e.buffer, visit(e.at), e.dtype);
        case 'unary':
          return unary(e.fn, visit(e.a));
        case 'binary':
          return binary(e.fn, visit(e.a), visit(e.b));
        case 'select':
          return select(visit(e.cond), visit(e.then), visit(e.else));
        case 'cast':
          return cast(visit(e.a), e.dtype);
      }
    };
    return exprs.map(visit);
  }

  return {
    loop: (size) => ({ var: sizes.push(size) - 1, size }),
    variable,
    constant: constantOf,
    size: sizeOf,
    load,
    acc,
    unary,
    binary,
    select,
    cast,
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
    isWithin: (index, size) => within(linearOf(index), size),
    clamp,
    replace,
    idOf,
    linearOf,
    facts,
  };
}

const COMPARISONS: ReadonlySet<BinaryFn> = new Set(['eq', 'ne', 'lt', 'le']);

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
