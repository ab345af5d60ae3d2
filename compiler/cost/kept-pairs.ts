// The pairs of query and key that an attention's mask keeps, as a size: the planes (batch, heads) that the mask does not
// tell apart, times a count that visited-pairs.ts works out at given sizes.
import type { OuterNode } from '../ops/mask-interval.ts';
import type { Node, Region } from '../ops/op.ts';
import { type Dim, evaluate, ONE, product } from '../shapes/dim.ts';
import type { OpaqueCounts } from './opaque-counts.ts';
import { visitedPairs } from './visited-pairs.ts';

export interface AttendDims {
  readonly batch: Dim;
  readonly heads: Dim;
  readonly queries: Dim;
  readonly keys: Dim;
}

export function keptPairs(
  { origin }: Node,
  mask: Region,
  { batch, heads, queries, keys }: AttendDims,
  outer: OuterNode,
  opaque: OpaqueCounts,
): Dim {
  const used = new Set(mask.nodes.flatMap((node) => node.inputs));
  const [byBatch, byHead] = [used.has(mask.params[0]!.id), used.has(mask.params[1]!.id)];
  const told = { batch: byBatch ? batch : ONE, heads: byHead ? heads : ONE, queries, keys };
  const pairs = opaque.add('pairs', origin.path, (sizes) => {
    const at = (size: Dim) => Number(evaluate(size, sizes));
    const { pairs: count, exact } = visitedPairs(
      mask,
      { batch: at(told.batch), heads: at(told.heads), queries: at(queries), keys: at(keys) },
      sizes,
      outer,
    );
    return { count, exact };
  });
  return product([byBatch ? ONE : batch, byHead ? ONE : heads, pairs]);
}
