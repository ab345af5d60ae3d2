// What a schedule keeps in memory and writes there, at given sizes: for cost reports.
// Reads the plan that runs, so a report cannot disagree with the device.
import { evaluate, product } from '../shapes/dim.ts';
import { valuesWritten } from './buffers.ts';
import { peakBytes } from './plan-slots.ts';
import type { Schedule, ScheduleStep } from './schedule.ts';

const BYTES = 4n;

export interface MemoryUse {
  /** Bytes of all buffers of activations together: what a session allocates for them. */
  readonly peak: bigint;
  /** Bytes that each layer, by path, writes in one run, over all turns of its repeats. */
  readonly written: ReadonlyMap<string, bigint>;
}

export function memoryUse(schedule: Schedule, sizes: Readonly<Record<string, number>>): MemoryUse {
  const written = new Map<string, bigint>();
  const count = (steps: readonly ScheduleStep[], turns: bigint): void => {
    for (const step of steps) {
      if (step.kind === 'repeat') {
        count(step.steps, turns * BigInt(step.count));
        continue;
      }
      for (const id of valuesWritten(step.region)) {
        for (const { path, shape } of schedule.values[id]!.holds) {
          const bytes = turns * BYTES * evaluate(product(shape), sizes);
          written.set(path, (written.get(path) ?? 0n) + bytes);
        }
      }
    }
  };
  count(schedule.steps, 1n);
  return { peak: BigInt(peakBytes(schedule, sizes)), written };
}
