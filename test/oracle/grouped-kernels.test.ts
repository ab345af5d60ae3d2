// Choosing, grouping, and products and sums of groups on the device, at sizes and data that random programs rarely have.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { dataFor, type RandomProgram } from '../support/random-graph.ts';
import { emitGraph, runGraph } from '../support/run-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

const ANY = [-1e6, 1e6] as const;

type Inputs = RandomProgram['inputs'];

/** Runs a graph on the device with random weights, and inputs where none are given; expects what the reference gives. */
async function expectRight(
  outputs: (g: GraphBuilder) => Record<string, Value>,
  given: Inputs,
  symbols: Readonly<Record<string, number>>,
): Promise<void> {
  const names = Object.fromEntries(Object.keys(symbols).map((name) => [name, {}]));
  const graph = buildGraph('grouped', names, outputs);
  const data = dataFor(1, graph, symbols);
  const bindings = { symbols, weights: data.weights, inputs: { ...data.inputs, ...given } };
  const found = await runGraph(emitGraph(graph), bindings);
  expect(mismatch(expectedOutputs(graph, bindings), found)).toBeUndefined();
}

/** Numbers of groups for rows: each group in turn, all rows in one, some groups empty, some rows in none, all in none. */
const ROWS: Readonly<Record<string, (rows: number, groups: number) => Int32Array>> = {
  'in turn': (rows, groups) => Int32Array.from({ length: rows }, (_, row) => row % groups),
  'all in one': (rows, groups) => new Int32Array(rows).fill(groups >> 1),
  'with groups empty': (rows, groups) =>
    Int32Array.from({ length: rows }, (_, row) => ((row * row) % groups) & -2),
  'with rows of none': (rows, groups) =>
    Int32Array.from({ length: rows }, (_, row) => ((row * 7) % (groups + 2)) - 1),
  'all in none': (rows) => Int32Array.from({ length: rows }, (_, row) => (row % 2 ? -5 : 1e6)),
};

describe.each(Object.entries(ROWS))('rows %s', (_name, make) => {
  test.each([
    [1, 1],
    [5, 3],
    [64, 8],
    [65, 64],
    [333, 5],
  ])('%i rows sorted into %i groups', async (t, groups) => {
    await expectRight(
      (g) => {
        const rows = g.input('rows', ['t'], 'i32', ANY);
        return {
          order: g.group('order', rows, groups),
          place: g.group('place', rows, groups),
          starts: g.group('starts', rows, groups),
        };
      },
      { rows: make(t, groups) },
      { t },
    );
  });

  test.each([
    [1, 1, 4, 4],
    [7, 3, 5, 9],
    [40, 4, 8, 12],
    [70, 20, 16, 36],
    [130, 5, 260, 257],
  ])('%i rows in %i groups, %i by %i', async (t, groups, depth, width) => {
    await expectRight(
      (g) => {
        const rows = g.input('rows', ['t'], 'i32', ANY);
        const starts = g.group('starts', rows, groups);
        const x = g.gather(g.input('x', ['t', depth]), g.group('order', rows, groups));
        const times = (name: string) =>
          g.raggedDot('r d, e d h -> r h', x, g.weight(name, [groups, depth, width]), starts);
        const [gate, up] = [times('gate'), times('up')];
        const hidden = g.mul(g.unary('sigmoid', gate), up);
        const down = g.weight('down', [groups, width, depth]);
        const y = g.raggedDot('r h, e h d -> r d', hidden, down, starts);
        const place = g.group('place', rows, groups);
        return { y: g.gather(g.add(y, g.like(g.weight('bias', [depth]), y, [1])), place) };
      },
      { rows: make(t, groups) },
      { t },
    );
  });
});

/** Rows of numbers, many equal, and some that are none: both zeros, both infinities, NaN. */
function hardRows(rows: number, columns: number): Float32Array {
  const values = [0, -0, Number.NaN, 1, -1, Infinity, -Infinity, 2, 0.5, 0.5, -3e38, 3e38];
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    if (row === 1) return Number.NaN;
    if (row === 2) return at % 2 === 0 ? 0 : -0;
    if (row === 3) return -at;
    return values[(at * 5 + (at >> 3) * row) % values.length]!;
  });
}

describe('the largest', () => {
  test.each([
    [1, 1, 1],
    [5, 1, 8],
    [70, 2, 8],
    [5, 8, 8],
    [67, 16, 61],
    [4, 6, 512],
    [5, 17, 17],
    [5, 100, 300],
    [5, 3, 2000],
    [4, 2500, 2500],
  ])('of each of %i rows, %i of %i', async (t, k, columns) => {
    const build = (g: GraphBuilder) => ({ y: g.topK(g.input('x', ['t', columns]), k) });
    await expectRight(build, { x: hardRows(t, columns) }, { t });
  });

  test.each([
    [1, 1],
    [3, 2],
    [200, 200],
    [1500, 1200],
  ])('of %i columns, %i, both known at run time', async (t, b) => {
    const build = (g: GraphBuilder) => {
      const x = g.reshape(g.input('x', [2, 't']), [2, 1, 't']);
      const y = g.topK(x, 'b');
      // An input over b tells its size.
      return { y: g.add(y, g.like(g.input('z', ['b'], 'i32', [0, 0]), y, [2])) };
    };
    await expectRight(build, { x: hardRows(2, t) }, { t, b });
  });

  test.each([8, 2000])('of neighbours among floats, of %i columns', async (columns) => {
    const build = (g: GraphBuilder) => ({ y: g.topK(g.input('x', ['t', columns]), 2) });
    const last = 2 ** -23;
    const rows = [
      [1, 1 + last, 1 + 2 * last],
      [-1 - 2 * last, -1 - last, -1],
    ];
    const x = rows.flatMap((row) => [...row, ...Array<number>(columns - row.length).fill(-2)]);
    await expectRight(build, { x: Float32Array.from(x) }, { t: 2 });
  });

  test('of what is computed, with what is computed from them', async () => {
    const build = (g: GraphBuilder) => {
      const x = g.unary('floor', g.mul(g.input('x', ['t', 24]), 4));
      return { y: g.add(g.mul(g.topK(g.transpose(x, [1, 0]), 5), 3), 1) };
    };
    await expectRight(build, {}, { t: 40 });
  });
});

describe('sums of neighbouring rows', () => {
  test.each([
    [[0, 5], 5, [4]],
    [[0, 0, 1, 1, 9, 12], 14, [7]],
    [[3, 3, 3, 10], 10, []],
    [[0, 100, 200], 200, [2, 6]],
  ])('from %j, of %i rows', async (starts, t, columns) => {
    const build = (g: GraphBuilder) => {
      const at = g.input('starts', [starts.length], 'i32', ANY);
      const table = g.input('table', ['t', ...columns]);
      const rows = g.input('rows', ['t'], 'i32', ANY);
      const whole = g.input('whole', ['t', ...columns], 'i32', [-9, 9]);
      return {
        y: g.mul(g.segmentSum(g.gather(table, rows), at), 0.5),
        z: g.segmentSum(whole, at),
      };
    };
    const rows = Int32Array.from({ length: t }, (_, row) => (row * 7) % (t + 3));
    await expectRight(build, { rows, starts: Int32Array.from(starts) }, { t });
  });
});

test('choosing more than there are is refused when the sizes are known', async () => {
  const graph = buildGraph('few', { t: {} }, (g) => ({ y: g.topK(g.input('x', [3, 't']), 4) }));
  const at = (t: number) =>
    runGraph(emitGraph(graph), { symbols: { t }, ...dataFor(1, graph, { t }) });
  await expect(at(3)).rejects.toThrow('t - 4 is negative for t = 3');
  expect((await at(4)).y).toHaveLength(12);
});
