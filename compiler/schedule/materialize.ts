// Decides which element-wise values and views get memory of their own, each in a map: what the surroundings want,
// what would be computed too often if inlined into its users, and what would make a kernel too large.
// Everything else costs no memory: it is computed where it is used.
import type { Node, NodeId } from '../ops/op.ts';
import { isAnchor } from './anchors.ts';
import { addCluster, type Cluster, type Clusters } from './cluster.ts';
import { isOuterProduct } from './dot-roles.ts';
import { isCheap } from './inline-cost.ts';
import type { Program, Scope } from './program.ts';
import type { Uses } from './uses.ts';

export interface MaterializeOptions {
  /** Every operation that is no view gets memory. */
  readonly everything: boolean;
  /** These get memory whatever they cost. */
  readonly forced: ReadonlySet<NodeId>;
  /** Takes each new map; gives the cluster that it was merged into, or the map itself. */
  readonly merge: (map: Cluster) => Cluster;
}

/** An expression of more nodes than this would make a kernel that drivers compile slowly. */
const LARGEST = 300;

export function materialize(
  scope: Scope,
  uses: Uses,
  program: Program,
  clusters: Clusters,
  options: MaterializeOptions,
): void {
  const inside = new Map<NodeId, Cluster>();
  for (const cluster of clusters.all) for (const id of cluster.members) inside.set(id, cluster);
  const isStored = (id: NodeId): boolean => clusters.owner.has(id);
  const store = (id: NodeId, note: string): void => {
    const map: Cluster = {
      kind: 'map',
      anchors: [],
      joints: new Map(),
      members: new Set([id]),
      roots: [id],
      notes: [note],
    };
    addCluster(clusters, map);
    const merged = options.merge(map);
    for (const root of merged.roots) inside.set(root, merged);
  };
  const canStore = (id: NodeId): boolean => uses.has(id) && !inside.has(id);

  for (const id of scope.wanted) if (canStore(id)) store(id, 'kept for later');
  for (const { op, inputs } of scope.nodes) {
    // A repeat overwrites what it carries, so it starts from a buffer of its own.
    if (op.kind === 'repeat' && canStore(inputs[0]!)) store(inputs[0]!, 'carried into the repeat');
  }
  for (const node of scope.nodes) {
    if (!canStore(node.id)) continue;
    if (options.forced.has(node.id)) store(node.id, 'stored to bind fewer buffers at once');
    else if (options.everything && isOperation(node)) store(node.id, 'not fused');
  }

  const operands = productOperands(scope, uses, program);
  const size = new Map<NodeId, number>();
  for (const node of scope.nodes) {
    if (!canStore(node.id)) continue;
    const product = operands.get(node.id);
    const nodes = node.inputs.reduce((sum, id) => sum + (size.get(id) ?? 0), 1);
    if (product && !isCheap(node.id, program, isStored)) {
      store(node.id, `stored: computing it anew in each step of the ${product} costs too much`);
    } else if (nodes > LARGEST) {
      store(node.id, 'stored: the expression is too large for one kernel');
    } else {
      size.set(node.id, nodes);
    }
  }

  // From the last to the first: whoever uses a value has been decided before it.
  const readers = new Map<NodeId, Set<Cluster>>();
  for (const node of [...scope.nodes].reverse()) {
    if (inside.has(node.id)) continue;
    const found = new Set<Cluster>();
    for (const user of uses.usersOf(node.id)) {
      const cluster = inside.get(user.id);
      if (cluster) found.add(cluster);
      else for (const reader of readers.get(user.id) ?? []) found.add(reader);
    }
    readers.set(node.id, found);
    // Of views the operand is stored: they cost nothing themselves and may be larger.
    if (isView(node)) continue;
    const manyTimes = [...found].some((cluster) => cluster.kind === 'repeat');
    if (found.size < 2 && !manyTimes) continue;
    if (isCheap(node.id, program, isStored)) continue;
    store(node.id, manyTimes ? 'stored before the repeat' : 'stored: several regions use it');
  }
}

/** What products, attention, choices and sorts read, below its views: each element is read many times over. */
function productOperands(scope: Scope, uses: Uses, program: Program): Map<NodeId, string> {
  const found = new Map<NodeId, string>();
  for (const node of scope.nodes) {
    const reader = readsOften(node);
    if (!reader) continue;
    for (const operand of node.inputs) found.set(underViews(operand, uses, program), reader);
  }
  return found;
}

/** What reads each element of its operands many times. */
function readsOften(node: Node): string | undefined {
  switch (node.op.kind) {
    case 'attend':
      return 'attention';
    case 'dot':
      return isAnchor(node) ? 'product' : undefined;
    case 'top_k':
      return 'choice';
    case 'group':
      return 'sort';
    default:
      return undefined;
  }
}

/** True for what is neither a view nor a source: without fusion each is a region. */
function isOperation(node: Node): boolean {
  switch (node.op.kind) {
    case 'unary':
    case 'binary':
    case 'select':
    case 'cast':
    case 'gather':
      return true;
    case 'dot':
      return isOuterProduct(node);
    default:
      return false;
  }
}

/** True for what only says where the elements of its one operand lie. */
function isView(node: Node): boolean {
  const { kind } = node.op;
  return kind === 'reshape' || kind === 'transpose' || kind === 'broadcast' || kind === 'slice';
}

function underViews(id: NodeId, uses: Uses, program: Program): NodeId {
  const node = uses.has(id) ? program.node(id) : undefined;
  return node && isView(node) ? underViews(node.inputs[0]!, uses, program) : id;
}
