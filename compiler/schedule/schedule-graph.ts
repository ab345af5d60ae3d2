// From a graph to what runs: regions in order, the memory between them, the weights' packs.
//
//   prepare -> cluster anchors -> merge products, sorts -> materialize -> merge maps -> lower -> plan slots
//
// Each scope (the graph, each body of a repeat) is clustered by itself; a repeat stands in its scope as one step.
// Knows no WGSL and no tile sizes.
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../graph/graph.ts';
import { invariant } from '../invariant.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { constant } from '../shapes/dim.ts';
import { clusterAnchors, isAnchor } from './anchors.ts';
import { countBindings } from './buffers.ts';
import { checkSizes } from './check-sizes.ts';
import { type Cluster, inOrder, type Surroundings } from './cluster.ts';
import { foldRows } from './fold-rows.ts';
import { lowerCluster } from './lower.ts';
import { materialize } from './materialize.ts';
import { mapMerger, mergeDots, mergeSorts, SPARE_FOR_PRODUCTS } from './merge.ts';
import { keptInPlace, placeStates } from './place-states.ts';
import {
  copyStep,
  newTurns,
  newValue,
  placeNowhere,
  placeRoots,
  type Work,
} from './place-values.ts';
import { PORTABLE_BINDING_BYTES, packFinder, planPacks } from './plan-packs.ts';
import { planSlots } from './plan-slots.ts';
import { bodyScope, prepareProgram, references, type Scope } from './program.ts';
import type { Placement } from './read.ts';
import { type Region, type Schedule, type ScheduleStep, turnOf } from './schedule.ts';
import { type Uses, usesIn } from './uses.ts';

/** The devices to schedule for. */
export interface ScheduleOptions {
  /** Storage buffers that one kernel may bind. Default 8, what every device has. */
  readonly maxStorageBuffers?: number;
  /** Bytes that one binding may cover. Default 128 MiB, what every device has. */
  readonly maxBindingBytes?: number;
  /** Whether operations share regions; without, each that is no view is its own. Default true. */
  readonly fuse?: boolean;
}

export const PORTABLE_STORAGE_BUFFERS = 8;

/**
 * The schedule of a graph. Weights that no binding can hold, and values that cannot at any size, are reported
 * (BF4001, BF4002); the schedule is then of no use. Without `report` they are thrown as `InternalError`.
 */
export function schedule(graph: Graph, options: ScheduleOptions = {}, report?: Report): Schedule {
  const maxBindingBytes = options.maxBindingBytes ?? PORTABLE_BINDING_BYTES;
  const packs = planPacks(graph, maxBindingBytes, report);
  const program = prepareProgram(graph);
  const work: Work = {
    program,
    fuse: options.fuse ?? true,
    buffers: options.maxStorageBuffers ?? PORTABLE_STORAGE_BUFFERS,
    packOf: packFinder(packs),
    placements: new Map(),
    values: [],
  };
  const kept = placeStates(program.root, work);
  const { steps } = scheduleScope(program.root, [], work);
  checkSizes(work, maxBindingBytes, report);
  const outputs = graph.outputs.map(({ name, kind, node }) => {
    return { name, kind, value: work.placements.get(node)!.value };
  });
  const { values, slots } = planSlots(work.values, steps, outputs, kept);
  return { values, slots, kept, packs, steps, outputs };
}

/** A scope's steps, and the value that holds a body's result. */
interface Scheduled {
  readonly steps: readonly ScheduleStep[];
  readonly result?: number;
  /** What could be folded and has memory. */
  readonly foldable: readonly NodeId[];
}

/** So often a node is stored for a crowded region before merging is given up: many outputs can crowd many regions. */
const MOST_TRIES = 12;

/**
 * Tries again with less fusion while a region binds more buffers than a device allows.
 * @param targets where what the scope emits belongs
 */
function scheduleScope(scope: Scope, targets: readonly Placement[], work: Work): Scheduled {
  const limits: FusionLimits = { stored: new Set(), folded: new Set(), merge: work.fuse };
  for (let tries = 1; ; tries++) {
    const attempt: Work = {
      ...work,
      placements: new Map(work.placements),
      values: [...work.values],
    };
    const scheduled = tryScope(scope, targets, attempt, limits);
    const crowded = scheduled.steps.find(
      (step) => step.kind === 'region' && isCrowded(step.region, work),
    );
    if (crowded?.kind === 'region') {
      if (limits.merge && tries > MOST_TRIES) limits.merge = false;
      else loosen(limits, crowded.region, scope);
      limits.folded.clear();
      continue;
    }
    if (scheduled.foldable.length > 0) {
      for (const node of scheduled.foldable) limits.folded.add(node);
      continue;
    }
    for (const [id, place] of attempt.placements) work.placements.set(id, place);
    work.values.splice(0, work.values.length, ...attempt.values);
    return scheduled;
  }
}

function isCrowded(region: Region, { buffers, packOf }: Work): boolean {
  const spare = region.kind === 'dot' ? SPARE_FOR_PRODUCTS : 0;
  return countBindings(region, packOf) > buffers - spare;
}

interface FusionLimits {
  /** Nodes that get memory and end regions. */
  readonly stored: Set<NodeId>;
  /** Factors of rows that get no memory, since the products that they scale compute them (fold-rows.ts). */
  readonly folded: Set<NodeId>;
  merge: boolean;
}

/** Splits a region that binds too many buffers: a node in its middle is stored, or, without one, nothing is merged. */
function loosen(limits: FusionLimits, region: Region, scope: Scope): void {
  const candidates = scope.nodes.filter(
    (node) =>
      region.nodes.includes(node.id) &&
      !limits.stored.has(node.id) &&
      node.inputs.length > 1 &&
      !isAnchor(node),
  );
  const middle = candidates[Math.floor((candidates.length - 1) / 2)];
  if (middle) {
    limits.stored.add(middle.id);
  } else {
    invariant(limits.merge, 'schedule', `region ${region.label} binds too many buffers`);
    limits.merge = false;
  }
}

function tryScope(
  scope: Scope,
  targets: readonly Placement[],
  work: Work,
  { stored, folded, merge }: FusionLimits,
): Scheduled {
  const { program, fuse, placements, packOf, buffers } = work;
  const uses = usesIn(scope);
  const around: Surroundings = { program, uses, placements, packOf };
  const clusters = clusterAnchors(scope, uses, program, { fuse, stored });
  if (merge) {
    mergeDots(clusters, around, buffers);
    mergeSorts(clusters);
  }
  materialize(scope, uses, program, clusters, {
    everything: !fuse,
    forced: stored,
    merge: merge ? mapMerger(clusters, around, buffers) : (map) => map,
  });

  const order = inOrder(clusters, around);
  const emitted = new Map([...emittedInPlace(scope, targets), ...keptInPlace(scope, work)]);
  for (const cluster of order) {
    if (cluster.kind === 'repeat') continue;
    const [root] = cluster.roots;
    if (root !== undefined && folded.has(root)) placeNowhere(root, work);
    else placeRoots(cluster, emitted, work);
  }
  const steps = order.flatMap((cluster): readonly ScheduleStep[] =>
    cluster.kind === 'repeat'
      ? repeatSteps(cluster.anchors[0]!, scope, uses, emitted, work)
      : [{ kind: 'region', region: lowerCluster(cluster, work) }],
  );
  const [before, after] = emittedByCopy(scope, targets, uses, work);
  const { result } = scope;
  const factors = merge && folded.size === 0 ? factorsIn(order, uses) : [...folded];
  const values = new Map(factors.map((id) => [placements.get(id)!.value, id]));
  const { rest, gone } = foldRows(steps, new Set(values.keys()), program.minimum);
  invariant(folded.size === 0 || gone.size === folded.size, 'schedule', 'a factor was not folded');
  const foldable = folded.size === 0 ? [...gone].map((value) => values.get(value)!) : [];
  const whole = [...before, ...(folded.size === 0 ? steps : rest), ...after];
  if (result === undefined) return { steps: whole, foldable };
  if (uses.has(result)) return { steps: whole, foldable, result: placements.get(result)!.value };
  const copy = newValue(work, [result]);
  const carried = { value: copy, shape: program.typeOf(result).shape };
  return { steps: [...whole, copyStep(work, result, carried)], foldable, result: copy };
}

/** What regions of rows give to nobody but the scope's own regions. */
const factorsIn = (order: readonly Cluster[], uses: Uses): readonly NodeId[] =>
  order
    .filter(({ kind, roots }) => kind === 'rows' && roots.length === 1)
    .flatMap(({ roots }) => roots)
    .filter((root) => !uses.isWanted(root));

/** What a scope emits and can compute where it belongs: not the result, which has a buffer of its own. */
function emittedInPlace(
  { emits, result }: Scope,
  targets: readonly Placement[],
): ReadonlyMap<NodeId, Placement> {
  const places = new Map<NodeId, Placement>();
  for (const [index, id] of emits.entries()) {
    if (id !== result && !places.has(id)) places.set(id, targets[index]!);
  }
  return places;
}

/** Copies of what a scope emits and is elsewhere: of what it is given before its steps, of the rest after them. */
function emittedByCopy(
  { emits }: Scope,
  targets: readonly Placement[],
  uses: Uses,
  work: Work,
): readonly [before: ScheduleStep[], after: ScheduleStep[]] {
  const [before, after]: [ScheduleStep[], ScheduleStep[]] = [[], []];
  for (const [index, id] of emits.entries()) {
    const target = targets[index]!;
    if (work.placements.get(id) === target) continue;
    (uses.has(id) ? after : before).push(copyStep(work, id, target));
  }
  return [before, after];
}

/** A repeat, after a copy of its input where that is no buffer that the repeat may overwrite. */
function repeatSteps(
  node: Node,
  scope: Scope,
  uses: Uses,
  emitted: ReadonlyMap<NodeId, Placement>,
  work: Work,
): ScheduleStep[] {
  const { program, placements } = work;
  invariant(node.op.kind === 'repeat', 'schedule', `${node.op.kind} is no repeat`);
  const { body, count } = node.op;
  const [input, param] = [node.inputs[0]!, body.params[0]!.id];
  const { shape } = program.typeOf(input);
  const steps: ScheduleStep[] = [];
  const isOnlyUse =
    uses.has(input) && uses.count(input) === 1 && !references({ ...node, inputs: [] }).has(input);
  const place = isOnlyUse ? placements.get(input) : undefined;
  const carried = place?.part === undefined && place ? place.value : newValue(work, [param]);
  if (carried !== place?.value) {
    steps.push(copyStep(work, input, { value: carried, shape }));
  }
  placements.set(param, { value: carried, shape });
  const { places, emits } = emittedPlaces(node, scope, emitted, work);
  const targets = places.map((all) => ({
    ...all,
    turns: [...(all.turns ?? []), turnOf(scope.depth)],
  }));
  const turn = scheduleScope(bodyScope(body, scope.depth + 1), targets, work);
  placements.set(node.id, { value: carried, shape });
  const carry = { param: carried, result: turn.result! };
  return [...steps, { kind: 'repeat', count, carry, emits, steps: turn.steps }];
}

/**
 * Where all turns of what a repeat emits are: where its scope emits them itself, else in values of their own, `emits`.
 * Gives the nodes that stand for them these places.
 */
function emittedPlaces(
  { id: repeat, op }: Node,
  scope: Scope,
  emitted: ReadonlyMap<NodeId, Placement>,
  work: Work,
): { readonly places: readonly Placement[]; readonly emits: readonly number[] } {
  invariant(op.kind === 'repeat', 'schedule', `${op.kind} is no repeat`);
  const emits: number[] = [];
  const places = (op.body.emits ?? []).map((id, index) => {
    const readers = scope.nodes.filter(
      (node) => node.op.kind === 'turns' && node.inputs[0] === repeat && node.op.index === index,
    );
    const inPlace = readers.map((node) => emitted.get(node.id)).find((place) => place);
    const shape = [constant(op.count), ...work.program.typeOf(id).shape];
    const place = inPlace ?? { value: newTurns(work, id, shape), shape };
    if (!inPlace) emits.push(place.value);
    for (const reader of readers) work.placements.set(reader.id, place);
    return place;
  });
  return { places, emits };
}
