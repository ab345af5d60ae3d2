// Types as text, `f32[b, t, 64]`, for internal errors and for printing graphs.
import type { TensorType } from './op.ts';

/** `f32[b, t, 64]`; a scalar is `f32[]`. */
export function typeText(type: TensorType): string {
  return `${type.dtype}[${type.shape.map((size) => size.text).join(', ')}]`;
}
