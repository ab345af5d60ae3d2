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
  const write = (value: number, times: bigint): void => {
    for (const { path, shape } of schedule.values[value]!.holds) {
      const bytes = times * BYTES * evaluate(product(shape), sizes);
      written.set(path, (written.get(path) ?? 0n) + bytes);
    }
  };
  // A value of all turns is written once, part by part.
  const emitted = new Set<number>();
  const count = (steps: readonly ScheduleStep[], turns: bigint): void => {
    for (const step of steps) {
      if (step.kind === 'repeat') {
        for (const value of step.emits) {
          write(value, turns);
          emitted.add(value);
        }
        count(step.steps, turns * BigInt(step.count));
        continue;
      }
      for (const value of valuesWritten(step.region)) if (!emitted.has(value)) write(value, turns);
    }
  };
  count(schedule.steps, 1n);
  return { peak: BigInt(peakBytes(schedule, sizes)), written };
}
