// Equality of types and shapes: sizes are compared symbolically.
import { type Dim, equal } from '../shapes/dim.ts';
import type { TensorType } from './op.ts';

/** True if both have the same element type and the same sizes. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((size, axis) => equal(size, b[axis]!));
}
