// Turns a cluster into a region: loops, and every element as an expression over them.
// All fusing was decided before (cluster.ts); what is not stored is inlined by the reader (read.ts).
import { invariant } from '../invariant.ts';
import { add } from '../shapes/dim.ts';
import type { Cluster } from './cluster.ts';
import { collapse } from './collapse.ts';
import { createExprs } from './expr.ts';
import { flatten, type Index, indexOf, loopsOver } from './index-map.ts';
import { labelOf } from './label.ts';
import { lowerAttend } from './lower-attend.ts';
import { lowerDot } from './lower-dot.ts';
import { lowerGroup } from './lower-group.ts';
import { lowerRows } from './lower-rows.ts';
import { lowerSegmentSum } from './lower-segment-sum.ts';
import { lowerTopK } from './lower-top-k.ts';
import {
  type Lowering,
  type RegionParts,
  type Surface,
  stored,
  storeOf,
  withExprs,
} from './lowering.ts';
import { createReader, type Reading, readPart } from './read.ts';
import type { Expr, Region, Store } from './schedule.ts';

export function lowerCluster(cluster: Cluster, surface: Surface): Region {
  const e = createExprs(surface.program.minimum);
  const known: Reading['known'] = new Map();
  const computed = new Set(cluster.members);
  const read = createReader({ ...surface, e, local: cluster.members, known, computed });
  const members = [...cluster.members].sort((a, b) => a - b);
  const lowering: Lowering = { ...surface, cluster, e, read, known, members };
  const parts = lowerParts(lowering);
  const nodes = [...computed].sort((a, b) => a - b);
  const label = labelOf(cluster, surface.program);
  return { ...parts, label, nodes, notes: cluster.notes };
}

function lowerParts(lowering: Lowering): RegionParts {
  switch (lowering.cluster.kind) {
    case 'map':
      return lowerMap(lowering);
    case 'rows':
      return lowerRows(lowering);
    case 'dot':
      return lowerDot(lowering);
    case 'attend':
      return lowerAttend(lowering);
    case 'top_k':
      return lowerTopK(lowering);
    case 'group':
      return lowerGroup(lowering);
    case 'segment_sum':
      return lowerSegmentSum(lowering);
    case 'repeat':
      invariant(false, 'schedule', 'a repeat is no region');
  }
}

function lowerMap(lowering: Lowering): RegionParts<'map'> {
  const { e, read, cluster, placements, program } = lowering;
  const first = placements.get(cluster.roots[0]!)!;
  const packed = cluster.packedAlong !== undefined;
  const shape = packed ? first.shape : program.typeOf(cluster.roots[0]!).shape;
  const loops = loopsOver(e, shape);
  const index = indexOf(e, loops).slice(0, shape.length);
  const stores = packed
    ? [packedStore(lowering, index)]
    : cluster.roots.map((root) => storeOf(lowering, root, index, read(root, index)));
  const all = collapse(
    e,
    loops,
    stores.flatMap((store) => [store.at, store.value]),
  );
  return { kind: 'map', loops: all.loops, stores: withExprs(stores, all.exprs) };
}

/** Several nodes side by side in one value: which one it is depends on where along the axis the element lies. */
function packedStore({ e, read, cluster, placements, program }: Lowering, index: Index): Store {
  const axis = cluster.packedAlong!;
  const { value: target, shape } = placements.get(cluster.roots[0]!)!;
  const value = cluster.roots.reduceRight<Expr | undefined>((rest, root) => {
    const start = placements.get(root)!.part!.offset;
    const size = program.typeOf(root).shape[axis]!;
    const element = readPart(e, index, axis, { start, size }, (own) => read(root, own));
    const isHere = e.binary('lt', index[axis]!, e.size(add(start, size)));
    return rest ? e.select(isHere, element, rest) : element;
  }, undefined)!;
  return { target, at: flatten(e, index, shape), value: stored(e, value) };
}
