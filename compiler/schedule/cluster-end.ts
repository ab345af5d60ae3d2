// Where a cluster ends, of all the joints that it reaches: usually the last, but a norm's cheap scaling is left to the
// products that use it, and views that would scatter a product's stores are left to whoever reads it.
import type { NodeId } from '../ops/op.ts';
import { addNote, type Cluster, type Clusters } from './cluster.ts';
import { isOuterProduct } from './dot-roles.ts';
import { isCheap } from './inline-cost.ts';
import type { Program } from './program.ts';
import type { Joint } from './reach.ts';
import type { Spaces } from './spaces.ts';
import type { Uses } from './uses.ts';

/** What the choice of a cluster's end depends on. */
export interface EndFacts {
  readonly clusters: Clusters;
  readonly uses: Uses;
  readonly program: Program;
  readonly spaces: Spaces;
}

/** Ends a cluster where that is best. */
export function settleEnd(cluster: Cluster, facts: EndFacts): void {
  const root = bestEnd(cluster, facts);
  if (root !== cluster.roots[0]) cutBack(facts.clusters, cluster, root);
}

/** Moves a cluster's end to an earlier joint; what lies behind it is inlined into its users. */
function cutBack(clusters: Clusters, cluster: Cluster, root: NodeId): void {
  const members = cluster.anchors.flatMap((anchor) => {
    const joint = cluster.joints.get(anchor.id)!.find((found) => found.node === root)!;
    return [...joint.members];
  });
  for (const old of cluster.roots) clusters.owner.delete(old);
  cluster.members = new Set(members);
  cluster.roots = [root];
  clusters.owner.set(root, cluster);
}

/** The joints at which all anchors of a cluster have met, up to its root, nearest first. */
function commonJoints(cluster: Cluster): Joint[] {
  const [first, ...others] = cluster.anchors.map((anchor) => cluster.joints.get(anchor.id)!);
  const end = first!.findIndex((joint) => joint.node === cluster.roots[0]);
  return first!
    .slice(0, end + 1)
    .filter((joint) => others.every((list) => list.some((other) => other.node === joint.node)));
}

function bestEnd(cluster: Cluster, facts: EndFacts): NodeId {
  const joints = commonJoints(cluster);
  const last = joints.at(-1)!;
  if (facts.uses.isWanted(last.node)) return last.node;
  if (cluster.kind === 'rows') return endOfRows(cluster, joints, facts);
  if (cluster.kind === 'dot') return endOfProducts(cluster, joints, facts);
  return last.node;
}

/** A norm ends at its row statistics where only products use the rest and computing that is cheap. */
function endOfRows(
  cluster: Cluster,
  joints: readonly Joint[],
  { clusters, uses, program }: EndFacts,
): NodeId {
  const last = joints.at(-1)!;
  const row = joints.findLast((joint) => joint.level === 'row');
  if (!row || last.level === 'row') return last.node;
  if (!onlyProductsUse(last.node, uses)) return last.node;
  const isStored = (id: NodeId): boolean =>
    id === row.node || (id !== last.node && clusters.owner.has(id));
  if (!isCheap(last.node, program, isStored)) return last.node;
  addNote(cluster, 'the scaling that follows is cheap and goes into the products that use it');
  return row.node;
}

function onlyProductsUse(id: NodeId, uses: Uses): boolean {
  return uses.usersOf(id).every((user) => {
    if (user.op.kind === 'reshape' || user.op.kind === 'transpose') {
      return !uses.isWanted(user.id) && onlyProductsUse(user.id, uses);
    }
    return user.op.kind === 'dot' && !isOuterProduct(user);
  });
}

/** Views at the end change where elements go; they stay out where that would scatter the stores of a product. */
function endOfProducts(
  cluster: Cluster,
  joints: readonly Joint[],
  { program, spaces }: EndFacts,
): NodeId {
  const last = joints.at(-1)!;
  const isView = (id: NodeId): boolean => {
    const kind = program.node(id)?.op.kind;
    return kind === 'reshape' || kind === 'transpose';
  };
  let at = joints.length - 1;
  while (at > 0 && isView(joints[at]!.node) && isOnlyViewBefore(joints, at)) at--;
  return spaces.scatters(cluster.anchors[0]!, last) ? joints[at]!.node : last.node;
}

/** True if the joint follows directly on the one before it. */
function isOnlyViewBefore(joints: readonly Joint[], at: number): boolean {
  return joints[at]!.members.size === joints[at - 1]!.members.size + 1;
}
