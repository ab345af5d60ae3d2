// Gives every reduction, product and attention of a scope its cluster, extended forward as far as elements meet in
// place; anchors that meet in one result share a cluster where their loops agree.
// Works from the last anchor to the first, so that what two could claim goes to the later one.
import type { Node, NodeId } from '../ops/op.ts';
import { addCluster, addNote, type Cluster, type Clusters } from './cluster.ts';
import { type DotRoles, dotRoles, isOuterProduct } from './dot-roles.ts';
import { createExprs, type Exprs } from './expr.ts';
import { flatten, indexOf, loopsOver, type Shape } from './index-map.ts';
import { isCheap } from './inline-cost.ts';
import { type Located, locate, type Space } from './locate.ts';
import type { Program, Scope } from './program.ts';
import { type Joint, reach } from './reach.ts';
import type { Expr } from './schedule.ts';
import type { Uses } from './uses.ts';

export function isAnchor(node: Node): boolean {
  const { kind } = node.op;
  if (kind === 'dot') return !isOuterProduct(node);
  return kind === 'reduce' || kind === 'cumsum' || kind === 'attend' || kind === 'repeat';
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
    const canExtend = fuse && node.op.kind !== 'repeat';
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
    const root = bestRoot(cluster, clusters, uses, program, spaces);
    if (root !== cluster.roots[0]) cutBack(clusters, cluster, root);
    noteMembers(cluster, program);
  }
  return clusters;
}

function kindOf(node: Node): Cluster['kind'] {
  switch (node.op.kind) {
    case 'dot':
    case 'attend':
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

function bestRoot(
  cluster: Cluster,
  clusters: Clusters,
  uses: Uses,
  program: Program,
  spaces: Spaces,
): NodeId {
  const joints = commonJoints(cluster);
  const last = joints.at(-1)!;
  if (uses.isWanted(last.node)) return last.node;
  if (cluster.kind === 'rows') return scaleForProducts(cluster, clusters, joints, uses, program);
  if (cluster.kind === 'dot') return withoutScatter(joints, last, program, spaces, cluster);
  return last.node;
}

/** A norm ends at its row statistics where only products use the rest and computing that is cheap. */
function scaleForProducts(
  cluster: Cluster,
  clusters: Clusters,
  joints: readonly Joint[],
  uses: Uses,
  program: Program,
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
function withoutScatter(
  joints: readonly Joint[],
  last: Joint,
  program: Program,
  spaces: Spaces,
  cluster: Cluster,
): NodeId {
  const isView = (id: NodeId): boolean => {
    const kind = program.node(id)?.op.kind;
    return kind === 'reshape' || kind === 'transpose';
  };
  let at = joints.length - 1;
  while (at > 0 && isView(joints[at]!.node) && isOnlyViewBefore(joints, at)) at--;
  const plain = joints[at]!;
  if (plain === last) return last.node;
  const scattered = spaces.scatters(cluster.anchors[0]!, last);
  return scattered ? plain.node : last.node;
}

/** True if the joint follows directly on the one before it. */
function isOnlyViewBefore(joints: readonly Joint[], at: number): boolean {
  return joints[at]!.members.size === joints[at - 1]!.members.size + 1;
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

interface Spaces {
  of(node: Node): { readonly at: Located; readonly space: Space };
  /** True if two anchors' loops are the same, element for element. */
  agree(node: Node, other: Node, joint: Joint): boolean;
  /** True if storing a product at this joint divides the product's row or column number. */
  scatters(anchor: Node, joint: Joint): boolean;
}

/** Scratch loop variables, shared by all tensors of one shape, so that places can be compared. */
function createSpaces(program: Program): Spaces {
  const e = createExprs(program.minimum);
  const vars = new Map<string, readonly Expr[]>();
  const roles = new Map<NodeId, DotRoles>();
  const varsOf = (shape: Shape): readonly Expr[] => {
    const key = shape.map((size) => size.text).join(', ');
    const made = vars.get(key) ?? indexOf(e, loopsOver(e, shape)).slice(0, shape.length);
    vars.set(key, made);
    return made;
  };
  const rolesOf = (node: Node): DotRoles => {
    const found = roles.get(node.id) ?? dotRoles(node, program);
    roles.set(node.id, found);
    return found;
  };
  return {
    of: (node) => spaceOf(node, e, varsOf, program),
    agree(node, other, joint) {
      if (node.op.kind !== other.op.kind) return false;
      if (node.op.kind === 'reduce' && other.op.kind === 'reduce') {
        if (joint.members.has(other.id)) return true;
        const [a, b] = [node, other].map((one) => program.typeOf(one.inputs[0]!).shape);
        return (
          String(node.op.axes) === String(other.op.axes) &&
          a!.map((size) => size.text).join() === b!.map((size) => size.text).join()
        );
      }
      return node.op.kind === 'dot' && outOf(rolesOf(node)) === outOf(rolesOf(other));
    },
    scatters(anchor, joint) {
      const { at, space } = spaceOf(anchor, e, varsOf, program);
      const known = new Map<NodeId, Located>([[anchor.id, at]]);
      for (const id of joint.members) {
        const node = program.node(id)!;
        const place = known.has(id) ? undefined : locate(node, known, space, program);
        if (place) known.set(id, place);
      }
      const flat = flatten(e, known.get(joint.node)!.index, program.typeOf(joint.node).shape);
      return flat !== flatten(e, at.index, anchor.type.shape);
    },
  };
}

/** The left operand and what each axis of the result is. */
function outOf(roles: DotRoles): string {
  const role = (label: number): string => {
    if (roles.batch.includes(label)) return `b${roles.batch.indexOf(label)}`;
    if (roles.m.includes(label)) return `m${roles.m.indexOf(label)}`;
    return `n ${roles.sizes.get(label)!.text}`;
  };
  return [roles.left, ...roles.out.map(role)].join(', ');
}

/** The loops of an anchor's region and where its result is in them. */
function spaceOf(
  node: Node,
  e: Exprs,
  varsOf: (shape: Shape) => readonly Expr[],
  program: Program,
): { at: Located; space: Space } {
  const { op } = node;
  if (op.kind === 'reduce') {
    const { shape } = program.typeOf(node.inputs[0]!);
    const all = varsOf(shape);
    const summed = (_: unknown, axis: number): boolean => op.axes.includes(axis);
    const rows = all.filter((_, axis) => !op.axes.includes(axis));
    const space = { e, rows, cols: all.filter(summed), colSizes: shape.filter(summed) };
    return { at: { index: rows, level: 'row' }, space };
  }
  const index = varsOf(node.type.shape);
  return { at: { index, level: 'point' }, space: { e, rows: index, cols: [], colSizes: [] } };
}
