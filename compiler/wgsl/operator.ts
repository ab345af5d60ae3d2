// One operation on operands that are WGSL text already, scalars or vectors of four alike.
import { unreachable } from '../invariant.ts';
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
import type { Expr, ExprType } from '../schedule/schedule.ts';
import type { FunctionName } from './functions.ts';
import { literal, typeName } from './literal.ts';

export interface OperatorContext {
  readonly width: 1 | 4;
  /** The name of a function of ours, which the kernel then includes. */
  call(name: FunctionName): string;
  /** A name for text that is needed several times. */
  name(text: string): string;
}

export function unaryText(fn: UnaryFn, a: string, context: OperatorContext): string {
  switch (fn) {
    case 'neg':
      return `(-${a})`;
    case 'not':
      return `(!${a})`;
    case 'rsqrt':
      return `inverseSqrt(${a})`;
    case 'tanh':
    case 'erf':
    case 'sigmoid':
    case 'sin':
    case 'cos':
      return `${context.call(fn)}(${a})`;
    case 'abs':
    case 'floor':
    case 'exp':
    case 'log':
    case 'sqrt':
      return `${fn}(${a})`;
    default:
      return unreachable(fn, 'wgsl');
  }
}

const INFIX = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  // Not && and ||: these also work on vectors, and both sides are cheap and safe.
  and: '&',
  or: '|',
} as const;

/** `dtype` is that of the operands. */
export function binaryText(
  fn: BinaryFn,
  dtype: ExprType,
  a: string,
  b: string,
  context: OperatorContext,
): string {
  switch (fn) {
    case 'mod':
      if (dtype === 'u32') return `(${a} % ${b})`;
      return `${context.call(dtype === 'i32' ? 'imod' : 'mod')}(${a}, ${b})`;
    case 'div':
      return dtype === 'i32' ? `${context.call('idiv')}(${a}, ${b})` : `(${a} / ${b})`;
    case 'pow':
      return `${context.call('pow')}(${a}, ${b})`;
    case 'min':
    case 'max':
      return `${fn}(${a}, ${b})`;
    default:
      return `(${a} ${INFIX[fn]} ${b})`;
  }
}

/** Powers that need no logarithm; absent for the others. */
export function powerText(a: string, exponent: Expr, context: OperatorContext): string | undefined {
  if (exponent.kind !== 'const') return undefined;
  switch (exponent.value) {
    case 1:
      return a;
    case 2: {
      const x = context.name(a);
      return `(${x} * ${x})`;
    }
    case 3: {
      const x = context.name(a);
      return `(${x} * ${x} * ${x})`;
    }
    case 0.5:
      return `sqrt(${a})`;
    case -0.5:
      return `inverseSqrt(${a})`;
    case -1:
      return `(${typeName('f32', context.width)}(${literal(1, 'f32')}) / ${a})`;
    default:
      return undefined;
  }
}
