// What a schedule keeps in memory, writes there and moves, at given sizes: for cost reports.
// Reads the plan that runs, so a report cannot disagree with the device.
import type { Graph } from '../graph/graph.ts';
import { evaluate, product } from '../shapes/dim.ts';
import { valuesWritten } from './buffers.ts';
import { type BytesOf, peakBytes, STORED_BYTES } from './plan-slots.ts';
import type { Schedule, ScheduleStep } from './schedule.ts';
import { type RegionTraffic, trafficOf } from './traffic.ts';

export interface MemoryUse {
  /** Bytes of all buffers of activations together: what a session allocates for them. */
  readonly peak: bigint;
  /** Bytes that each layer, by path, writes in one run, over all turns of its repeats. */
  readonly written: ReadonlyMap<string, bigint>;
  readonly traffic: readonly RegionTraffic[];
}

/** `bytesOf`: the bytes of an element, for asking how it were if it were stored otherwise. */
export function memoryUse(
  graph: Graph,
  schedule: Schedule,
  sizes: Readonly<Record<string, number>>,
  bytesOf: BytesOf = STORED_BYTES,
): MemoryUse {
  const written = new Map<string, bigint>();
  const write = (value: number, times: bigint): void => {
    const { holds, dtype } = schedule.values[value]!;
    for (const { path, shape } of holds) {
      const bytes = times * BigInt(bytesOf(dtype)) * evaluate(product(shape), sizes);
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
  return {
    peak: BigInt(peakBytes(schedule, sizes, bytesOf)),
    written,
    traffic: trafficOf(graph, schedule, sizes, bytesOf),
  };
}
