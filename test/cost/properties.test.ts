// What holds of the report of any graph, tried on random ones whose weights are routed at random.
import { expect, test } from 'vitest';
import { CONVENTIONS, flopsOf } from '../../compiler/cost/conventions.ts';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { NO_WORK, type Work } from '../../compiler/cost/work.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { constant, mul, symbol } from '../../compiler/shapes/dim.ts';
import { dice } from '../support/dice.ts';
import { randomGraph } from '../support/random-graph.ts';

const KEYS = Object.keys(NO_WORK) as (keyof Work)[];
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

function routedAtRandom(seed: number, graph: Graph): Graph {
  const { chance, int, pick } = dice(seed, 'routed');
  const weights = graph.weights.map((weight) => {
    if (chance(0.5)) return weight;
    const rows = mul(symbol(pick(['b', 't'])), constant(int(1, 9)));
    return { ...weight, routed: { experts: int(1, 70), rows } };
  });
  return { ...graph, weights };
}

function reported(seed: number): { graph: Graph; report: CostReport } {
  const { graph: written, symbols } = randomGraph(seed);
  const graph = runPasses(written);
  const routed = routedAtRandom(seed, graph);
  const report = countCost(routed, symbols, memoryUse(graph, schedule(graph), symbols));
  return { graph: routed, report };
}

test.each(SEEDS)('seed %i', (seed) => {
  const { graph, report } = reported(seed);
  const sum = (of: (row: CostReport['rows'][number]) => bigint) =>
    report.rows.map(of).reduce((a, b) => a + b, 0n);

  for (const key of KEYS)
    expect(
      sum(({ work }) => work[key]),
      key,
    ).toBe(report.work[key]);
  expect(sum(({ params }) => params)).toBe(report.params.total);
  expect(sum(({ activated }) => activated)).toBe(report.params.activated);
  expect(sum(({ activations }) => activations)).toBe(report.activations.written);
  expect(sum(({ moved }) => moved)).toBe(report.moved);
  const kernelBytes = report.kernels.map(({ read, written }) => read + written);
  expect(kernelBytes.reduce((a, b) => a + b, 0n)).toBe(report.moved);
  for (const { layers } of report.kernels)
    expect(layers.reduce((all, { share }) => all + share, 0)).toBeCloseTo(1, 10);
  // What each kernel computes, some nodes twice, is no less than what the graph says.
  const executed = report.kernels.reduce((all, { work }) => all + work.macs, 0n);
  expect(executed >= report.work.macs).toBe(true);
  for (const convention of CONVENTIONS)
    expect(sum(({ work }) => flopsOf(work, convention))).toBe(flopsOf(report.work, convention));

  for (const { activated, params, work } of report.rows) {
    expect(activated >= 0n && activated <= params).toBe(true);
    expect(work.macs <= work.macsFullSquare).toBe(true);
    expect(work.matrixMacs + work.scoreMacs <= work.macsFullSquare).toBe(true);
  }
  const { params, embeddings, matrices } = report;
  expect(embeddings.total + matrices.total <= params.total).toBe(true);
  expect(matrices.activated <= matrices.total).toBe(true);
  if (graph.weights.every(({ routed }) => !routed)) expect(params.activated).toBe(params.total);
});

test('the random graphs have what these properties are about', () => {
  const reports = SEEDS.map((seed) => reported(seed).report);
  const some = (has: (report: CostReport) => boolean) => reports.filter(has).length;
  expect(some(({ params }) => params.activated < params.total)).toBeGreaterThan(10);
  expect(some(({ work }) => work.macs < work.macsFullSquare)).toBeGreaterThan(3);
  expect(some(({ work }) => work.matrixMacs > 0n && work.matrixMacs < work.macs)).toBeGreaterThan(
    10,
  );
  expect(some(({ rows }) => rows.some(({ count }) => count > 1))).toBeGreaterThan(3);
});
