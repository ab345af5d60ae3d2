// Reference evaluation of views: the same elements elsewhere.
import { count, offsets, pick, stridesOf, type Tensor } from './tensor.ts';

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  return pick(
    x,
    shape,
    offsets(
      shape,
      perm.map((axis) => strides[axis]!),
    ),
  );
}

export function broadcast(x: Tensor, shape: readonly number[], axes: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const repeated = shape.map((_, axis) => strides[axes.indexOf(axis)] ?? 0);
  return pick(x, shape, offsets(shape, repeated));
}

export function slice(x: Tensor, axis: number, start: number, size: number, step: number): Tensor {
  const strides = stridesOf(x.shape);
  const along = strides[axis]!;
  const shape = x.shape.with(axis, size);
  return pick(x, shape, offsets(shape, strides.with(axis, along * step), start * along));
}

export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return place([x], axis, x.shape.with(axis, before + x.shape[axis]! + after), before);
}

export function concat(xs: readonly Tensor[], axis: number): Tensor {
  const size = xs.reduce((sum, x) => sum + x.shape[axis]!, 0);
  return place(xs, axis, xs[0]!.shape.with(axis, size), 0);
}

/** The state with each row where it belongs; those that have no place of their own, one over the other in the last. */
export function append(
  state: Tensor,
  rows: Tensor,
  filled: Tensor,
  { axis, batch }: { readonly axis: number; readonly batch: number },
): Tensor {
  const strides = stridesOf(state.shape);
  const from = stridesOf(rows.shape);
  const data = state.data.slice();
  rows.data.forEach((value, at) => {
    const index = rows.shape.map((size, i) => Math.floor(at / from[i]!) % size);
    const place = Math.min(filled.data[index[batch]!]! + index[axis]!, state.shape[axis]! - 1);
    const to = index.with(axis, place).reduce((sum, own, i) => sum + own * strides[i]!, 0);
    data[to] = value;
  });
  return { ...state, data };
}

/** A tensor of zeros with the parts set side by side along the axis, from `start` on. */
function place(
  parts: readonly Tensor[],
  axis: number,
  shape: readonly number[],
  start: number,
): Tensor {
  const strides = stridesOf(shape);
  const data = new Float64Array(count(shape));
  let at = start;
  for (const part of parts) {
    const to = offsets(part.shape, strides, at * strides[axis]!);
    part.data.forEach((value, i) => {
      data[to[i]!] = value;
    });
    at += part.shape[axis]!;
  }
  return { dtype: parts[0]!.dtype, shape, data };
}
