// What a schedule keeps in memory, writes there and moves, at given sizes: for cost reports.
// Reads the plan that runs, so a report cannot disagree with the device.
import type { Graph } from '../graph/graph.ts';
import { add, constant, type Dim, evaluate, mul, product, ZERO } from '../shapes/dim.ts';
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
  const written = bytesWritten(schedule, bytesOf);
  return {
    peak: BigInt(peakBytes(schedule, sizes, bytesOf)),
    written: new Map([...written].map(([path, bytes]) => [path, evaluate(bytes, sizes)])),
    traffic: trafficOf(graph, schedule, sizes, bytesOf),
  };
}

/** Bytes that each layer, by path, writes in one run, with the sizes left open. */
export function bytesWritten(
  schedule: Schedule,
  bytesOf: BytesOf = STORED_BYTES,
): ReadonlyMap<string, Dim> {
  const written = new Map<string, Dim>();
  const write = (value: number, times: number): void => {
    const { holds, dtype } = schedule.values[value]!;
    for (const { path, shape } of holds) {
      const bytes = mul(constant(times * bytesOf(dtype)), product(shape));
      written.set(path, add(written.get(path) ?? ZERO, bytes));
    }
  };
  // A value of all turns is written once, part by part.
  const emitted = new Set<number>();
  const count = (steps: readonly ScheduleStep[], turns: number): void => {
    for (const step of steps) {
      if (step.kind === 'repeat') {
        for (const value of step.emits) {
          write(value, turns);
          emitted.add(value);
        }
        count(step.steps, turns * step.count);
        continue;
      }
      for (const value of valuesWritten(step.region)) if (!emitted.has(value)) write(value, turns);
    }
  };
  count(schedule.steps, 1);
  return written;
}
