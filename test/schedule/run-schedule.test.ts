// Schedules mean what their graphs mean: each is run without a GPU and compared with the reference evaluator.
import { beforeAll, describe, test } from 'vitest';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import type { Tensor } from '../../compiler/reference/tensor.ts';
import { type ScheduleOptions, schedule } from '../../compiler/schedule/schedule-graph.ts';
import { verifySchedule } from '../../compiler/schedule/verify.ts';
import { type RandomProgram, randomGraph } from '../support/random-graph.ts';
import { runSchedule } from '../support/run-schedule.ts';

const SEEDS = 150;
const LENGTHS = [1, 2, 3, 5, 7];

interface Case {
  readonly program: RandomProgram;
  readonly expected: Readonly<Record<string, Tensor>>;
}

const cases: Case[] = [];

beforeAll(() => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const t = LENGTHS[seed % LENGTHS.length]!;
    const program = randomGraph(seed, { symbols: { b: 1 + (seed % 2), t }, mostElements: 1500 });
    cases.push({ program, expected: interpret(program.graph, program).outputs });
  }
});

function expectEqual({ program, expected }: Case, options: ScheduleOptions, passes = false): void {
  const graph = passes ? runPasses(program.graph) : program.graph;
  const scheduled = schedule(graph, options);
  verifySchedule(scheduled, graph, options.maxStorageBuffers);
  const found = runSchedule(scheduled, program);
  for (const [name, { data }] of Object.entries(expected)) {
    const values = found[name] ?? [];
    const wrong = data.findIndex((want, i) => !isClose(values[i]!, want));
    if (wrong >= 0 || values.length !== data.length) {
      const what = `${name}[${wrong}] is ${values[wrong]}, not ${data[wrong]}`;
      throw new Error(`seed ${program.seed}: ${what}`);
    }
  }
}

/** Both sides compute in float64 and differ only in the order of sums. */
const isClose = (found: number, want: number): boolean =>
  Math.abs(found - want) <= 1e-9 * Math.max(1, Math.abs(want));

describe(`of ${SEEDS} random programs`, () => {
  test('each computes what its graph says when fused', () => {
    for (const one of cases) expectEqual(one, {});
  });

  test('each computes the same when nothing is fused', () => {
    for (const one of cases) expectEqual(one, { fuse: false });
  });

  test('each computes the same after the passes', () => {
    for (const one of cases.slice(0, 60)) expectEqual(one, {}, true);
  });

  test('each computes the same where a kernel may bind six buffers only', () => {
    for (const one of cases.slice(60, 120)) expectEqual(one, { maxStorageBuffers: 6 });
  });
});
