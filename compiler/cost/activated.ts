// How many parameters a model has, and how many of them a token meets.
import type { WeightSpec } from '../graph/graph.ts';
import { evaluate } from '../shapes/dim.ts';

/** Elements over all turns of the repeats. */
export function paramsOf({ shape, repeats }: WeightSpec): bigint {
  return [...shape, ...repeats].reduce((product, size) => product * BigInt(size), 1n);
}

/**
 * The parameters of a weight that a token meets, on average. All of them, unless the weight is of experts: each of
 * its `rows` meets one expert of `experts`, so a token meets the share rows / (tokens x experts), at most all.
 * A count that is not whole is rounded to the nearest.
 */
export function activatedParams(
  weight: WeightSpec,
  tokens: bigint,
  symbols: Readonly<Record<string, number>>,
): bigint {
  const params = paramsOf(weight);
  if (!weight.routed) return params;
  const rows = evaluate(weight.routed.rows, symbols);
  const most = tokens * BigInt(weight.routed.experts);
  if (rows >= most) return params;
  return (2n * params * rows + most) / (2n * most);
}
