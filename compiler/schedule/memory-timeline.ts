// The activations that are in use while each region runs, at given sizes: memory over the schedule, as a report draws it.
// Turns of repeats are taken as one.
import { evaluate, product } from '../shapes/dim.ts';
import { type BytesOf, livesOf, STORED_BYTES } from './plan-slots.ts';
import type { Schedule, ScheduleStep } from './schedule.ts';

export interface MemoryAt {
  readonly label: string;
  /** Bytes of the values that this region or a later one still reads, and of those that it writes. */
  readonly live: bigint;
}

/** In the order in which regions run. */
export function memoryTimeline(
  schedule: Schedule,
  sizes: Readonly<Record<string, number>>,
  bytesOf: BytesOf = STORED_BYTES,
): MemoryAt[] {
  const { lives, positions } = livesOf(schedule.steps);
  for (const { value } of schedule.outputs) lives.get(value)!.end = Number.POSITIVE_INFINITY;
  const bytes = schedule.values.map(
    ({ shape, dtype }) => evaluate(product(shape), sizes) * BigInt(bytesOf(dtype)),
  );
  const labels = labelsOf(schedule.steps);
  return positions.map((at, index) => {
    let live = 0n;
    for (const [value, { start, end }] of lives)
      if (start <= at && at <= end) live += bytes[value]!;
    return { label: labels[index]!, live };
  });
}

const labelsOf = (steps: readonly ScheduleStep[]): string[] =>
  steps.flatMap((step) => (step.kind === 'region' ? [step.region.label] : labelsOf(step.steps)));
