// Tensors of the reference evaluator: row-major float64 elements (i32 and bool are exact in them), and the one
// way in which it walks memory: the list of element offsets that a shape with strides visits.
import type { DType } from '../ops/op.ts';

export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function scalar(dtype: DType, value: number): Tensor {
  const data = new Float64Array(1);
  data[0] = value;
  return { dtype, shape: [], data };
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)));
}

/** The offsets `start + sum of index * stride` for every index of the shape, in row-major order. */
export function offsets(
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Int32Array {
  let found = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const outer = found;
    found = new Int32Array(outer.length * size);
    let at = 0;
    for (const base of outer) {
      for (let index = 0; index < size; index++) found[at++] = base + index * strides[axis]!;
    }
  });
  return found;
}

/** A tensor whose elements are those of `source` at the given offsets. */
export function pick(source: Tensor, shape: readonly number[], at: Int32Array): Tensor {
  return fill(source.dtype, shape, (i) => source.data[at[i]!]!);
}

/** A tensor of the elements that `element` gives for 0, 1, 2, ... */
export function fill(
  dtype: DType,
  shape: readonly number[],
  element: (at: number) => number,
): Tensor {
  const data = new Float64Array(count(shape));
  for (let at = 0; at < data.length; at++) data[at] = element(at);
  return { dtype, shape, data };
}

/** Tensors of one type as one, along a new first axis. */
export function stack(parts: readonly Tensor[]): Tensor {
  const [{ dtype, shape }] = parts as [Tensor];
  const size = count(shape);
  return fill(
    dtype,
    [parts.length, ...shape],
    (at) => parts[Math.floor(at / size)]!.data[at % size]!,
  );
}
