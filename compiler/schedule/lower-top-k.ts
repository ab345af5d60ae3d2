// The largest along an axis as a top_k region: the column at each rank, and what is computed from it in place.
import { invariant } from '../invariant.ts';
import { collapse } from './collapse.ts';
import { indexOf } from './index-map.ts';
import { type Lowering, type RegionParts, storesFrom, withExprs } from './lowering.ts';

const COLUMN = 0;

export function lowerTopK(lowering: Lowering): RegionParts<'top_k'> {
  const { e, cluster, program, read } = lowering;
  const [node] = cluster.anchors;
  invariant(node?.op.kind === 'top_k', 'schedule', 'a top_k region without one');
  const operand = node.inputs[0]!;
  const { shape } = program.typeOf(operand);
  const rowLoops = shape.slice(0, -1).map((size) => e.loop(size));
  const [col, rank] = [e.loop(shape.at(-1)!), e.loop(node.op.k)];
  const index = indexOf(e, rowLoops);
  const value = read(operand, [...index, e.variable(col.var)]);
  const column = e.cast(e.acc(COLUMN, 'u32'), 'i32');
  const stores = storesFrom(lowering, node.id, [...index, e.variable(rank.var)], column);
  const rows = collapse(e, rowLoops, [
    value,
    ...stores.flatMap((store) => [store.at, store.value]),
  ]);
  return {
    kind: 'top_k',
    rows: rows.loops,
    col,
    rank,
    value: rows.exprs[0]!,
    acc: COLUMN,
    stores: withExprs(stores, rows.exprs.slice(1)),
  };
}
