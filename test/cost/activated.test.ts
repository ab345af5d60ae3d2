// Parameters that a token meets: the weights of experts count by the share of the tokens that each expert gets.
import { expect, test } from 'vitest';
import { countCost } from '../../compiler/cost/count-cost.ts';
import { buildGraph, type Size } from '../../compiler/graph/builder.ts';
import { reportJson } from '../../compiler/report/json.ts';
import { add, constant, mul, product, symbol } from '../../compiler/shapes/dim.ts';
import { bareReport } from '../support/reports.ts';

const [b, t] = [symbol('b'), symbol('t')];
const tokens = product([b, t]);

/** Two turns of a dense layer and of `experts` experts, all d x h, that `rows` rows are given to. */
function routed(rows: Size, { experts = 8, d = 6, h = 5 } = {}) {
  return buildGraph('routed', { b: {}, t: {} }, (g) => {
    const x = g.input('x', ['b', 't', d]);
    const numbers = g.input('of', [rows], 'i32', [0, experts - 1]);
    const picked = g.gather(g.reshape(x, [tokens, d]), g.mul(numbers, 0));
    const y = g.repeat(2, x, (x) => {
      const dense = g.at('blocks.{0}.f', 'linear', () =>
        g.dot('b t d, d h -> b t h', x, g.weight('blocks.{0}.f.w', [d, h])),
      );
      const starts = g.group('starts', numbers, experts);
      const parts = g.weight('blocks.{0}.g.w', [experts, d, h], { routed: { experts, rows } });
      const chosen = g.at('blocks.{0}.g', 'moe', () =>
        g.raggedDot('r d, e d h -> r h', picked, parts, starts),
      );
      const sum = g.add(x, g.like(g.reduce('sum', dense, [2]), x, [0, 1]));
      return g.add(sum, g.like(g.reduce('sum', chosen, [0, 1]), x, []));
    });
    return { y };
  });
}

test.each([
  { name: 'two experts for each token', rows: mul(tokens, constant(2)), share: 2 / 8 },
  { name: 'as many rows as tokens', rows: tokens, share: 1 / 8 },
  { name: 'every expert for each token', rows: mul(tokens, constant(8)), share: 1 },
  {
    name: 'more than there are: an expert has no more than all of its own',
    rows: mul(tokens, constant(9)),
    share: 1,
  },
  { name: 'a fixed number of rows', rows: constant(84), share: 84 / (3 * 7 * 8) },
  { name: 'a sum of sizes', rows: add(tokens, t), share: (21 + 7) / (21 * 8) },
])('$name', ({ rows, share }) => {
  const report = countCost(routed(rows), { b: 3, t: 7 });
  const [dense, experts] = [2 * 6 * 5, 2 * 8 * 6 * 5];
  expect(report.params).toEqual({
    total: BigInt(dense + experts),
    activated: BigInt(dense + Math.round(experts * share)),
  });
});

test('a share that is no whole number is rounded to the nearest', () => {
  // 2 x 3 elements of each of 7 experts: 1/7 of 42 is 6; 21 rows of 20 tokens give 6.3, 25 give 7.5.
  const activated = (rows: number) => {
    const graph = buildGraph('one', { t: {} }, (g) => {
      const x = g.input('x', [rows, 2]);
      const starts = g.group('starts', g.input('of', [rows], 'i32'), 7);
      const w = g.weight('w', [7, 2, 3], { routed: { experts: 7, rows } });
      return { y: g.raggedDot('r d, e d h -> r h', x, w, starts) };
    });
    return countCost(graph, { t: 20 }).params.activated;
  };
  expect([20, 21, 24, 25, 26].map(activated)).toEqual([6n, 6n, 7n, 8n, 8n]);
});

test('a model without sizes of run time is one token', () => {
  const graph = buildGraph('fixed', {}, (g) => {
    const starts = g.group('starts', g.input('of', [1], 'i32'), 4);
    const w = g.weight('w', [4, 2, 3], { routed: { experts: 4, rows: 1 } });
    return { y: g.raggedDot('r d, e d h -> r h', g.input('x', [1, 2]), w, starts) };
  });
  expect(countCost(graph, {}).params).toEqual({ total: 24n, activated: 6n });
});

test('FLOPs follow the rows, rows of the report carry both figures, and embeddings stand apart', () => {
  const report = reportJson(
    bareReport(countCost(routed(mul(tokens, constant(2))), { b: 1, t: 10 })),
  );
  const byPath = (path: string) => report.rows.find((row) => row.path === path);
  expect(byPath('blocks.*.f')).toMatchObject({ params: 60, activated: 60, macs: 2 * 10 * 30 });
  expect(byPath('blocks.*.g')).toMatchObject({ params: 480, activated: 120, macs: 2 * 20 * 30 });
  expect(report.params).toEqual({
    total: 540,
    activated: 180,
    embedding: 0,
    withoutEmbeddings: { total: 540, activated: 180 },
  });
});

test('counts stay exact past 2^53', () => {
  const experts = 64;
  const graph = routed(mul(tokens, constant(2)), { experts, d: 1_000_001, h: 1_000_003 });
  const dense = 2n * 1_000_001n * 1_000_003n;
  expect(countCost(graph, { b: 1, t: 1 }).params).toEqual({
    total: 65n * dense,
    activated: 3n * dense,
  });
});
