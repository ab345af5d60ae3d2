// Formulas of costs say at any sizes what is counted there.
import { describe, expect, test } from 'vitest';
import { countCost } from '../../compiler/cost/count-cost.ts';
import { fitFormulas } from '../../compiler/cost/fit-formulas.ts';
import { closedCounts, interpolate } from '../../compiler/cost/open-sizes.ts';
import { symbolicCost } from '../../compiler/cost/symbolic-cost.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { bytesWritten, memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { add, constant, div, evaluate, mul, symbol } from '../../compiler/shapes/dim.ts';
import { llamaGraph } from '../support/decoder-graph.ts';
import { paperGraph } from '../support/paper-costs.ts';
import { randomGraph } from '../support/random-graph.ts';

const SHAPE = { vocab: 64, context: 256, layers: 3, d: 16, heads: 4, kvHeads: 2, hidden: 24 };

function expectAgreement(graph: Graph, near: Record<string, number>, at: Record<string, number>[]) {
  const scheduled = schedule(graph, { maxBindingBytes: Number.MAX_SAFE_INTEGER });
  const cost = symbolicCost(graph, near, bytesWritten(scheduled), 4);
  expect(cost).toBeDefined();
  let tried = 0;
  for (const sizes of at) {
    const { range, rows } = cost!;
    if (sizes.t !== undefined && (sizes.t < range.from || sizes.t > range.to)) continue;
    tried++;
    const counted = countCost(graph, sizes, memoryUse(graph, scheduled, sizes));
    for (const { path, formulas } of rows) {
      const row = counted.rows.find((one) => one.path === path);
      const value = (key: 'macs' | 'macsFullSquare' | 'elementwise') =>
        evaluate(formulas[key], sizes);
      expect(value('macs'), path).toBe(row?.work.macs ?? 0n);
      expect(value('macsFullSquare'), path).toBe(row?.work.macsFullSquare ?? 0n);
      expect(value('elementwise'), path).toBe(row?.work.elementwise ?? 0n);
      expect(evaluate(formulas.written, sizes), path).toBe(row?.activations ?? 0n);
      expect(evaluate(formulas.cachePerToken, sizes), path).toBe(row?.cachePerToken ?? 0n);
      expect(evaluate(formulas.params, sizes), path).toBe(row?.params ?? 0n);
    }
  }
  return { cost: cost!, tried };
}

const SIZES = [1, 2, 7, 31, 100, 256].flatMap((t) => [1, 3].map((b) => ({ b, t })));

test('causal attention is a polynomial for every length', () => {
  const { cost, tried } = expectAgreement(llamaGraph(SHAPE), { b: 1, t: 256 }, SIZES);
  expect(cost.range).toEqual({ from: 1, to: 256 });
  expect(tried).toBe(SIZES.length);
});

test('a window has one polynomial beyond its width and one within it', () => {
  const graph = llamaGraph({ ...SHAPE, window: 32 });
  const far = expectAgreement(graph, { b: 1, t: 200 }, SIZES);
  const near = expectAgreement(graph, { b: 1, t: 8 }, SIZES);
  expect(far.cost.range.to).toBe(256);
  expect(near.cost.range.from).toBe(1);
  expect(near.cost.range.to).toBeGreaterThanOrEqual(32);
  expect(far.cost.range.from).toBeLessThanOrEqual(33);
  expect(far.cost.total.macs.text).not.toContain('t^2');
  expect(near.cost.total.macs.text).toContain('t^2');
});

test('random programs cost what their formulas say', () => {
  let formulas = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { graph, symbols } = randomGraph(seed);
    const scheduled = schedule(graph);
    if (!symbolicCost(graph, symbols, bytesWritten(scheduled), 4)) continue;
    formulas += expectAgreement(graph, symbols, [symbols, { ...symbols, t: symbols.t! + 2 }]).tried;
  }
  expect(formulas).toBeGreaterThan(20);
});

test('a mixture and a model of a paper cost what their formulas say', () => {
  const sizes = [64, 512, 1024].map((t) => ({ b: 2, t }));
  expect(
    expectAgreement(paperGraph('mixtral', 'mixtral_tiny'), { b: 1, t: 16 }, [
      { b: 2, t: 5 },
      { b: 3, t: 16 },
    ]).tried,
  ).toBeGreaterThan(0);
  expect(expectAgreement(paperGraph('gpt2'), { b: 1, t: 1024 }, sizes).tried).toBe(3);
});

describe('interpolation', () => {
  test('finds the polynomial through points, symbols in it included', () => {
    const [x, t] = [symbol('x'), symbol('t')];
    const truth = add(mul(mul(x, x), t), add(mul(constant(5), x), constant(7)));
    const points = [1, 2, 4].map((value) => ({
      x: value,
      y: add(mul(constant(value * value), t), constant(5 * value + 7)),
    }));
    expect(interpolate('x', points).text).toBe(truth.text);
  });

  test('finds costs in several parameters, quotients too', () => {
    const costs = fitFormulas(
      [
        { name: 'd', values: [64, 128, 192, 256, 320] },
        { name: 'h', values: [1, 2, 4, 8, 16] },
      ],
      ({ d, h }) => [constant(12 * d! * d! + 13 * d! * h!), div(constant(d! ** 3), constant(h!))!],
    );
    expect(costs).toMatchObject({
      formulas: [{ text: '13*d*h + 12*d^2' }, { text: 'd^3/h' }],
    });
  });

  test('refuses what is no such formula', () => {
    const parameter = { name: 'k', values: [1, 2, 3, 4, 5] };
    expect(fitFormulas([parameter], ({ k }) => [constant(2 ** k!)])).toEqual({ notOpen: 'k' });
    expect(fitFormulas([parameter], ({ k }) => [constant(Math.ceil(k! / 2))])).toEqual({
      notOpen: 'k',
    });
  });
});

test('a count that is no polynomial anywhere is not closed', () => {
  const odd = {
    atom: 'odd#0',
    path: '',
    at: ({ t }: { t?: number }) => ({ count: BigInt(t! % 2), exact: true }),
  };
  expect(closedCounts([odd as never], { b: 1, t: 50 })).toBeUndefined();
});
