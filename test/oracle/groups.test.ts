// The reference's choosing and grouping, against values worked out by hand.
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../compiler/graph/builder.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { interpret } from '../../compiler/reference/interpret.ts';

describe('top_k', () => {
  const largest = (k: number, rows: number[][]) => {
    const graph = buildGraph('top', { b: {} }, (g) => ({
      y: g.topK(g.input('x', ['b', rows[0]!.length]), k),
    }));
    verifyGraph(graph);
    const bindings = { symbols: { b: rows.length }, inputs: { x: rows.flat() }, weights: {} };
    const { data } = interpret(graph, bindings).outputs.y!;
    return rows.map((_, row) => [...data.subarray(row * k, (row + 1) * k)]);
  };

  it('gives the largest first, equal ones by place', () => {
    expect(
      largest(3, [
        [1, 5, 5, 2],
        [0, 0, 0, 0],
      ]),
    ).toEqual([
      [1, 2, 3],
      [0, 1, 2],
    ]);
  });

  it('takes -0 for 0, and NaN for less than every number', () => {
    const { NaN: nan, NEGATIVE_INFINITY: low } = Number;
    expect(
      largest(2, [
        [-0, 0, -1],
        [nan, low, nan],
      ]),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});

describe('group', () => {
  it('keeps the order within a group and puts rows of no group last', () => {
    const graph = buildGraph('group', {}, (g) => {
      const rows = g.input('rows', [7], 'i32');
      return {
        order: g.group('order', rows, 3),
        place: g.group('place', rows, 3),
        starts: g.group('starts', rows, 3),
      };
    });
    verifyGraph(graph);
    const rows = [2, 0, -1, 2, 3, 0, 2];
    const { outputs } = interpret(graph, { symbols: {}, inputs: { rows }, weights: {} });
    expect([...outputs.order!.data]).toEqual([1, 5, 0, 3, 6, 2, 4]);
    expect([...outputs.place!.data]).toEqual([2, 0, 5, 3, 6, 1, 4]);
    expect([...outputs.starts!.data]).toEqual([0, 2, 2, 5]);
  });
});

describe('sums and products of groups', () => {
  const bindings = {
    symbols: {},
    inputs: { x: [1, 2, 3, 4, 5, 6, 7, 8], starts: [0, 1, 1, 3] },
    weights: { w: [1, 10, 2, 20, 3, 30] },
  };

  it("multiplies each row by its own group's part, and gives zeros for rows of none", () => {
    const graph = buildGraph('ragged', {}, (g) => {
      const starts = g.input('starts', [4], 'i32', [0, 4]);
      const y = g.raggedDot('r d, e d -> r', g.input('x', [4, 2]), g.weight('w', [3, 2]), starts);
      return { y };
    });
    verifyGraph(graph);
    const { outputs, work } = interpret(graph, bindings);
    expect([...outputs.y!.data]).toEqual([21, 129, 195, 0]);
    expect(work.macs).toBe(8);
  });

  it('adds the rows of each group', () => {
    const graph = buildGraph('sums', {}, (g) => {
      const starts = g.input('starts', [4], 'i32', [0, 4]);
      return { y: g.segmentSum(g.input('x', [4, 2]), starts) };
    });
    verifyGraph(graph);
    expect([...interpret(graph, bindings).outputs.y!.data]).toEqual([1, 2, 0, 0, 8, 10]);
  });
});
