// Tensors of the reference evaluator: row-major float64 elements (i32 and bool are exact in them), and the one
// way in which it walks memory: the list of element offsets that a shape with strides visits.
import type { DType } from '../ops/op.ts';

export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function scalar(dtype: DType, value: number): Tensor {
  return { dtype, shape: [], data: Float64Array.of(value) };
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
): Float64Array {
  let found = Float64Array.of(start);
  shape.forEach((size, axis) => {
    const outer = found;
    found = new Float64Array(outer.length * size);
    let at = 0;
    for (const base of outer) {
      for (let index = 0; index < size; index++) found[at++] = base + index * strides[axis]!;
    }
  });
  return found;
}

/** A tensor whose elements are those of `source` at the given offsets. */
export function pick(source: Tensor, shape: readonly number[], at: Float64Array): Tensor {
  return { dtype: source.dtype, shape, data: at.map((offset) => source.data[offset]!) };
}
