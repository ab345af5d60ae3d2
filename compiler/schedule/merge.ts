// Merges clusters that do not need each other: products of one left operand, sorts of one operand, and maps over like
// spaces.
// Each merge saves a dispatch and what both read; each refusal leaves a note that says why.
import type { NodeId } from '../ops/op.ts';
import {
  absorb,
  addNote,
  type Cluster,
  type Clusters,
  dependsOn,
  readsOf,
  type Surroundings,
} from './cluster.ts';
import { dotRoles } from './dot-roles.ts';
import { type Shape, sameShape } from './index-map.ts';

/** Vectorised kernels bind the left operand and the weights a second time. */
export const SPARE_FOR_PRODUCTS = 2;

/** Only so many earlier clusters are tried, so that long programs schedule in time linear in their length. */
const LOOK_BACK = 8;

export function mergeDots(clusters: Clusters, around: Surroundings, buffers: number): void {
  const { program } = around;
  const leftOf = (cluster: Cluster): string => dotRoles(cluster.anchors[0]!, program).left;
  const byLeft = new Map<string, Cluster[]>();
  for (const cluster of [...clusters.all].reverse()) {
    if (cluster.kind !== 'dot') continue;
    const left = leftOf(cluster);
    const earlier = byLeft.get(left) ?? [];
    const most = buffers - SPARE_FOR_PRODUCTS;
    const into = earlier
      .slice(-LOOK_BACK)
      .find((other) => tryMerge(clusters, other, cluster, around, most));
    if (into) {
      addNote(into, 'products of one left operand are computed side by side');
    } else {
      byLeft.set(left, [...earlier, cluster]);
    }
  }
}

/** One sort of the same rows into as many groups gives order, places and starts. */
export function mergeSorts(clusters: Clusters): void {
  const known = new Map<string, Cluster>();
  for (const cluster of [...clusters.all]) {
    const op = cluster.anchors[0]?.op;
    if (op?.kind !== 'group') continue;
    const key = `${cluster.anchors[0]!.inputs[0]} ${op.groups.text}`;
    const into = known.get(key);
    if (into) absorb(clusters, into, cluster);
    else known.set(key, cluster);
  }
}

/** Takes each new map and merges it into an earlier one where it can; gives the cluster that it is now part of. */
export function mapMerger(
  clusters: Clusters,
  around: Surroundings,
  buffers: number,
): (map: Cluster) => Cluster {
  const earlier: Cluster[] = [];
  return (map) => {
    for (const other of earlier.slice(-LOOK_BACK)) {
      const along = commonSpace(other, map, around);
      if (along === undefined || !tryMerge(clusters, other, map, around, buffers)) continue;
      other.roots.sort((a, b) => a - b);
      if (along === 'same') {
        addNote(other, 'independent values over one space share a map');
      } else {
        other.packedAlong = along;
        addNote(other, `values that differ in axis ${along} lie side by side in one map`);
      }
      return other;
    }
    earlier.push(map);
    return map;
  };
}

function tryMerge(
  clusters: Clusters,
  into: Cluster,
  from: Cluster,
  around: Surroundings,
  most: number,
): boolean {
  if (dependsOn(from, into, clusters, around) || dependsOn(into, from, clusters, around)) {
    return false;
  }
  const together: Cluster = { ...into, members: new Set([...into.members, ...from.members]) };
  const roots = new Set([...into.roots, ...from.roots]);
  const bound = readsOf(together, clusters, around).buffers.size + roots.size;
  if (bound > most) {
    addNote(into, `not merged with ${from.roots.join(', ')}: ${bound} buffers, at most ${most}`);
    return false;
  }
  absorb(clusters, into, from);
  return true;
}

/** `same`, or the one axis along which two maps' shapes differ if their values may share memory. */
function commonSpace(
  a: Cluster,
  b: Cluster,
  { program, uses }: Surroundings,
): 'same' | number | undefined {
  const type = (id: NodeId) => program.typeOf(id);
  const [x, y] = [type(a.roots[0]!), type(b.roots[0]!)];
  if (a.packedAlong === undefined && sameShape(x.shape, y.shape)) return 'same';
  if (x.dtype !== y.dtype) return undefined;
  const axis = sameShape(x.shape, y.shape) ? a.packedAlong : differingAxis(x.shape, y.shape);
  if (axis === undefined || (a.packedAlong ?? axis) !== axis) return undefined;
  if (a.packedAlong === undefined && a.roots.length > 1) return undefined;
  // What leaves the scope must be a buffer of its own.
  const leaves = (id: NodeId): boolean =>
    uses.isWanted(id) || uses.usersOf(id).some((user) => user.op.kind === 'repeat');
  return [...a.roots, ...b.roots].some(leaves) ? undefined : axis;
}

function differingAxis(a: Shape, b: Shape): number | undefined {
  if (a.length !== b.length) return undefined;
  const axes = a.flatMap((size, axis) => (size.text === b[axis]!.text ? [] : [axis]));
  return axes.length === 1 ? axes[0] : undefined;
}
