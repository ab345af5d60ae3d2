// Products as a dot region: labels become the loops batch, m, k and n; several products share m, k and the left
// operand, and those that meet in one store share n.
import { invariant } from '../invariant.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { add, ONE, product } from '../shapes/dim.ts';
import { collapse, joinAll } from './collapse.ts';
import { type DotRoles, dotRoles } from './dot-roles.ts';
import { type Index, indexOf } from './index-map.ts';
import type { Located, Space } from './locate.ts';
import { type Lowering, locateMembers, type RegionParts, storeOf, withExprs } from './lowering.ts';
import type { DotRegion, Expr, Loop, LoopVar, Store } from './schedule.ts';

interface Side {
  readonly batch: readonly Loop[];
  readonly m: readonly Loop[];
  readonly k: readonly Loop[];
  /** The loop over the parts of a ragged product. */
  readonly part: readonly Loop[];
}

interface Group {
  readonly n: readonly Loop[];
  readonly products: { readonly acc: number; readonly b: Expr }[];
  stores: Store[];
}

export function lowerDot(lowering: Lowering): RegionParts<'dot'> {
  const { e, cluster, program, read } = lowering;
  const lead = dotRoles(cluster.anchors[0]!, program);
  const loopsOf = (labels: readonly number[], roles: DotRoles): Loop[] =>
    labels.map((label) => e.loop(roles.sizes.get(label)!));
  const side: Side = {
    batch: loopsOf(lead.batch, lead),
    m: loopsOf(lead.m, lead),
    k: loopsOf(lead.k, lead),
    part: loopsOf(lead.ragged ? [lead.ragged.part] : [], lead),
  };
  const a = read(lead.a, labelIndex(lowering, lead, lead.aLabels, side, []));
  let accs = 0;
  const groups = cluster.roots.map((root): Group => {
    const anchors = cluster.anchors.filter((anchor) => endOf(lowering, anchor) === root);
    const n = loopsOf(dotRoles(anchors[0]!, program).n, dotRoles(anchors[0]!, program));
    const group: Group = { n, products: [], stores: [] };
    const starts = new Map<NodeId, Located>();
    for (const anchor of anchors) {
      const roles = dotRoles(anchor, program);
      const index = labelIndex(lowering, roles, roles.out, side, n);
      const b = read(roles.b, labelIndex(lowering, roles, roles.bLabels, side, n));
      starts.set(anchor.id, { index, level: 'point' });
      lowering.known.set(anchor.id, { index, value: e.acc(accs, 'f32') });
      group.products.push({ acc: accs++, b });
    }
    const space: Space = { e, rows: [], cols: [], colSizes: [] };
    const place = locateMembers(lowering, starts, space).get(root);
    invariant(place, 'schedule', `node ${root} is not reached from its product`);
    group.stores = [storeOf(lowering, root, place.index, read(root, place.index))];
    return group;
  });
  const ragged = lead.ragged && raggedRows(lowering, lead, lead.ragged.starts, side);
  return withFlatLoops(lowering, side, a, groups, ragged);
}

/** Where each part of the rows ends; a row of the operand may be several of the region. */
function raggedRows(
  { e, read }: Lowering,
  { m, sizes }: DotRoles,
  starts: NodeId,
  side: Side,
): NonNullable<DotRegion['ragged']> {
  const part = side.part[0]!;
  const next = e.add(e.variable(part.var), e.constant(1, 'u32'));
  const rows = add(sizes.get(m[0]!)!, ONE);
  const each = product(m.slice(1).map((label) => sizes.get(label)!));
  return { part, end: e.scale(e.clamp(read(starts, [next]), rows), each) };
}

/** The root in which a product ends. */
function endOf({ cluster }: Lowering, anchor: Node): NodeId | undefined {
  return cluster.joints.get(anchor.id)!.find((joint) => cluster.roots.includes(joint.node))?.node;
}

/** The index of a tensor whose axes have these labels. */
function labelIndex(
  { e }: Lowering,
  roles: DotRoles,
  labels: readonly number[],
  side: Side,
  n: readonly Loop[],
): Index {
  const named = new Map<number, Loop>();
  const name = (keys: readonly number[], loops: readonly Loop[]): void => {
    keys.forEach((key, i) => {
      if (loops[i]) named.set(key, loops[i]);
    });
  };
  name(roles.batch, side.batch);
  name(roles.m, side.m);
  name(roles.k, side.k);
  name(roles.n, n);
  if (roles.ragged) name([roles.ragged.part], side.part);
  return indexOf(
    e,
    labels.map((label) => named.get(label)!),
  );
}

function withFlatLoops(
  { e }: Lowering,
  side: Side,
  a: Expr,
  groups: readonly Group[],
  ragged: DotRegion['ragged'],
): RegionParts<'dot'> {
  const m = joinAll(e, side.m);
  const k = joinAll(e, side.k);
  const ns = groups.map((group) => joinAll(e, group.n));
  const vars = new Map<LoopVar, Expr>([m, k, ...ns].flatMap((joined) => [...joined.vars]));
  const exprs = e.replace(
    [
      a,
      ...groups.flatMap((group) => [
        ...group.products.map((product) => product.b),
        ...group.stores.flatMap((store) => [store.at, store.value]),
      ]),
    ],
    vars,
  );
  const batch = collapse(e, side.batch, exprs);
  const [left, ...rest] = batch.exprs;
  return {
    kind: 'dot',
    batch: batch.loops,
    m: m.loop,
    ...(ragged && { ragged }),
    k: k.loop,
    a: left!,
    groups: groups.map((group, i) => ({
      n: ns[i]!.loop,
      products: group.products.map((product) => ({ ...product, b: rest.shift()! })),
      stores: withExprs(group.stores, rest.splice(0, 2 * group.stores.length)),
    })),
  };
}
