// How far a device's values are from the reference's. Errors are relative to the largest value of a tensor, since sums
// that cancel have no digits of their own to lose.

/** The largest difference over the largest finite reference; infinite where either is NaN, or only one is infinite. */
export function relativeError(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (actual.length !== reference.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < actual.length; i++) {
    const [a, r] = [actual[i]!, reference[i]!];
    if (Number.isFinite(r)) largest = Math.max(largest, Math.abs(r));
    if (a === r) continue;
    const d = Math.abs(a - r);
    difference = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(difference, d);
  }
  if (difference === 0) return 0;
  return largest === 0 ? Number.POSITIVE_INFINITY : difference / largest;
}

/** Of row-major values of a shape, the elements `start` to `start + size` along an axis. */
export function partAlong(
  values: Float32Array | Int32Array,
  shape: readonly number[],
  axis: number,
  start: number,
  size: number,
): Float64Array {
  const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const whole = inner * shape[axis]!;
  const part = new Float64Array((values.length / whole) * size * inner);
  for (let row = 0; row * whole < values.length; row++) {
    const from = row * whole + start * inner;
    part.set(values.subarray(from, from + size * inner), row * size * inner);
  }
  return part;
}
