// Reference evaluation of attention: for every query, the scores of all keys, their softmax, the weighted sum.
import type { Machine } from './rounding.ts';
import { count, type Tensor } from './tensor.ts';

export interface AttendBodies {
  readonly scale: number;
  /** Whether key j of query i is kept, for batch b and query head h. */
  keep(b: number, h: number, i: number, j: number): boolean;
  score(s: number, b: number, h: number, i: number, j: number): number;
}

/** q [b, h, t, k], k [b, g, s, k], v [b, g, s, n] to [b, h, t, n]. A query with no key kept gives zeros. */
export function attend(
  machine: Machine,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  bodies: AttendBodies,
): Tensor {
  const [batch, heads, queries, width] = q.shape as [number, number, number, number];
  const [, groups, keys, columns] = v.shape as [number, number, number, number];
  const shape = [batch, heads, queries, columns];
  const data = new Float64Array(count(shape));
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const group = b * groups + Math.floor(h / (heads / groups));
      for (let i = 0; i < queries; i++) {
        const row = (b * heads + h) * queries + i;
        const query = q.data.subarray(row * width, (row + 1) * width);
        const kept: { readonly key: number; readonly score: number }[] = [];
        for (let j = 0; j < keys; j++) {
          if (!bodies.keep(b, h, i, j)) continue;
          const key = group * keys + j;
          const s = scaledProduct(machine, query, k.data.subarray(key * width), bodies.scale);
          kept.push({ key, score: bodies.score(s, b, h, i, j) });
        }
        data.set(weightedSum(machine, kept, v.data, columns), row * columns);
      }
    }
  }
  return { dtype: 'f32', shape, data };
}

function scaledProduct(
  { work, rounding }: Machine,
  q: Float64Array,
  k: Float64Array,
  scale: number,
): number {
  let sum = 0;
  let magnitude = 0;
  for (let c = 0; c < q.length; c++) {
    sum += q[c]! * k[c]!;
    magnitude += Math.abs(q[c]! * k[c]!);
    work.macs++;
  }
  work.elementwise++;
  const exact = sum * scale;
  return rounding ? rounding.sum(exact, magnitude * Math.abs(scale), q.length) : exact;
}

function weightedSum(
  { work, rounding }: Machine,
  kept: readonly { readonly key: number; readonly score: number }[],
  values: Float64Array,
  columns: number,
): Float64Array {
  const largest = kept.reduce((max, { score }) => Math.max(max, score), -Infinity);
  const sums = new Float64Array(columns);
  const magnitudes = new Float64Array(columns);
  let total = 0;
  for (const { key, score } of kept) {
    const exact = Math.exp(score - largest);
    const weight = rounding ? rounding.unary('exp', score - largest, exact) : exact;
    total += weight;
    // Maximum, difference, exponential, sum.
    work.elementwise += 4;
    for (let n = 0; n < columns; n++) {
      const product = weight * values[key * columns + n]!;
      sums[n]! += product;
      magnitudes[n]! += Math.abs(product);
      work.macs++;
    }
  }
  work.elementwise += columns;
  if (kept.length === 0) return sums;
  if (!rounding) return sums.map((sum) => sum / total);
  const roundedTotal = rounding.sum(total, total, kept.length);
  return sums.map((sum, n) => {
    const rounded = rounding.sum(sum, magnitudes[n]!, kept.length);
    return rounding.binary('div', rounded, roundedTotal, rounded / roundedTotal);
  });
}
