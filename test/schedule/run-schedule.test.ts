// Schedules mean what their graphs mean: each is run without a GPU and compared with the reference evaluator.
import { describe, expect, test } from 'vitest';
import { interpret } from '../../compiler/reference/interpret.ts';
import { type ScheduleOptions, schedule } from '../../compiler/schedule/schedule-graph.ts';
import { type RandomProgram, randomGraph } from '../support/random-graph.ts';
import { runSchedule } from '../support/run-schedule.ts';

const SEEDS = 250;
const LENGTHS = [1, 2, 3, 5, 7];

function programOf(seed: number): RandomProgram {
  return randomGraph(seed, {
    symbols: { b: 1 + (seed % 2), t: LENGTHS[seed % LENGTHS.length]! },
    mostElements: 2000,
  });
}

function expectEqual(program: RandomProgram, options: ScheduleOptions): void {
  const expected = interpret(program.graph, program).outputs;
  const found = runSchedule(schedule(program.graph, options), program);
  for (const [name, { data }] of Object.entries(expected)) {
    const values = found[name]!;
    expect(values.length, name).toBe(data.length);
    const wrong = data.findIndex((want, i) => !isClose(values[i]!, want));
    if (wrong >= 0) {
      throw new Error(
        `seed ${program.seed}: ${name}[${wrong}] is ${values[wrong]}, not ${data[wrong]}`,
      );
    }
  }
}

/** Both sides compute in float64 and differ only in the order of sums. */
const isClose = (found: number, want: number): boolean =>
  Math.abs(found - want) <= 1e-9 * Math.max(1, Math.abs(want));

describe(`of ${SEEDS} random programs`, () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);

  test('each computes what its graph says when fused', () => {
    for (const seed of seeds) expectEqual(programOf(seed), {});
  });

  test('each computes the same when nothing is fused', () => {
    for (const seed of seeds) expectEqual(programOf(seed), { fuse: false });
  });

  test('each still does when a kernel may bind six buffers only', () => {
    for (const seed of seeds.slice(0, 80)) expectEqual(programOf(seed), { maxStorageBuffers: 6 });
  });
});
