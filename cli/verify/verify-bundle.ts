// Holds what a bundle computes on a device against the float64 reference, value by value: every buffer that one of its
// kernels writes is compared with the node of the graph that it holds. The graph comes from the bundle's own source.
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import type { Compilation } from '../../compiler/compile.ts';
import { invariant } from '../../compiler/invariant.ts';
import type { Node, NodeId } from '../../compiler/ops/op.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import type { Region, ScheduledValue, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { type Dim, evaluate } from '../../compiler/shapes/dim.ts';
import { type Manifest, manifestSchema } from '../../runtime/manifest.ts';
import type { Session } from '../../runtime/session.ts';
import type { Written } from '../../runtime/trace.ts';
import type { Weights } from '../../runtime/weights.ts';
import { UserError } from '../exit.ts';
import { randomInputs } from '../random-inputs.ts';
import { followChoices } from './choices.ts';
import { partAlong, relativeError } from './compare.ts';

export interface VerifyOptions {
  readonly sizes: Readonly<Record<string, number>>;
  /** For the inputs. */
  readonly seed: number;
  /** Told how many values of the reference are computed, of how many: what takes most of the time. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Deviation {
  /** The path of a layer, empty at the model's top, or the name of an output. */
  readonly name: string;
  /** Relative: see compare.ts. */
  readonly error: number;
}

export interface Verification {
  /** Every value that is in memory at some time, by the layer that computes it, in the order in which they are. */
  readonly values: readonly Deviation[];
  readonly outputs: readonly Deviation[];
}

/** @throws {UserError} where the source does not give the bundle's steps: another version of the compiler made it. */
export async function checkSame(bundle: Manifest, compilation: Compilation): Promise<void> {
  const again = manifestSchema.parse({ ...(await buildManifest(compilation)), files: {} });
  const stepsOf = ({ symbols, inputs, outputs, slots, packs, steps, kernels }: Manifest) =>
    JSON.stringify({
      ...{ symbols, inputs, outputs, slots, packs, steps },
      kernels: kernels.map(({ bindings, workgroup }) => ({ bindings, workgroup })),
    });
  if (stepsOf(bundle) !== stepsOf(again))
    throw new UserError(
      'The bundle was made by another version of bform, whose steps differ. Compile it again.',
    );
}

/** Runs the session of a bundle whose source gives the compilation. Throws what `Session.run` throws. */
export async function verifyBundle(
  session: Session,
  compilation: Compilation,
  weights: Weights,
  { sizes, seed, onProgress = () => {} }: VerifyOptions,
): Promise<Verification> {
  const { graph, schedule } = compilation;
  const inputs = randomInputs(compilation, sizes, seed);
  const byId = new Map(schedule.values.map((value) => [value.id, value]));
  const wanted = new Set(schedule.values.flatMap(({ holds }) => holds.map(({ node }) => node)));
  const known = new Map<string, ArrayLike<number>>();
  const dispatches = [...dispatchesOf(schedule.steps, [])];
  const partsWritten = function* ({ dispatch, binding, bytes }: Written) {
    const { region, turns } = dispatches[dispatch]!;
    const resource = compilation.dispatches.get(region)!.resources[binding]!;
    invariant(resource.kind === 'value', 'bundle', `${region.label} writes no value`);
    for (const part of partsOf(byId.get(resource.value)!, bytes, sizes)) yield { ...part, turns };
  };
  const whole = new Map<string, { elements: Elements; shape: readonly number[] }>();
  await session.trace(inputs, (written) => {
    for (const { node, turns, elements, shape } of partsWritten(written))
      if (elements instanceof Int32Array) whole.set(keyOf(node, turns), { elements, shape });
  });
  const follow = followChoices((node, turns, size) => {
    const found = deviceValueOf(whole, node, turns);
    return found && ofTurn(found.elements, found.shape, size, turns);
  });
  const evaluations = countEvaluations(graph.nodes);
  let evaluated = 0;
  const reference = interpret(
    graph,
    {
      symbols: sizes,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])),
      weights: Object.fromEntries(weights),
    },
    undefined,
    (node, turns, value) => {
      follow(node, turns, value);
      if (wanted.has(node.id)) known.set(keyOf(node.id, turns), value.data);
      onProgress(++evaluated, evaluations);
    },
  );
  const values: Deviation[] = [];
  const see = (written: Written): void => {
    for (const { node, path, shape, elements, turns } of partsWritten(written)) {
      const expected = referenceOf(known, node, turns);
      if (!expected) continue;
      const own = ofTurn(elements, shape, expected.length, turns);
      const name = path.replace(/\{(\d+)\}/g, (_, level) => String(turns[Number(level)] ?? '*'));
      values.push({ name, error: relativeError(own, expected) });
    }
  };
  const outputs = await session.trace(inputs, see);
  return {
    values,
    outputs: Object.entries(outputs).map(([name, { data }]) => ({
      name,
      error: relativeError(data, reference.outputs[name]!.data),
    })),
  };
}

/** With the nodes of a repeat in each of its turns. */
function countEvaluations(nodes: readonly Node[]): number {
  return nodes.reduce(
    (sum, { op }) =>
      sum + 1 + (op.kind === 'repeat' ? op.count * countEvaluations(op.body.nodes) : 0),
    0,
  );
}

/** The largest error of each name, in the order in which they come first. */
export function largestByName(deviations: readonly Deviation[]): Deviation[] {
  const largest = new Map<string, number>();
  for (const { name, error } of deviations)
    largest.set(name, Math.max(largest.get(name) ?? 0, error));
  return [...largest].map(([name, error]) => ({ name, error }));
}

const keyOf = (node: NodeId, turns: readonly number[]): string => [node, ...turns].join(' ');

/** What is the same in every turn is computed once, before the repeat: the reference has it in each. */
function referenceOf(
  known: ReadonlyMap<string, ArrayLike<number>>,
  node: NodeId,
  turns: readonly number[],
): ArrayLike<number> | undefined {
  const MOST_REPEATS = 8;
  for (let more = 0; more < MOST_REPEATS; more++) {
    const found = known.get(keyOf(node, [...turns, ...Array<number>(more).fill(0)]));
    if (found) return found;
  }
  return undefined;
}

/** What is the same in every turn is computed once, before the repeat. */
function deviceValueOf<Value>(
  values: ReadonlyMap<string, Value>,
  node: NodeId,
  turns: readonly number[],
): Value | undefined {
  for (let outer = turns.length; outer >= 0; outer--) {
    const found = values.get(keyOf(node, turns.slice(0, outer)));
    if (found) return found;
  }
  return undefined;
}

/** The regions in the order in which they run, those of repeats once for each turn. */
function* dispatchesOf(
  steps: readonly ScheduleStep[],
  turns: readonly number[],
): Generator<{ readonly region: Region; readonly turns: readonly number[] }> {
  for (const step of steps) {
    if (step.kind === 'region') yield { region: step.region, turns };
    else
      for (let turn = 0; turn < step.count; turn++)
        yield* dispatchesOf(step.steps, [...turns, turn]);
  }
}

type Elements = Float32Array | Int32Array | Float64Array;

/** The nodes of a buffer, each with its elements: the buffer's, or those side by side along the one axis that differs. */
function* partsOf(
  { dtype, shape, holds }: ScheduledValue,
  bytes: ArrayBuffer,
  sizes: VerifyOptions['sizes'],
): Generator<{ node: NodeId; path: string; shape: readonly number[]; elements: Elements }> {
  const at = (dims: readonly Dim[]) => dims.map((dim) => Number(evaluate(dim, sizes)));
  const whole = at(shape);
  const count = whole.reduce((product, n) => product * n, 1);
  const elements =
    dtype === 'f32' ? new Float32Array(bytes, 0, count) : new Int32Array(bytes, 0, count);
  let start = 0;
  for (const { node, path, shape } of holds) {
    const own = at(shape);
    const axis = own.findIndex((size, i) => size !== whole[i]);
    if (axis < 0) yield { node, path, shape: own, elements };
    else {
      const part = partAlong(elements, whole, axis, start, own[axis]!);
      yield { node, path, shape: own, elements: part };
      start += own[axis]!;
    }
  }
}

/** Of what a repeat emits, the buffer has all turns, as its first axes: the elements of the turn at hand. */
function ofTurn(
  elements: Elements,
  shape: readonly number[],
  size: number,
  turns: readonly number[],
): Elements {
  const stacked: number[] = [];
  for (let rest = elements.length; rest > size; rest /= stacked.at(-1)!)
    stacked.push(shape[stacked.length]!);
  const own = turns.slice(turns.length - stacked.length);
  const index = own.reduce((at, turn, level) => at * stacked[level]! + turn, 0);
  return elements.slice(index * size, (index + 1) * size);
}
