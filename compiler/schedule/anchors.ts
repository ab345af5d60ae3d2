// Gives every reduction, product, attention and sorting of a scope its cluster, extended forward as far as elements meet in
// place; anchors that meet in one result share a cluster where their loops agree.
// Works from the last anchor to the first, so that what two could claim goes to the later one.
import type { Node, NodeId } from '../ops/op.ts';
import { addCluster, addNote, type Cluster, type Clusters } from './cluster.ts';
import { settleEnd } from './cluster-end.ts';
import { isOuterProduct } from './dot-roles.ts';
import type { Program, Scope } from './program.ts';
import { type Joint, reach } from './reach.ts';
import { createSpaces, type Spaces } from './spaces.ts';
import type { Uses } from './uses.ts';

export function isAnchor(node: Node): boolean {
  switch (node.op.kind) {
    case 'dot':
      return !isOuterProduct(node);
    case 'reduce':
    case 'cumsum':
    case 'attend':
    case 'top_k':
    case 'group':
    case 'segment_sum':
    case 'repeat':
      return true;
    default:
      return false;
  }
}

export interface AnchorOptions {
  /** Whether regions extend beyond their anchors. */
  readonly fuse: boolean;
  /** Nodes that no region extends to. */
  readonly stored: ReadonlySet<NodeId>;
}

export function clusterAnchors(
  scope: Scope,
  uses: Uses,
  program: Program,
  { fuse, stored }: AnchorOptions,
): Clusters {
  const clusters: Clusters = { all: new Set(), owner: new Map() };
  const claimed = new Map<NodeId, Cluster>();
  const spaces = createSpaces(program);
  for (const node of [...scope.nodes].reverse()) {
    if (!isAnchor(node)) continue;
    const { at, space } = spaces.of(node);
    const self: Joint = { node: node.id, level: at.level, members: new Set([node.id]) };
    const canExtend = fuse && node.op.kind !== 'repeat' && node.op.kind !== 'group';
    const joints = canExtend ? reach(node, at, space, uses, program, stored) : [self];
    const met = joints.findLast((joint) => canJoin(node, joint, claimed, spaces));
    if (met) {
      const cluster = claimed.get(met.node)!;
      join(cluster, node, joints, met);
      for (const id of met.members) claimed.set(id, cluster);
      continue;
    }
    const own = joints.findLast((joint) => [...joint.members].every((id) => !claimed.has(id)))!;
    const cluster: Cluster = {
      kind: kindOf(node),
      anchors: [node],
      joints: new Map([[node.id, joints]]),
      members: new Set(own.members),
      roots: [own.node],
      notes: [],
    };
    addCluster(clusters, cluster);
    for (const id of own.members) claimed.set(id, cluster);
  }
  for (const cluster of clusters.all) {
    settleEnd(cluster, { clusters, uses, program, spaces });
    noteMembers(cluster, program);
  }
  addTurns(scope, clusters);
  return clusters;
}

/** What a repeat emits is stored by its turns. */
function addTurns({ nodes }: Scope, clusters: Clusters): void {
  for (const { id, op, inputs } of nodes) {
    const cluster = op.kind === 'turns' && clusters.owner.get(inputs[0]!);
    if (!cluster) continue;
    cluster.members.add(id);
    cluster.roots.push(id);
    clusters.owner.set(id, cluster);
  }
}

function kindOf(node: Node): Cluster['kind'] {
  switch (node.op.kind) {
    case 'dot':
    case 'attend':
    case 'top_k':
    case 'group':
    case 'segment_sum':
    case 'repeat':
      return node.op.kind;
    default:
      return 'rows';
  }
}

function join(cluster: Cluster, node: Node, joints: readonly Joint[], met: Joint): void {
  cluster.anchors.unshift(node);
  cluster.joints = new Map([[node.id, joints], ...cluster.joints]);
  for (const id of met.members) cluster.members.add(id);
}

/** True where all that was claimed on the way to the joint is one cluster that ends there, with the anchor's loops. */
function canJoin(
  node: Node,
  joint: Joint,
  claimed: ReadonlyMap<NodeId, Cluster>,
  spaces: Spaces,
): boolean {
  const cluster = claimed.get(joint.node);
  if (cluster?.roots[0] !== joint.node) return false;
  const alone = [...joint.members].every((id) => (claimed.get(id) ?? cluster) === cluster);
  return alone && cluster.anchors.every((other) => spaces.agree(node, other, joint));
}

function noteMembers(cluster: Cluster, program: Program): void {
  const anchors = new Set(cluster.anchors.map((anchor) => anchor.id));
  const inside = [...cluster.members].filter((id) => !anchors.has(id));
  const names = inside
    .map((id) => program.node(id)!.op)
    .map((op) => ('fn' in op ? op.fn : op.kind));
  if (names.length > 0) addNote(cluster, `computed in place: ${names.join(', ')}`);
  if (anchors.size > 1)
    addNote(cluster, `${anchors.size} ${cluster.kind} results meet in one store`);
}
