// The manifest's tree of steps as the flat list of dispatches that runs: repeats unrolled, each turn with its copy of
// the weights, swapped slots followed to the buffers they stand for. Knows nothing of sizes or of a device.
import { dispatchSteps } from './load-manifest.ts';
import type { DispatchStep, Manifest, Resource, Step } from './manifest.ts';
import { turnLevel } from './size.ts';

/** A buffer of the session: slots by where they began, packs by the copy of the turn. */
export type BufferId =
  | { readonly kind: 'input'; readonly input: number }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'pack'; readonly pack: number; readonly copy: number };

export interface UnrolledDispatch {
  /** Index into `dispatchSteps(manifest.steps)`. */
  readonly step: number;
  readonly kernel: number;
  readonly buffers: readonly BufferId[];
  /** Index into `uniforms`. */
  readonly uniform: number;
  /** Of the repeats around it, outermost first. */
  readonly turns: readonly number[];
}

/** The words of a step, which differ by turn only where they name one: `turns` are as many as they look at. */
export interface UniformId {
  readonly step: number;
  readonly turns: readonly number[];
}

export interface Unrolled {
  readonly dispatches: readonly UnrolledDispatch[];
  readonly uniforms: readonly UniformId[];
  /** For each slot's role, the slot whose buffer has it after the last step. */
  readonly finalSlots: readonly number[];
}

export function unroll(manifest: Manifest): Unrolled {
  const numbers = new Map(
    Array.from(dispatchSteps(manifest.steps), (step, index) => [step, index]),
  );
  const slots = manifest.slots.map((_, slot) => slot);
  const dispatches: UnrolledDispatch[] = [];
  const uniforms: UniformId[] = [];
  const known = new Map<string, number>();

  function resolve(resource: Resource, turns: readonly number[]): BufferId {
    if (resource.kind === 'slot') return { kind: 'slot', slot: slots[resource.slot]! };
    if (resource.kind === 'input') return resource;
    return { ...resource, copy: copyOf(manifest.packs[resource.pack]!.repeats, turns) };
  }

  function uniformOf(step: number, turns: readonly number[]): number {
    const key = [step, ...turns].join();
    const uniform = known.get(key) ?? uniforms.push({ step, turns }) - 1;
    known.set(key, uniform);
    return uniform;
  }

  function visit(steps: readonly Step[], turns: readonly number[]): void {
    for (const step of steps) {
      if (step.kind === 'dispatch') {
        const buffers = step.resources.map((resource) => resolve(resource, turns));
        const number = numbers.get(step)!;
        const uniform = uniformOf(number, turns.slice(0, turnsNamed(step)));
        dispatches.push({ step: number, kernel: step.kernel, buffers, uniform, turns });
        continue;
      }
      for (let turn = 0; turn < step.count; turn++) {
        visit(step.steps, [...turns, turn]);
        if (!step.swap) continue;
        const [a, b] = step.swap;
        [slots[a], slots[b]] = [slots[b]!, slots[a]!];
      }
    }
  }

  visit(manifest.steps, []);
  return { dispatches, uniforms, finalSlots: slots };
}

/** Up to which level a step's words name turns. */
function turnsNamed({ params }: DispatchStep): number {
  const levels = params.flatMap((size) =>
    size.flatMap(({ powers }) => powers.map(([name]) => turnLevel(name))),
  );
  return 1 + Math.max(-1, ...levels.filter((level) => level !== undefined));
}

/** Turns as digits of a number, outermost first. */
const copyOf = (repeats: readonly number[], turns: readonly number[]): number =>
  repeats.reduce((copy, count, level) => copy * count + turns[level]!, 0);
