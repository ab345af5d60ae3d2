// What element-wise operations mean, one element at a time, in float64 and exact 32-bit integers.
// Used by the reference evaluator and by constant folding, so the two cannot disagree. bool is 0 or 1.
import { unreachable } from '../invariant.ts';
import type { BinaryFn, DType, UnaryFn } from './op.ts';

export function applyUnary(fn: UnaryFn, dtype: DType, x: number): number {
  switch (fn) {
    case 'neg':
      return dtype === 'i32' ? -x | 0 : -x;
    case 'abs':
      return dtype === 'i32' ? Math.abs(x) | 0 : Math.abs(x);
    case 'floor':
      return Math.floor(x);
    case 'exp':
      return Math.exp(x);
    case 'log':
      return Math.log(x);
    case 'sqrt':
      return Math.sqrt(x);
    case 'rsqrt':
      return 1 / Math.sqrt(x);
    case 'tanh':
      return Math.tanh(x);
    case 'erf':
      return erf(x);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x));
    case 'sin':
      return Math.sin(x);
    case 'cos':
      return Math.cos(x);
    case 'not':
      return x ? 0 : 1;
    default:
      return unreachable(fn, 'graph');
  }
}

/** `dtype` is that of the operands. Division of an i32 by zero gives the dividend, the rest by zero is 0, as in WGSL. */
export function applyBinary(fn: BinaryFn, dtype: DType, a: number, b: number): number {
  const wrap = dtype === 'i32';
  switch (fn) {
    case 'add':
      return wrap ? (a + b) | 0 : a + b;
    case 'sub':
      return wrap ? (a - b) | 0 : a - b;
    case 'mul':
      return wrap ? Math.imul(a, b) : a * b;
    case 'div':
      if (!wrap) return a / b;
      return b === 0 ? a : Math.floor(a / b) | 0;
    case 'mod':
      return wrap && b === 0 ? 0 : floorMod(a, b);
    case 'pow':
      return a ** b;
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'eq':
      return a === b ? 1 : 0;
    case 'ne':
      return a !== b ? 1 : 0;
    case 'lt':
      return a < b ? 1 : 0;
    case 'le':
      return a <= b ? 1 : 0;
    case 'and':
      return a && b ? 1 : 0;
    case 'or':
      return a || b ? 1 : 0;
    default:
      return unreachable(fn, 'graph');
  }
}

/** A conversion; f32 to i32 rounds toward zero and stays within 32 bits. */
export function castScalar(to: DType, x: number): number {
  if (to !== 'i32') return x;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) | 0;
}

function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** 2/sqrt(pi) e^(-x^2) (x + 2x^3/3 + 4x^5/15 + ...): all terms have one sign, so nothing cancels. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
