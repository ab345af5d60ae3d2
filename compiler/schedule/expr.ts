// Makes the scalar expressions of one region: interned (equal ones are the same object), with index arithmetic in
// one normal form, so that what a view undoes vanishes: (x / n) * n + x % n is x, (a * n + b) / n is a.
// Every rewriting holds for all values of the symbols and all points of the loops (bounds.ts).
// Does not change floating-point arithmetic and does not know regions; index arithmetic is in index-arithmetic.ts.
import { invariant } from '../invariant.ts';
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
import { asNumber, type Dim, equal, ONE, sub } from '../shapes/dim.ts';
import { boundsOf, isNonNegative } from './bounds.ts';
import { createIndexArithmetic, type IndexArithmetic } from './index-arithmetic.ts';
import type { BufferRef, Expr, ExprType, Loop, LoopVar } from './schedule.ts';

export interface Exprs extends IndexArithmetic {
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
  /** An i32 index limited to [0, size), as u32; nothing is left of it where the range is known. */
  clamp(index: Expr, size: Dim): Expr;
  /** The same expressions with loop variables replaced, and results of the region. */
  replace(
    exprs: readonly Expr[],
    vars: ReadonlyMap<LoopVar, Expr>,
    accs?: ReadonlyMap<number, Expr>,
  ): Expr[];
  /** A number that no other expression of the region has. */
  idOf(expr: Expr): number;
}

/** `minimum` gives the smallest value of each symbol; one where it is not given. */
export function createExprs(minimum: (symbol: string) => number = () => 1): Exprs {
  const interned = new Map<string, Expr>();
  const ids = new Map<Expr, number>();
  const sizes: Dim[] = [];

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

  function loopSize(loop: LoopVar): Dim {
    const size = sizes[loop];
    invariant(size, 'schedule', `unknown loop ${loop}`);
    return size;
  }

  const variable = (index: LoopVar): Expr => {
    if (equal(loopSize(index), ONE)) return constantOf(0, 'u32');
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

  const index = createIndexArithmetic({
    idOf,
    constant: constantOf,
    size: sizeOf,
    binary: rawBinary,
    loopSize,
    minimum,
  });

  function binary(fn: BinaryFn, a: Expr, b: Expr): Expr {
    invariant(a.dtype === b.dtype, 'schedule', `${fn} of ${a.dtype} and ${b.dtype}`);
    if (a.dtype === 'u32') return index.binary(fn, a, b);
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
  function clamp(value: Expr, size: Dim): Expr {
    const { lower, upper } = boundsOf(index.facts, value);
    const last = sub(size, ONE);
    const low = lower && isNonNegative(index.facts, lower);
    const high = upper && isNonNegative(index.facts, sub(last, upper));
    const raised = low ? value : rawBinary('max', 'i32', value, constantOf(0, 'i32'));
    return cast(high ? raised : rawBinary('min', 'i32', raised, cast(sizeOf(last), 'i32')), 'u32');
  }

  function load(buffer: BufferRef, at: Expr, dtype: ExprType): Expr {
    const name = buffer.kind === 'value' ? buffer.value : JSON.stringify(buffer.name);
    const key = `load ${dtype} ${buffer.kind} ${name} ${idOf(at)}`;
    return intern(key, () => ({ kind: 'load', dtype, buffer, at }));
  }
  const acc = (index: number, dtype: ExprType): Expr =>
    intern(`acc ${dtype} ${index}`, () => ({ kind: 'acc', dtype, index }));

  function replace(
    exprs: readonly Expr[],
    vars: ReadonlyMap<LoopVar, Expr>,
    accs: ReadonlyMap<number, Expr> = new Map(),
  ): Expr[] {
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
          return accs.get(e.index) ?? acc(e.index, e.dtype);
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
    ...index,
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
    clamp,
    replace,
    idOf,
  };
}

const COMPARISONS: ReadonlySet<BinaryFn> = new Set(['eq', 'ne', 'lt', 'le']);
