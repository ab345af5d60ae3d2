// Sums of groups of rows as a segment_sum region: the rows are read where they are used once, so they are never stored.
import { invariant } from '../invariant.ts';
import { add, ONE } from '../shapes/dim.ts';
import { collapse } from './collapse.ts';
import { indexOf } from './index-map.ts';
import { type Lowering, type RegionParts, storesFrom, withExprs } from './lowering.ts';
import type { Expr } from './schedule.ts';

const SUM = 0;

export function lowerSegmentSum(lowering: Lowering): RegionParts<'segment_sum'> {
  const { e, cluster, program, read } = lowering;
  const [node] = cluster.anchors;
  invariant(node?.op.kind === 'segment_sum', 'schedule', 'a segment_sum region without one');
  const [values, starts] = node.inputs as [number, number];
  const { shape, dtype } = program.typeOf(values);
  const group = e.loop(node.type.shape[0]!);
  const row = e.loop(shape[0]!);
  const colLoops = shape.slice(1).map((size) => e.loop(size));
  const number = e.variable(group.var);
  const cols = indexOf(e, colLoops);
  const startOf = (at: Expr): Expr => e.clamp(read(starts, [at]), add(shape[0]!, ONE));
  const [from, to] = [startOf(number), startOf(e.add(number, e.constant(1, 'u32')))];
  const value = read(values, [e.variable(row.var), ...cols]);
  const stores = storesFrom(lowering, node.id, [number, ...cols], e.acc(SUM, dtype));
  const flat = collapse(e, colLoops, [
    value,
    ...stores.flatMap((store) => [store.at, store.value]),
  ]);
  return {
    kind: 'segment_sum',
    group,
    cols: flat.loops,
    row,
    from,
    to,
    value: flat.exprs[0]!,
    acc: SUM,
    stores: withExprs(stores, flat.exprs.slice(1)),
  };
}
