// How values flow through the parts of a body, from what it takes to what it gives, as series and parallels: what a diagram of
// a permutation draws. Parts and joins on no way to the result (losses, measured values) are left out, and so is a layer
// that gives back what it takes. Where the ways cross, the parts stand in the order in which they run.
import type { Body, Step } from '../model/model.ts';
import type { NodeId, Op } from '../ops/op.ts';
import { regionsOf } from '../ops/regions.ts';

export type Flow =
  /** The part of this place in the body. */
  | { readonly kind: 'part'; readonly index: number }
  /** An operation on values that came different ways: `add` after a residual. */
  | { readonly kind: 'join'; readonly operation: string }
  | { readonly kind: 'series'; readonly items: readonly Flow[] }
  /** All on the same value; with `skip` it goes past them too. */
  | { readonly kind: 'parallel'; readonly branches: readonly Flow[]; readonly skip: boolean };

/** A stop on the way; stops are numbered in the order in which they run, from 1: 0 is what the body takes. */
interface Stop {
  readonly flow: Flow;
  readonly from: readonly number[];
}

export function flowOf(body: Body): Flow {
  const { stops, last } = stopsOf(body);
  const needed = neededFor(last, stops);
  const exit = stops.length + 1;
  const edges = [...needed]
    .flatMap((to) => stops[to - 1]!.from.map((from): Edge => [from, to]))
    .concat([[last, exit]])
    .sort(([a], [b]) => a - b);
  return series([...needed].sort(ascending), 0, exit, edges, stops);
}

function stopsOf(body: Body): { readonly stops: readonly Stop[]; readonly last: number } {
  const stops: Stop[] = [];
  /** The stop that a value comes from; none for weights and constants, 0 for what comes from outside. */
  const origins = new Map<NodeId, number | undefined>();
  const originOf = (id: NodeId): number | undefined => (origins.has(id) ? origins.get(id) : 0);
  const stop = (flow: Flow, inputs: readonly NodeId[]): number => {
    const from = [...new Set(inputs.map(originOf))].filter((one) => one !== undefined);
    return stops.push({ flow, from: from.length > 0 ? from : [0] });
  };
  let parts = 0;
  for (const step of body.steps) {
    if (step.kind === 'op') {
      const { id, op, inputs } = step.node;
      const read = [...inputs, ...capturedBy(op)];
      const from = new Set(read.map(originOf).filter((one) => one !== undefined));
      const [only] = from;
      const join = { kind: 'join', operation: nameOf(op) } as const;
      origins.set(id, from.size > 1 ? stop(join, read) : only);
      continue;
    }
    const [inputs, results] = valuesOf(step);
    const index = parts++;
    if (results.every((result) => inputs.includes(result))) continue;
    const at = stop({ kind: 'part', index }, inputs);
    for (const result of results) origins.set(result, at);
  }
  return { stops, last: originOf(body.result) ?? 0 };
}

function valuesOf(step: Exclude<Step, { kind: 'op' }>): [inputs: NodeId[], results: NodeId[]] {
  switch (step.kind) {
    case 'call':
      return [[...step.instance.inputs], [step.instance.body.result]];
    case 'repeat':
      return [[step.input], [step.id, ...step.emits.map(({ id }) => id)]];
    case 'experts':
      return [[step.input, step.expertOf], [step.id]];
  }
}

/** Values from outside that the regions of an operation read. */
function capturedBy(op: Op): NodeId[] {
  return regionsOf(op).flatMap(({ params, nodes }) => {
    const inside = new Set([...params, ...nodes].map(({ id }) => id));
    return nodes.flatMap(({ inputs }) => inputs.filter((id) => !inside.has(id)));
  });
}

const nameOf = (op: Op): string => (op.kind === 'binary' ? op.fn : op.kind);

function neededFor(last: number, stops: readonly Stop[]): Set<number> {
  const needed = new Set<number>();
  const open = [last];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === 0 || needed.has(at)) continue;
    needed.add(at);
    open.push(...stops[at - 1]!.from);
  }
  return needed;
}

type Edge = readonly [from: number, to: number];

/** The stops between two, cut where every way passes. `inside` and `edges` are in order. */
function series(
  inside: readonly number[],
  entry: number,
  exit: number,
  edges: readonly Edge[],
  stops: readonly Stop[],
): Flow {
  const items: Flow[] = [];
  let [from, stop, edge] = [entry, 0, 0];
  for (const to of [...cutsOf(inside, edges), exit]) {
    const [firstStop, firstEdge] = [stop, edge];
    while (stop < inside.length && inside[stop]! < to) stop++;
    while (edge < edges.length && edges[edge]![0] < to) edge++;
    const between = inside.slice(firstStop, stop);
    const within = edges.slice(firstEdge, edge);
    if (between.length > 0) items.push(parallel(between, from, to, within, stops));
    if (to !== exit) items.push(stops[to - 1]!.flow);
    [from, stop] = [to, stop + 1];
  }
  return items.length === 1 ? items[0]! : { kind: 'series', items };
}

/** Stops that no edge leads past. */
function cutsOf(inside: readonly number[], edges: readonly Edge[]): number[] {
  let [reach, at] = [0, 0];
  return inside.filter((stop) => {
    for (; at < edges.length && edges[at]![0] < stop; at++) reach = Math.max(reach, edges[at]![1]);
    return reach <= stop;
  });
}

function parallel(
  between: readonly number[],
  entry: number,
  exit: number,
  edges: readonly Edge[],
  stops: readonly Stop[],
): Flow {
  const skip = edges.some(([from, to]) => from === entry && to === exit);
  const groups = connected(between, edges);
  if (groups.length === 1 && !skip)
    return { kind: 'series', items: between.map((at) => stops[at - 1]!.flow) };
  const branches = groups.map((group) => {
    const own = edges.filter((edge) => edge.some((at) => group.includes(at)));
    return series(group, entry, exit, own, stops);
  });
  return { kind: 'parallel', branches, skip };
}

/** The stops in groups that share edges, each in order. */
function connected(stops: readonly number[], edges: readonly Edge[]): number[][] {
  const groups = new Map(stops.map((at) => [at, [at]]));
  for (const [from, to] of edges) {
    const [a, b] = [groups.get(from), groups.get(to)];
    if (!a || !b || a === b) continue;
    a.push(...b);
    for (const at of b) groups.set(at, a);
  }
  return [...new Set(groups.values())].map((group) => group.sort(ascending));
}

const ascending = (a: number, b: number): number => a - b;
