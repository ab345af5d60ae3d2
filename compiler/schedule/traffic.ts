// The bytes that each region moves between memory and the chip at given sizes: every element that it touches counted once,
// as a cache that is large enough would have it. What a roofline divides by.
// Knows nothing of tiles, which may read an element several times.
import type { Graph } from '../graph/graph.ts';
import type { NodeId } from '../ops/op.ts';
import { type Dim, evaluate, product } from '../shapes/dim.ts';
import { loadsOf, storesOf } from './buffers.ts';
import { partsOf } from './parts.ts';
import type { BytesOf } from './plan-slots.ts';
import type { BufferRef, Expr, Loop, LoopVar, Region, Schedule, ScheduleStep } from './schedule.ts';

/** One region, in one turn of the repeats around it. */
export interface RegionTraffic {
  readonly label: string;
  readonly kind: Region['kind'];
  readonly nodes: readonly NodeId[];
  /** How often it runs: the product of the repeats around it. */
  readonly times: number;
  /** Bytes. */
  readonly read: bigint;
  /** Bytes of weights among those read. */
  readonly weights: bigint;
  /** Bytes. */
  readonly written: bigint;
}

type Sizes = Readonly<Record<string, number>>;

/** Regions in the order in which they run. */
export function trafficOf(
  graph: Graph,
  schedule: Schedule,
  sizes: Sizes,
  bytesOf: BytesOf,
): RegionTraffic[] {
  const elements = (shape: readonly Dim[]): bigint => evaluate(product(shape), sizes);
  const weights = new Map(
    graph.weights.map(({ name, shape, dtype }) => [
      name,
      { count: shape.reduce((all, size) => all * BigInt(size), 1n), dtype },
    ]),
  );
  const inputs = new Map(
    graph.inputs.map(({ name, type }) => [
      name,
      { count: elements(type.shape), dtype: type.dtype },
    ]),
  );
  const values = schedule.values.map(({ shape, dtype }) => ({ count: elements(shape), dtype }));
  const tensorOf = (ref: BufferRef) =>
    ref.kind === 'value'
      ? values[ref.value]!
      : (ref.kind === 'weight' ? weights : inputs).get(ref.name)!;

  function measure(region: Region, times: number): RegionTraffic {
    const points = pointsIn(region, sizes);
    const touched = new Map<string, { ref: BufferRef; count: bigint }>();
    for (const { buffer, at } of loadsOf(region)) {
      const key = buffer.kind === 'value' ? `${buffer.value}` : `${buffer.kind} ${buffer.name}`;
      const before = touched.get(key)?.count ?? 0n;
      touched.set(key, { ref: buffer, count: before + points(at) });
    }
    let [read, ofWeights, written] = [0n, 0n, 0n];
    for (const { ref, count } of touched.values()) {
      const tensor = tensorOf(ref);
      const bytes = least(count, tensor.count) * BigInt(bytesOf(tensor.dtype));
      read += bytes;
      if (ref.kind === 'weight') ofWeights += bytes;
    }
    for (const { target, at } of storesOf(region)) {
      const tensor = values[target]!;
      written += least(points(at), tensor.count) * BigInt(bytesOf(tensor.dtype));
    }
    const { label, kind, nodes } = region;
    return { label, kind, nodes, times, read, weights: ofWeights, written };
  }

  const measureAll = (steps: readonly ScheduleStep[], times: number): RegionTraffic[] =>
    steps.flatMap((step) =>
      step.kind === 'region'
        ? [measure(step.region, times)]
        : measureAll(step.steps, times * step.count),
    );
  return measureAll(schedule.steps, 1);
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** How many places an index expression of the region takes at most. */
function pointsIn(region: Region, sizes: Sizes): (at: Expr) => bigint {
  const sizeOf = new Map<LoopVar, bigint>(
    loopsOf(region).map((loop) => [loop.var, evaluate(loop.size, sizes)]),
  );
  // No more parts are read than there are rows.
  if (region.kind === 'dot' && region.ragged) {
    const { part } = region.ragged;
    sizeOf.set(part.var, least(sizeOf.get(part.var)!, sizeOf.get(region.m.var)!));
  }
  const all = [...sizeOf.values()].reduce((product, size) => product * size, 1n);
  return (at) => {
    const vars = new Set<LoopVar>();
    let computed = false;
    const seen = new Set<Expr>();
    const visit = (expr: Expr): void => {
      if (seen.has(expr)) return;
      seen.add(expr);
      if (expr.kind === 'var') vars.add(expr.index);
      // The result of a region may be anything that its loops make.
      if (expr.kind === 'acc') computed = true;
      for (const part of partsOf(expr)) visit(part);
    };
    visit(at);
    return computed ? all : [...vars].reduce((product, name) => product * sizeOf.get(name)!, 1n);
  };
}

function loopsOf(region: Region): readonly Loop[] {
  switch (region.kind) {
    case 'map':
      return region.loops;
    case 'rows':
      return [...region.rows, region.col];
    case 'dot':
      return [
        ...region.batch,
        region.m,
        region.k,
        ...(region.ragged ? [region.ragged.part] : []),
        ...region.groups.map(({ n }) => n),
      ];
    case 'attend':
      return [region.b, region.h, region.i, region.j, region.c, region.n];
    case 'group':
      return [region.row, region.group];
    case 'top_k':
      return [...region.rows, region.col, region.rank];
    case 'segment_sum':
      return [region.group, ...region.cols, region.row];
  }
}
