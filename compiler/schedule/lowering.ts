// What the lowering of every kind of region shares: its tools, and stores to where a node's elements belong.
import { invariant } from '../invariant.ts';
import type { NodeId } from '../ops/op.ts';
import type { Cluster } from './cluster.ts';
import type { Exprs } from './expr.ts';
import type { Index } from './index-map.ts';
import { type Located, locate, type Space } from './locate.ts';
import type { Program } from './program.ts';
import { type Placement, positionIn, type Read, type Reading } from './read.ts';
import type { Expr, Region, Store } from './schedule.ts';

export interface Surface {
  readonly program: Program;
  readonly placements: ReadonlyMap<NodeId, Placement>;
}

/** What the lowering of each kind of region works with. */
export interface Lowering extends Surface {
  readonly cluster: Cluster;
  readonly e: Exprs;
  readonly read: Read;
  readonly known: Reading['known'];
  /** The cluster's members in graph order. */
  readonly members: readonly NodeId[];
}

type WithoutBase<R> = R extends Region ? Omit<R, 'label' | 'nodes' | 'notes'> : never;
export type RegionParts<K extends Region['kind'] = Region['kind']> = WithoutBase<
  Extract<Region, { readonly kind: K }>
>;

/** The store of a node's element; bool is stored as i32, 0 or 1. */
export function storeOf(lowering: Lowering, root: NodeId, index: Index, value: Expr): Store {
  const { e, placements } = lowering;
  const place = placements.get(root);
  invariant(place, 'schedule', `node ${root} is stored but has no place`);
  return { target: place.value, at: positionIn(e, place, index), value: stored(e, value) };
}

/** The stores of a cluster whose one anchor is `value` at `index` of the region's loops. */
export function storesFrom(
  lowering: Lowering,
  anchor: NodeId,
  index: Index,
  value: Expr,
): readonly Store[] {
  const { e, cluster, known, read } = lowering;
  known.set(anchor, { index, value });
  const starts = new Map<NodeId, Located>([[anchor, { index, level: 'point' }]]);
  const space: Space = { e, rows: [], cols: [], colSizes: [] };
  const places = locateMembers(lowering, starts, space);
  return cluster.roots.map((root) => {
    const place = places.get(root);
    invariant(place, 'schedule', `node ${root} is not reached from its anchor`);
    return storeOf(lowering, root, place.index, read(root, place.index));
  });
}

export const stored = (e: Exprs, value: Expr): Expr =>
  value.dtype === 'bool' ? e.cast(value, 'i32') : value;

/** The stores with their positions and values, in this order, replaced. */
export function withExprs(stores: readonly Store[], exprs: readonly Expr[]): Store[] {
  return stores.map((store, i) => ({ ...store, at: exprs[2 * i]!, value: exprs[2 * i + 1]! }));
}

/** Where each member is, starting from the anchors' own places. */
export function locateMembers(
  { members, program }: Lowering,
  starts: ReadonlyMap<NodeId, Located>,
  space: Space,
): Map<NodeId, Located> {
  const known = new Map(starts);
  for (const id of members) {
    const node = program.node(id);
    const place = known.has(id) || !node ? undefined : locate(node, known, space, program);
    if (place) known.set(id, place);
  }
  return known;
}
