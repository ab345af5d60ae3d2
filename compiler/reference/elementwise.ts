// Reference evaluation of element-wise operations and of gather.
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
import { applyBinary, applyUnary } from '../ops/scalar.ts';
import type { Machine } from './rounding.ts';
import { count, type Tensor } from './tensor.ts';

export function unary(machine: Machine, fn: UnaryFn, x: Tensor): Tensor {
  const { dtype, shape } = x;
  const isFloat = dtype === 'f32';
  if (isFloat) machine.work.elementwise += x.data.length;
  const rounding = isFloat ? machine.rounding : undefined;
  const data = x.data.map((value) => {
    const exact = applyUnary(fn, dtype, value);
    return rounding ? rounding.unary(fn, value, exact) : exact;
  });
  return { dtype, shape, data };
}

export function binary(machine: Machine, fn: BinaryFn, a: Tensor, b: Tensor): Tensor {
  const isFloat = a.dtype === 'f32';
  const isComparison = fn === 'eq' || fn === 'ne' || fn === 'lt' || fn === 'le';
  if (isFloat) machine.work.elementwise += a.data.length;
  const rounding = isFloat && !isComparison ? machine.rounding : undefined;
  const data = a.data.map((value, at) => {
    const exact = applyBinary(fn, a.dtype, value, b.data[at]!);
    return rounding ? rounding.binary(fn, value, b.data[at]!, exact) : exact;
  });
  return { dtype: isComparison ? 'bool' : a.dtype, shape: a.shape, data };
}

export function select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const data = condition.data.map((keep, at) => (keep ? a.data[at]! : b.data[at]!));
  return { dtype: a.dtype, shape: a.shape, data };
}

/** Picks along the leading axes of `source`; an index outside is clamped. */
export function gather(source: Tensor, indices: readonly Tensor[]): Tensor {
  const picked = source.shape.slice(0, indices.length);
  const rest = source.shape.slice(indices.length);
  const row = count(rest);
  const shape = [...indices[0]!.shape, ...rest];
  const data = new Float64Array(count(shape));
  for (let at = 0; at < indices[0]!.data.length; at++) {
    let from = 0;
    picked.forEach((size, axis) => {
      const index = Math.max(0, Math.min(size - 1, indices[axis]!.data[at]!));
      from = from * size + index;
    });
    data.set(source.data.subarray(from * row, (from + 1) * row), at * row);
  }
  return { dtype: source.dtype, shape, data };
}
