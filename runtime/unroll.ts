// The manifest's tree of steps as the flat list of dispatches that runs: repeats unrolled, each turn with its copy of
// the weights, swapped slots followed to the buffers they stand for. Knows nothing of sizes or of a device.
import { dispatchSteps } from './load-manifest.ts';
import type { Manifest, Resource, Step } from './manifest.ts';

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
}

export interface Unrolled {
  readonly dispatches: readonly UnrolledDispatch[];
  /** For each slot's role, the slot whose buffer has it after the last step. */
  readonly finalSlots: readonly number[];
}

export function unroll(manifest: Manifest): Unrolled {
  const numbers = new Map(
    Array.from(dispatchSteps(manifest.steps), (step, index) => [step, index]),
  );
  const slots = manifest.slots.map((_, slot) => slot);
  const dispatches: UnrolledDispatch[] = [];

  function resolve(resource: Resource, turns: readonly number[]): BufferId {
    if (resource.kind === 'slot') return { kind: 'slot', slot: slots[resource.slot]! };
    if (resource.kind === 'input') return resource;
    return { ...resource, copy: copyOf(manifest.packs[resource.pack]!.repeats, turns) };
  }

  function visit(steps: readonly Step[], turns: readonly number[]): void {
    for (const step of steps) {
      if (step.kind === 'dispatch') {
        const buffers = step.resources.map((resource) => resolve(resource, turns));
        dispatches.push({ step: numbers.get(step)!, kernel: step.kernel, buffers });
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
  return { dispatches, finalSlots: slots };
}

/** Turns as digits of a number, outermost first. */
const copyOf = (repeats: readonly number[], turns: readonly number[]): number =>
  repeats.reduce((copy, count, level) => copy * count + turns[level]!, 0);
