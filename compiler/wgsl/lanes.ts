// How an expression moves along the four lanes of a vectorised loop variable: whether it stays, grows by a fixed step, or
// neither; and what its first lane is a multiple of. Decides between one load of four numbers and four loads of one.
import type { Expr } from '../schedule/schedule.ts';
import { constant, type Dim, div } from '../shapes/dim.ts';

export interface Lanes {
  /** 0: equal in all lanes. Absent: not known. */
  readonly step?: number;
  /** The first lane is a multiple of this, one of 1, 2, 4. */
  readonly align: number;
}

const UNIFORM: Lanes = { step: 0, align: 1 };
const UNKNOWN: Lanes = { align: 1 };

const alignOf = (value: number): number => (value % 4 === 0 ? 4 : value % 2 === 0 ? 2 : 1);

/** Of 1, 2, 4 the largest that divides the size at every value of its symbols. */
export function sizeAlign(size: Dim): number {
  return size.terms.reduce((align, { num, den, powers }) => {
    const whole = den === 1n && powers.every(([, power]) => power > 0);
    return Math.min(align, whole ? alignOf(Number(num % 4n)) : 1);
  }, 4);
}

/** A quarter of a size that is a multiple of four. */
export const quarter = (size: Dim): Dim => div(size, constant(4)) ?? size;

/** The lanes of an expression, from those of its parts (`of`). */
export function lanesFrom(expr: Expr, of: (part: Expr) => Lanes): Lanes {
  switch (expr.kind) {
    case 'const':
      return { step: 0, align: expr.dtype === 'f32' ? 1 : alignOf(expr.value) };
    case 'size':
      return { step: 0, align: sizeAlign(expr.size) };
    case 'var':
    case 'acc':
      return of(expr);
    case 'load':
      return of(expr.at).step === 0 ? UNIFORM : UNKNOWN;
    case 'unary':
      return of(expr.a).step === 0 ? UNIFORM : UNKNOWN;
    case 'cast':
      return castLanes(of(expr.a), expr.dtype !== 'f32' && expr.a.dtype !== 'f32');
    case 'select': {
      const [cond, a, b] = [of(expr.cond), of(expr.then), of(expr.else)];
      if (cond.step !== 0 || a.step === undefined || a.step !== b.step) return UNKNOWN;
      return { step: a.step, align: Math.min(a.align, b.align) };
    }
    case 'binary':
      return expr.a.dtype === 'f32'
        ? allUniform(of(expr.a), of(expr.b))
        : integerLanes(expr.fn, of(expr.a), of(expr.b), expr);
  }
}

const allUniform = (a: Lanes, b: Lanes): Lanes =>
  a.step === 0 && b.step === 0 ? UNIFORM : UNKNOWN;
const castLanes = (a: Lanes, whole: boolean): Lanes =>
  whole ? a : a.step === 0 ? UNIFORM : UNKNOWN;

function integerLanes(
  fn: string,
  a: Lanes,
  b: Lanes,
  expr: { readonly a: Expr; readonly b: Expr },
): Lanes {
  const align = Math.min(a.align, b.align);
  // Four lanes that begin at a multiple of four lie in one block of any multiple of four.
  const oneBlock = a.step === 1 && a.align === 4 && b.step === 0 && b.align === 4;
  const known = a.step !== undefined && b.step !== undefined;
  switch (fn) {
    case 'add':
      return known ? { step: a.step + b.step, align } : { align };
    case 'sub':
      return known ? { step: a.step - b.step, align } : { align };
    case 'mul': {
      const product = Math.min(4, a.align * b.align);
      if (a.step === 0 && b.step === 0) return { step: 0, align: product };
      if (a.step !== undefined && expr.b.kind === 'const')
        return { step: a.step * expr.b.value, align: product };
      return { align: product };
    }
    case 'div':
      return oneBlock ? UNIFORM : allUniform(a, b);
    case 'mod':
      if (oneBlock) return { step: 1, align: 4 };
      return a.step === 0 && b.step === 0 ? { step: 0, align } : UNKNOWN;
    case 'lt':
      return oneBlock ? UNIFORM : allUniform(a, b);
    default:
      return allUniform(a, b);
  }
}
