// Element-wise operations in ONNX. Operands are of equal shape or broadcast as NumPy does, so that a body of attention
// can be written over whole index tensors. Where ONNX differs from ops/scalar.ts the difference is made up for.
import { unreachable } from '../invariant.ts';
import type { BinaryFn, DType, UnaryFn } from '../ops/op.ts';
import { DATA_TYPE } from './onnx-proto.ts';
import type { Name, Writer } from './writer.ts';

/** ONNX's names of the types. */
export const ONNX_TYPE = { f32: 'float', i32: 'int32', bool: 'bool' } as const satisfies Record<
  DType,
  keyof typeof DATA_TYPE
>;

const UNARY: Readonly<Record<Exclude<UnaryFn, 'rsqrt'>, string>> = {
  neg: 'Neg',
  abs: 'Abs',
  floor: 'Floor',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  erf: 'Erf',
  sigmoid: 'Sigmoid',
  sin: 'Sin',
  cos: 'Cos',
  not: 'Not',
};

export function unary(w: Writer, fn: UnaryFn, x: Name): Name {
  if (fn === 'rsqrt') return w.op('Reciprocal', [w.op('Sqrt', [x])]);
  return w.op(UNARY[fn], [x]);
}

/** `dtype` is that of the operands. */
export function binary(w: Writer, fn: BinaryFn, dtype: DType, a: Name, b: Name): Name {
  switch (fn) {
    case 'add':
      return w.op('Add', [a, b]);
    case 'sub':
      return w.op('Sub', [a, b]);
    case 'mul':
      return w.op('Mul', [a, b]);
    case 'div':
      return dtype === 'i32' ? wholeDivision(w, a, b).quotient : w.op('Div', [a, b]);
    case 'mod':
      return dtype === 'i32' ? wholeDivision(w, a, b).rest : floorMod(w, a, b);
    case 'pow':
      return w.op('Pow', [a, b]);
    case 'min':
      return w.op('Min', [a, b]);
    case 'max':
      return w.op('Max', [a, b]);
    case 'eq':
      return w.op('Equal', [a, b]);
    case 'ne':
      return w.op('Not', [w.op('Equal', [a, b])]);
    case 'lt':
      return w.op('Less', [a, b]);
    case 'le':
      return w.op('LessOrEqual', [a, b]);
    case 'and':
      return w.op('And', [a, b]);
    case 'or':
      return w.op('Or', [a, b]);
    default:
      return unreachable(fn, 'export');
  }
}

/**
 * Rounded down, the rest with the divisor's sign. Division by zero is division by one: it gives the dividend and a
 * rest of 0. In int64, where the smallest int32 divided by -1 exists.
 */
function wholeDivision(w: Writer, a: Name, b: Name): { quotient: Name; rest: Name } {
  const wide = (x: Name) => w.op('Cast', [x], { to: DATA_TYPE.int64 });
  const narrow = (x: Name) => w.op('Cast', [x], { to: DATA_TYPE.int32 });
  const isZero = w.op('Equal', [b, w.scalar('int32', 0)]);
  const divisor = wide(w.op('Where', [isZero, w.scalar('int32', 1), b]));
  const dividend = wide(a);
  const rest = w.op('Mod', [dividend, divisor]);
  const quotient = w.op('Div', [w.op('Sub', [dividend, rest]), divisor]);
  return { quotient: narrow(quotient), rest: narrow(rest) };
}

/** ONNX's rest of floats has the dividend's sign. */
function floorMod(w: Writer, a: Name, b: Name): Name {
  const zero = w.scalar('float', 0);
  const rest = w.op('Mod', [a, b], { fmod: 1 });
  const differs = w.op('Less', [w.op('Mul', [w.op('Sign', [rest]), w.op('Sign', [b])]), zero]);
  return w.op('Where', [differs, w.op('Add', [rest, b]), rest]);
}

/** f32 to i32 rounds toward zero and stays within 32 bits. */
export function cast(w: Writer, from: DType, to: DType, x: Name): Name {
  if (from === to) return x;
  if (from !== 'f32' || to !== 'i32') return w.op('Cast', [x], { to: DATA_TYPE[ONNX_TYPE[to]] });
  // The largest i32 is no f32; the largest f32 below it is 2^31 - 128.
  const near = w.op('Clip', [x, w.scalar('float', -(2 ** 31)), w.scalar('float', 2 ** 31 - 128)]);
  const beyond = w.op('LessOrEqual', [w.scalar('float', 2 ** 31), x]);
  const whole = w.op('Cast', [near], { to: DATA_TYPE.int32 });
  return w.op('Where', [beyond, w.scalar('int32', 2 ** 31 - 1), whole]);
}
