import { expect, test } from 'vitest';
import { countCost } from '../../compiler/cost/count-cost.ts';
import { decodeCost } from '../../compiler/cost/decode-cost.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { llamaGraph } from '../support/decoder-graph.ts';

const SHAPE = { vocab: 512, context: 512, layers: 5, d: 64, heads: 8, kvHeads: 4, hidden: 172 };

function decode(graph: Graph, sizes: Record<string, number>, elementBytes = 4n) {
  const scheduled = schedule(graph);
  const found = decodeCost(graph, sizes, (at) => memoryUse(graph, scheduled, at), elementBytes);
  if (found.kind !== 'report') throw new Error(`looks ahead at ${found.path}`);
  return found.report;
}

test('the tokens decoded one by one cost what they cost at once', () => {
  const graph = llamaGraph(SHAPE);
  const steps = Array.from({ length: 20 }, (_, at) => decode(graph, { b: 3, t: at + 1 }).work);
  const all = countCost(graph, { b: 3, t: 20 }).work;
  for (const key of ['macs', 'elementwise', 'matrixMacs', 'attentionMacs'] as const)
    expect(
      steps.reduce((sum, work) => sum + work[key], 0n),
      key,
    ).toBe(all[key]);
});

test('keys and values are kept for the heads that there are', () => {
  const { layers, d, heads, kvHeads } = SHAPE;
  const perToken = BigInt(4 * layers * 2 * kvHeads * (d / heads));
  const report = decode(llamaGraph(SHAPE), { b: 2, t: 100 });
  expect(report.cachePerToken).toBe(perToken);
  expect(report.cache).toBe(perToken * 2n * 100n);
});

test('keys and values that are stored in half take half', () => {
  const [whole, half] = [4n, 2n].map((bytes) => decode(llamaGraph(SHAPE), { b: 2, t: 100 }, bytes));
  expect(2n * half!.cachePerToken).toBe(whole!.cachePerToken);
  expect(2n * half!.cache).toBe(whole!.cache);
});

test('a decoding step reads every weight and the kept keys and values', () => {
  const graph = llamaGraph(SHAPE);
  const [short, long] = [decode(graph, { b: 1, t: 1 }), decode(graph, { b: 1, t: 400 })];
  expect(long.moved - short.moved).toBe(399n * long.cachePerToken);
  expect(short.moved > short.params.total * 4n - short.embeddings.total * 4n).toBe(true);
  const kernels = long.kernels.reduce((sum, { read, written }) => sum + read + written, 0n);
  expect(kernels).toBe(long.moved);
});

test('a window is all that a step reads of the past', () => {
  const windowed = llamaGraph({ ...SHAPE, window: 16 });
  const at = (t: number) => decode(windowed, { b: 1, t });
  expect(at(300).moved).toBe(at(200).moved);
  expect(at(300).work).toEqual(at(200).work);
});

test('a model that looks ahead is not decoded', () => {
  const graph = llamaGraph(SHAPE);
  const unmasked = JSON.stringify(graph, (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  const open = JSON.parse(unmasked, (key, value) =>
    key === 'mask'
      ? undefined
      : typeof value === 'string' && /^-?\d+n$/.test(value)
        ? BigInt(value.slice(0, -1))
        : value,
  ) as Graph;
  const found = decodeCost(
    open,
    { b: 1, t: 8 },
    () => ({ peak: 0n, written: new Map(), traffic: [] }),
    4n,
  );
  expect(found).toEqual({ kind: 'looks ahead', path: 'blocks.*.a' });
});
