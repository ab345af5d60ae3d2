// A cluster is a region in the making: graph nodes that will be computed together, before any expression is written.
// Also what clusters read from each other, which is what forbids merging two of them.
import type { Node, NodeId } from '../ops/op.ts';
import { type Program, references } from './program.ts';
import type { Joint } from './reach.ts';
import type { Placement } from './read.ts';
import type { Region } from './schedule.ts';
import type { Uses } from './uses.ts';

export interface Cluster {
  readonly kind: Region['kind'] | 'repeat';
  /** The reductions, products, attention or sorting computed here, in graph order; none in a map. */
  anchors: Node[];
  /** For each anchor, how far its region could extend. */
  joints: ReadonlyMap<NodeId, readonly Joint[]>;
  /** What is computed here and kept in registers or stored; for a map just what is stored. */
  members: Set<NodeId>;
  /** What is stored. */
  roots: NodeId[];
  /** The roots of a map lie side by side in one value along this axis. */
  packedAlong?: number;
  readonly notes: string[];
}

export interface Clusters {
  readonly all: Set<Cluster>;
  /** The cluster that stores a node. */
  readonly owner: Map<NodeId, Cluster>;
}

export function addCluster(clusters: Clusters, cluster: Cluster): void {
  clusters.all.add(cluster);
  for (const root of cluster.roots) clusters.owner.set(root, cluster);
}

export function addNote({ notes }: Cluster, note: string): void {
  if (!notes.includes(note)) notes.push(note);
}

/** Moves all of `from` into `into`. */
export function absorb(clusters: Clusters, into: Cluster, from: Cluster): void {
  into.anchors = [...into.anchors, ...from.anchors];
  into.joints = new Map([...into.joints, ...from.joints]);
  for (const id of from.members) into.members.add(id);
  for (const root of from.roots) if (!into.roots.includes(root)) into.roots.push(root);
  for (const note of from.notes) addNote(into, note);
  clusters.all.delete(from);
  for (const root of from.roots) clusters.owner.set(root, into);
}

/** What clusters read: facts about one scope and what surrounds it. */
export interface Surroundings {
  readonly program: Program;
  readonly uses: Uses;
  /** What is in memory already, from the enclosing scopes. */
  readonly placements: ReadonlyMap<NodeId, Placement>;
  /** The pack that holds a weight. */
  readonly packOf: (weight: string) => number;
}

export interface Reads {
  /** Clusters whose results are read. */
  readonly from: ReadonlySet<Cluster>;
  /** One text for each buffer that is bound for reading. */
  readonly buffers: ReadonlySet<string>;
}

/** What a cluster reads from memory, with everything that is not stored inlined. */
export function readsOf(cluster: Cluster, clusters: Clusters, around: Surroundings): Reads {
  const { program, uses, placements } = around;
  const from = new Set<Cluster>();
  const buffers = new Set<string>();
  const seen = new Set<NodeId>(cluster.members);
  const queue = [...cluster.members];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const node = program.node(id);
    if (!node) continue;
    for (const operand of references(node)) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      const source = program.node(operand);
      // What is kept is there when its new rows are.
      const made = source?.op.kind === 'append' ? source.inputs[1]! : operand;
      const owner = uses.has(made) ? clusters.owner.get(made) : undefined;
      const place = placements.get(operand);
      if (owner) {
        from.add(owner);
        buffers.add(owner.packedAlong === undefined ? `node ${operand}` : `node ${owner.roots[0]}`);
      } else if (place) {
        buffers.add(`value ${place.value}`);
      } else {
        const op = source?.op;
        if (op?.kind === 'input') buffers.add(`input ${op.name}`);
        if (op?.kind === 'weight') buffers.add(`pack ${around.packOf(op.name)}`);
        queue.push(operand);
      }
    }
  }
  return { from, buffers };
}

/** True if `later` needs, directly or through others, a result of `earlier`. */
export function dependsOn(
  later: Cluster,
  earlier: Cluster,
  clusters: Clusters,
  around: Surroundings,
): boolean {
  // Operands stand first in a graph, so what ends before `earlier` begins cannot need it.
  const begin = Math.min(...[...earlier.members].map((id) => around.uses.positionOf(id)));
  const seen = new Set<Cluster>();
  const queue = [later];
  for (let next = queue.pop(); next; next = queue.pop()) {
    for (const cluster of readsOf(next, clusters, around).from) {
      if (cluster === earlier) return true;
      if (!seen.has(cluster) && endOf(cluster, around) > begin) queue.push(cluster);
      seen.add(cluster);
    }
  }
  return false;
}

const endOf = ({ roots }: Cluster, { uses }: Surroundings): number =>
  Math.max(...roots.map((root) => uses.positionOf(root)));

/** The clusters in an order in which each comes after all that it reads; otherwise as in the graph. */
export function inOrder(clusters: Clusters, around: Surroundings): Cluster[] {
  const place = (cluster: Cluster): number => endOf(cluster, around);
  const sorted = [...clusters.all].sort((a, b) => place(a) - place(b));
  const done = new Set<Cluster>();
  const order: Cluster[] = [];
  const visit = (cluster: Cluster): void => {
    if (done.has(cluster)) return;
    done.add(cluster);
    const before = [...readsOf(cluster, clusters, around).from];
    for (const other of before.sort((a, b) => place(a) - place(b))) visit(other);
    order.push(cluster);
  };
  for (const cluster of sorted) visit(cluster);
  return order;
}
