// The bytes that regions are said to move, held against those that they move when they run.
import { expect, test } from 'vitest';
import { buildGraph } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { STORED_BYTES } from '../../compiler/schedule/plan-slots.ts';
import type { Region, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { trafficOf } from '../../compiler/schedule/traffic.ts';
import { randomGraph } from '../support/random-graph.ts';
import { runSchedule } from '../support/run-schedule.ts';

function traffic(graph: Graph, sizes: Record<string, number>) {
  return trafficOf(graph, schedule(graph), sizes, STORED_BYTES);
}

const regionsIn = (steps: readonly ScheduleStep[]): Region[] =>
  steps.flatMap((step) => (step.kind === 'region' ? [step.region] : regionsIn(step.steps)));

test('of random programs, what is said is no less than what is moved, and mostly equal', () => {
  let [equal, all] = [0, 0];
  for (let seed = 1; seed <= 80; seed++) {
    const symbols = { b: 1 + (seed % 2), t: 1 + (seed % 7) };
    const program = randomGraph(seed, { symbols, mostElements: 1000 });
    const scheduled = schedule(program.graph);
    const said = trafficOf(program.graph, scheduled, symbols, STORED_BYTES);
    const regions = regionsIn(scheduled.steps);
    runSchedule(scheduled, program, (region: Region, loaded, stored) => {
      const { read, written, label } = said[regions.indexOf(region)]!;
      expect(Number(written), `seed ${seed}: ${label} writes`).toBe(4 * stored);
      expect(Number(read), `seed ${seed}: ${label} reads`).toBeGreaterThanOrEqual(4 * loaded);
      all++;
      if (Number(read) === 4 * loaded) equal++;
    });
  }
  // The others are guarded: padded rows, masks, ragged groups, indices that fall on the same row.
  expect(equal / all).toBeGreaterThan(0.6);
});

test('a product reads both operands once and writes its result', () => {
  const graph = buildGraph('product', { t: {} }, (g) => {
    const x = g.input('x', ['t', 24]);
    return { y: g.dot('t k, k n -> t n', x, g.weight('w', [24, 40])) };
  });
  const [one] = traffic(graph, { t: 10 });
  expect(one).toMatchObject({
    kind: 'dot',
    times: 1,
    read: 4n * (240n + 960n),
    weights: 4n * 960n,
    written: 4n * 400n,
  });
});

test('a look-up reads the rows that it picks, not the table', () => {
  const graph = buildGraph('look-up', { t: {} }, (g) => {
    const tokens = g.input('tokens', ['t'], 'i32', [0, 999]);
    return { y: g.gather(g.weight('table', [1000, 8]), tokens) };
  });
  const [one] = traffic(graph, { t: 5 });
  expect(one!.weights).toBe(4n * 5n * 8n);
  expect(one!.read).toBe(4n * (5n * 8n + 5n));
});
