// The manifest of a scheduled model: sizes as data, buffers and kernels by number. Deterministic: the order of
// everything follows from the schedule. Holds no files but the kernels' names; emit-bundle.ts lists the rest.
import { sha256 } from '../../runtime/digest.ts';
import {
  MANIFEST_VERSION,
  type Manifest,
  type Resource,
  type Step,
} from '../../runtime/manifest.ts';
import type { Graph } from '../graph/graph.ts';
import { invariant } from '../invariant.ts';
import type { DType } from '../ops/op.ts';
import {
  type BufferRef,
  type Pack,
  type Region,
  type Schedule,
  type ScheduleStep,
  turnOf,
} from '../schedule/schedule.ts';
import { constant, type Dim, mul, product } from '../shapes/dim.ts';
import type { Dispatch, Kernel } from '../wgsl/kernel.ts';
import { roundedSizes, sizeOfDim } from './size-of-dim.ts';

const BYTES_PER_ELEMENT = 4;

/** What the manifest of a bundle is made from. */
export interface ScheduledModel {
  readonly graph: Graph;
  readonly schedule: Schedule;
  readonly kernels: readonly Kernel[];
  readonly dispatches: ReadonlyMap<Region, Dispatch>;
  /** What computes it step by step; absent where that was not asked for. */
  readonly decoding?: Decoding | undefined;
}

/** A program for steps, of the same weights; or why there is none. */
export type Decoding =
  | (Omit<ScheduledModel, 'decoding'> & {
      readonly kind: 'program';
      /** Names of inputs. */
      readonly past: string;
      readonly last: string;
      /** The symbol. */
      readonly capacity: string;
    })
  | { readonly kind: 'none'; readonly why: string };

/** The manifest but for `files`. `text` is passed through. */
export async function buildManifest(
  model: ScheduledModel,
  text?: Manifest['text'],
): Promise<Omit<Manifest, 'files'>> {
  const { graph, schedule, decoding } = model;
  return {
    format: 'bform-bundle',
    version: MANIFEST_VERSION,
    model: graph.name,
    packs: schedule.packs.map((pack) => packOf(graph, pack)),
    ...(await buildProgram(model)),
    ...(decoding?.kind === 'program' && { decode: await buildDecoding(decoding) }),
    ...(decoding?.kind === 'none' && { undecodable: decoding.why }),
    ...(text && { text }),
  };
}

async function buildDecoding(
  decoding: Decoding & { readonly kind: 'program' },
): Promise<NonNullable<Manifest['decode']>> {
  const { graph, schedule, past, last, capacity } = decoding;
  const { slot } = placesOf(graph, schedule);
  const inputOf = (name: string): number => graph.inputs.findIndex((input) => input.name === name);
  return {
    ...(await buildProgram(decoding)),
    kept: schedule.kept.map(slot),
    past: inputOf(past),
    last: inputOf(last),
    capacity,
  };
}

type Program = Pick<
  Manifest,
  'symbols' | 'rounded' | 'inputs' | 'outputs' | 'slots' | 'kernels' | 'steps'
>;

async function buildProgram({
  graph,
  schedule,
  kernels,
  dispatches,
}: Omit<ScheduledModel, 'decoding'>): Promise<Program> {
  const sizes: Dim[] = [];
  const size = (dim: Dim) => sizeWith(dim, graph.symbols);
  const sizeWith = (dim: Dim, symbols: readonly { readonly name: string }[]) => {
    sizes.push(dim);
    return sizeOfDim(dim, symbols);
  };
  const place = placesOf(graph, schedule);

  const dispatchStep = (region: Region, depth: number): Step => {
    const dispatch = dispatches.get(region);
    invariant(dispatch, 'bundle', `${region.label} has no dispatch`);
    const turns = Array.from({ length: depth }, (_, level) => ({ name: turnOf(level).text }));
    return {
      kind: 'dispatch',
      label: dispatch.label,
      kernel: kernels.indexOf(dispatch.kernel),
      resources: dispatch.resources.map(place.resource),
      params: dispatch.params.map((dim) => sizeWith(dim, [...graph.symbols, ...turns])),
      grid: dispatch.grid.map(({ count, per }) => ({ count: size(count), per })),
    };
  };
  const manifestStep = (step: ScheduleStep, depth: number): Step => {
    if (step.kind === 'region') return dispatchStep(step.region, depth);
    const [param, result] = [place.slot(step.carry.param), place.slot(step.carry.result)];
    return {
      kind: 'repeat',
      count: step.count,
      ...(param !== result && { swap: [param, result] as [number, number] }),
      steps: step.steps.map((inner) => manifestStep(inner, depth + 1)),
    };
  };

  const program = {
    symbols: graph.symbols.map(({ name, min, max }) => ({
      name,
      min,
      ...(max !== undefined && { max }),
    })),
    inputs: graph.inputs.map(({ name, type, range }) => ({
      name,
      dtype: type.dtype,
      shape: type.shape.map(size),
      ...(range && { range: [range[0], range[1]] as [number, number] }),
    })),
    outputs: schedule.outputs.map(({ name, kind, value }) => {
      const { dtype, shape, slot } = place.value(value);
      return { name, kind, dtype, shape: shape.map(size), slot: place.slotIndex(slot) };
    }),
    slots: schedule.slots.map(({ values }) => ({
      bytes: distinctBytes(values.map((id) => place.value(id).shape)).map(size),
    })),
    kernels: await Promise.all(kernels.map(kernelEntry)),
    steps: schedule.steps.map((step) => manifestStep(step, 0)),
  };
  return { ...program, rounded: roundedSizes(sizes, graph.symbols) };
}

/** Where the schedule's values, slots, inputs and weights stand in the manifest's lists. */
function placesOf(graph: Graph, schedule: Schedule) {
  const find = <K, V>(map: ReadonlyMap<K, V>, key: K, what: string): V => {
    const found = map.get(key);
    invariant(found !== undefined, 'bundle', `${what} ${key} is not in the schedule`);
    return found;
  };
  const values = new Map(schedule.values.map((value) => [value.id, value]));
  const slots = new Map(schedule.slots.map(({ id }, index) => [id, index]));
  const inputs = new Map(graph.inputs.map(({ name }, index) => [name, index]));
  const packs = new Map(
    schedule.packs.flatMap(({ weights }, index) => weights.map(({ name }) => [name, index])),
  );

  const value = (id: number): { dtype: DType; shape: readonly Dim[]; slot: number } =>
    find(values, id, 'value');
  const slotIndex = (id: number): number => find(slots, id, 'slot');
  const slot = (id: number): number => slotIndex(value(id).slot);
  const resource = (ref: BufferRef): Resource => {
    switch (ref.kind) {
      case 'input':
        return { kind: 'input', input: find(inputs, ref.name, 'input') };
      case 'weight':
        return { kind: 'pack', pack: find(packs, ref.name, 'weight') };
      case 'value':
        return { kind: 'slot', slot: slot(ref.value) };
    }
  };
  return { value, slot, slotIndex, resource };
}

function distinctBytes(shapes: readonly (readonly Dim[])[]): Dim[] {
  const bytes = shapes.map((shape) => mul(product(shape), constant(BYTES_PER_ELEMENT)));
  return [...new Map(bytes.map((dim) => [dim.text, dim])).values()];
}

function packOf(graph: Graph, pack: Pack): Manifest['packs'][number] {
  return {
    repeats: [...pack.repeats],
    elements: pack.elements,
    weights: pack.weights.map(({ name, offset }) => {
      const spec = graph.weights.find((weight) => weight.name === name);
      invariant(spec, 'bundle', `pack ${pack.id} holds ${name}, which is no weight of the model`);
      return { name, shape: [...spec.shape], offset, init: { ...spec.init } };
    }),
  };
}

async function kernelEntry(kernel: Kernel): Promise<Manifest['kernels'][number]> {
  return {
    file: `kernels/${kernel.id}.wgsl`,
    sha256: await sha256(new TextEncoder().encode(kernel.text)),
    workgroup: [...kernel.workgroup],
    workgroupBytes: kernel.workgroupBytes,
    ...(kernel.subgroupSize !== undefined && { subgroupSize: kernel.subgroupSize }),
    bindings: kernel.bindings.map(({ access, element }) => ({ access, element })),
  };
}
