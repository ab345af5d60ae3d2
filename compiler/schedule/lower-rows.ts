// Reductions and running sums as a rows region: one loop along the reduced axes, one after the other over each row.
import { invariant } from '../invariant.ts';
import type { NodeId } from '../ops/op.ts';
import { collapse, joinAll } from './collapse.ts';
import { indexOf, loopsOver } from './index-map.ts';
import { type Located, locate, type Space } from './locate.ts';
import { type Lowering, type RegionParts, storeOf, withExprs } from './lowering.ts';
import type { RowsRegion, Store } from './schedule.ts';

export function lowerRows(lowering: Lowering): RegionParts<'rows'> {
  const { e, cluster, program, known, read, members } = lowering;
  const first = cluster.anchors[0]!;
  const { shape } = program.typeOf(first.inputs[0]!);
  const along = (axis: number): boolean =>
    first.op.kind === 'reduce' ? first.op.axes.includes(axis) : isScanned(first, axis);
  const loops = loopsOver(e, shape);
  const all = indexOf(e, loops).slice(0, shape.length);
  const rowLoops = loops.filter((_, axis) => !along(axis) && axis < shape.length);
  const colLoops = loops.filter((_, axis) => along(axis));
  const space: Space = {
    e,
    rows: all.filter((_, axis) => !along(axis)),
    cols: all.filter((_, axis) => along(axis)),
    colSizes: shape.filter((_, axis) => along(axis)),
  };

  const places = new Map<NodeId, Located>();
  const stages: RowsRegion['stages'][number][] = [];
  let scan: RowsRegion['scan'];
  for (const id of members) {
    const node = program.node(id)!;
    const isAnchor = cluster.anchors.includes(node);
    const found = locate(node, places, space, program);
    if (!isAnchor) {
      if (found) places.set(id, found);
      continue;
    }
    const operand = node.inputs[0]!;
    const value = read(operand, (found && places.get(operand)?.index) ?? all);
    const acc = stages.length;
    if (node.op.kind === 'cumsum') {
      scan = { acc, value };
      places.set(id, { index: all, level: 'point' });
    } else {
      invariant(node.op.kind === 'reduce', 'schedule', `${node.op.kind} in a rows region`);
      stages.push({ acc, fn: node.op.fn, value });
      places.set(id, found ?? { index: space.rows, level: 'row' });
    }
    known.set(id, { index: places.get(id)!.index, value: e.acc(acc, node.type.dtype) });
  }

  const rowStores: Store[] = [];
  const colStores: Store[] = [];
  for (const root of cluster.roots) {
    const place = places.get(root);
    invariant(place, 'schedule', `node ${root} is not reached from its rows`);
    const store = storeOf(lowering, root, place.index, read(root, place.index));
    (place.level === 'row' ? rowStores : colStores).push(store);
  }
  return withOneColumn(lowering, rowLoops, colLoops, { stages, scan, rowStores, colStores });
}

function isScanned(node: Lowering['cluster']['anchors'][number], axis: number): boolean {
  return node.op.kind === 'cumsum' && node.op.axis === axis;
}

type Body = Pick<RowsRegion, 'stages' | 'rowStores' | 'colStores'> & { scan: RowsRegion['scan'] };

function withOneColumn(
  { e }: Lowering,
  rowLoops: RowsRegion['rows'],
  colLoops: RowsRegion['rows'],
  { stages, scan, rowStores, colStores }: Body,
): RegionParts<'rows'> {
  const col = joinAll(e, colLoops);
  const stores = [...rowStores, ...colStores];
  const exprs = e.replace(
    [
      ...stages.map((stage) => stage.value),
      ...(scan ? [scan.value] : []),
      ...stores.flatMap((store) => [store.at, store.value]),
    ],
    col.vars,
  );
  const rows = collapse(e, rowLoops, exprs);
  const [values, rest] = [rows.exprs.slice(0, stages.length), rows.exprs.slice(stages.length)];
  const scanned = scan && { ...scan, value: rest.shift()! };
  const placed = withExprs(stores, rest);
  return {
    kind: 'rows',
    rows: rows.loops,
    col: col.loop,
    stages: stages.map((stage, i) => ({ ...stage, value: values[i]! })),
    ...(scanned && { scan: scanned }),
    rowStores: placed.slice(0, rowStores.length),
    colStores: placed.slice(rowStores.length),
  };
}
