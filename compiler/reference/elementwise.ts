// Reference evaluation of element-wise operations and of gather.
import type { BinaryFn, UnaryFn } from '../ops/op.ts';
import { applyBinary, applyUnary } from '../ops/scalar.ts';
import type { Machine } from './rounding.ts';
import { count, fill, type Tensor } from './tensor.ts';

export function unary(
  { work, rounding }: Machine,
  fn: UnaryFn,
  { dtype, shape, data }: Tensor,
): Tensor {
  if (dtype === 'f32') work.elementwise += data.length;
  const round = dtype === 'f32' ? rounding : undefined;
  return fill(dtype, shape, (at) => {
    const exact = applyUnary(fn, dtype, data[at]!);
    return round ? round.unary(fn, data[at]!, exact) : exact;
  });
}

export function binary({ work, rounding }: Machine, fn: BinaryFn, a: Tensor, b: Tensor): Tensor {
  const { dtype, shape } = a;
  const isComparison = fn === 'eq' || fn === 'ne' || fn === 'lt' || fn === 'le';
  if (dtype === 'f32') work.elementwise += a.data.length;
  const round = dtype === 'f32' && !isComparison ? rounding : undefined;
  return fill(isComparison ? 'bool' : dtype, shape, (at) => {
    const exact = applyBinary(fn, dtype, a.data[at]!, b.data[at]!);
    return round ? round.binary(fn, a.data[at]!, b.data[at]!, exact) : exact;
  });
}

export function select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return fill(a.dtype, a.shape, (at) => (condition.data[at] ? a : b).data[at]!);
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
