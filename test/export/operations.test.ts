// What random programs leave out: the corners of every operation whose meaning differs between ONNX and bform, and
// the operations of groups. ONNX Runtime against the float64 reference.
import { describe, expect, it } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import type { GraphOutput } from '../../compiler/graph/graph.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import type { Node } from '../../compiler/ops/op.ts';
import { add, ceil, constant, div, mul, sub, symbol } from '../../compiler/shapes/dim.ts';
import { hasOnnxRuntime, runOnnx } from '../support/onnx.ts';
import { dataFor } from '../support/random-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

type Inputs = Readonly<Record<string, Float32Array | Int32Array>>;
type Body = (g: GraphBuilder) => Readonly<Record<string, Value>>;

async function expectSame(body: Body, inputs: Inputs = {}, symbols = { b: 2, t: 5 }) {
  const graph = buildGraph('corner', { b: {}, t: {} }, body);
  verifyGraph(graph);
  const data = dataFor(1, graph, symbols);
  const program = { symbols, weights: data.weights, inputs: { ...data.inputs, ...inputs } };
  const outputs = await runOnnx(graph, program);
  expect(mismatch(expectedOutputs(graph, program), outputs)).toBeUndefined();
  return outputs;
}

const [LOW, HIGH] = [-(2 ** 31), 2 ** 31 - 1];

describe.skipIf(!hasOnnxRuntime)('in ONNX Runtime', () => {
  it('i32 division rounds down, its rest has the sign of the divisor, and by zero both are defined', () => {
    const [a, b] = [
      [7, -7, 7, -7, 9, 0, LOW, LOW, HIGH, -1],
      [2, 2, -2, -2, 0, 0, -1, 3, -1, HIGH],
    ].map((values) => Int32Array.from(values));
    return expectSame(
      (g) => {
        const [x, y] = [g.input('a', [10], 'i32'), g.input('b', [10], 'i32')];
        return {
          quotient: g.div(x, y),
          rest: g.binary('mod', x, y),
          sum: g.add(x, y),
          product: g.mul(x, y),
          least: g.binary('min', x, y),
          most: g.binary('max', x, y),
          negative: g.unary('neg', x),
          size: g.unary('abs', x),
          less: g.binary('lt', x, y),
        };
      },
      { a: a!, b: b! },
    );
  });

  it('the rest of f32 has the sign of the divisor', () =>
    expectSame((g) => ({ y: g.binary('mod', g.input('a', [6]), g.input('b', [6])) }), {
      a: Float32Array.of(5.5, -5.5, 5.5, -5.5, 6, -6),
      b: Float32Array.of(2, 2, -2, -2, 3, 3),
    }));

  it('f32 to i32 rounds toward zero and stays within 32 bits', async () => {
    const { y } = await expectSame((g) => ({ y: g.cast('i32', g.input('a', [6])) }), {
      a: Float32Array.of(1.9, -1.9, 3e9, -3e9, 1e30, -1e30),
    });
    expect([...y!]).toEqual([1, -1, HIGH, LOW, HIGH, LOW]);
  });

  it('zeros keep their signs', async () => {
    // Infinite only until the end, for errors to be measured.
    const { up, down } = await expectSame(
      (g) => {
        const x = g.input('x', [1]);
        const isPositive = (value: Value) => g.cast('i32', g.binary('lt', 0, value));
        return { up: isPositive(g.div(x, 0)), down: isPositive(g.div(x, -0)) };
      },
      { x: Float32Array.of(1) },
    );
    expect([up![0], down![0]]).toEqual([1, 0]);
  });

  it('a gather clamps every index', () =>
    expectSame(
      (g) => {
        const [i, j] = [g.input('i', [5], 'i32'), g.input('j', [5], 'i32')];
        const table = g.input('table', ['t', 3, 2]);
        return { one: g.gather(table, i), two: g.gather(table, i, j) };
      },
      { i: Int32Array.of(-9, 0, 4, 5, HIGH), j: Int32Array.of(LOW, 2, 3, 1, -1) },
    ));

  it('views of bools and integers', () =>
    expectSame((g) => {
      const n = g.input('n', ['b', 't'], 'i32', [0, 3]);
      const even = g.binary('eq', g.binary('mod', n, 2), 0);
      return {
        padded: g.pad(even, 1, 1, 2),
        sliced: g.slice(g.concat(1, n, n), 1, 't', 't', 1),
        joined: g.concat(0, even, g.unary('not', even)),
        turned: g.transpose(even, [1, 0]),
        wide: g.broadcast(even, ['b', 3, 't'], [0, 2]),
        most: g.reduce('max', n, [0, 1]),
        running: g.cumsum(n, 1),
        either: g.select(even, n, 9),
        differs: g.binary('ne', even, g.binary('lt', n, 2)),
      };
    }));

  it('the largest: equal ones by place, NaN after -inf, -0 as 0', async () => {
    const { NaN: nan, NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
    const x = Float32Array.from(
      [
        [1, 5, 5, 2],
        [0, 0, 0, 0],
        [-0, 0, -1, -0],
        [nan, low, nan, low],
        [low, nan, -3.4e38, high],
      ].flat(),
    );
    const { y } = await expectSame(
      (g) => ({ y: g.topK(g.input('x', ['b', 4]), 3) }),
      { x },
      { b: 5, t: 1 },
    );
    expect([...y!]).toEqual([1, 2, 3, 0, 1, 2, 0, 1, 3, 1, 3, 0, 3, 2, 0]);
  });

  it('groups: an empty one, rows of none; products, sums and look-ups of them', () =>
    expectSame(
      (g) => {
        const groups = g.input('groups', ['t'], 'i32');
        const x = g.input('x', ['t', 3]);
        const order = g.group('order', groups, 4);
        const place = g.group('place', groups, 4);
        const starts = g.group('starts', groups, 4);
        const rows = g.gather(x, order);
        return {
          order,
          place,
          starts,
          matrices: g.raggedDot('r d, e d h -> r h', rows, g.weight('w', [4, 3, 5]), starts),
          vectors: g.raggedDot('r d, e d -> r d', rows, g.weight('v', [4, 3]), starts),
          numbers: g.raggedDot('r d, e d -> r', rows, g.weight('u', [4, 3]), starts),
          sums: g.segmentSum(rows, starts),
          counts: g.segmentSum(g.cast('i32', g.binary('le', order, order)), starts),
          back: g.gather(rows, place),
        };
      },
      { groups: Int32Array.of(3, 0, -1, 3, 4, 0, HIGH, 1, 3) },
      { b: 1, t: 9 },
    ));

  it.each([
    ['all rows in one group', [2, 2, 2]],
    ['no row in any group', [7, -1, 4]],
  ])('groups: %s', async (_, groups) => {
    await expectSame(
      (g) => {
        const starts = g.group('starts', g.input('groups', ['t'], 'i32'), 4);
        const x = g.input('x', ['t', 2]);
        return {
          y: g.raggedDot('r d, e d h -> r h', x, g.weight('w', [4, 2, 2]), starts),
          sums: g.segmentSum(x, starts),
        };
      },
      { groups: Int32Array.from(groups) },
      { b: 1, t: 3 },
    );
  });

  it('a query with no key gives zeros', async () => {
    const { y } = await expectSame((g) => {
      const q = g.input('q', ['b', 4, 't', 3]);
      const [k, v] = [g.input('k', ['b', 2, 't', 3]), g.input('v', ['b', 2, 't', 2])];
      return { y: g.attend(q, k, v, { mask: (_b, _h, i, j) => g.binary('lt', j, i) }) };
    });
    expect([...y!.subarray(0, 2)]).toEqual([0, 0]);
  });

  it('what the turns of a repeat emit, stacked', async () => {
    const graph = buildGraph('turns', { b: {} }, (g) => {
      const x = g.input('x', ['b', 2]);
      return { y: g.repeat(3, x, (c) => g.mul(c, g.like(g.weight('r.{0}.w', [2]), c))) };
    });
    const nodes = graph.nodes.map((node): Node => {
      if (node.op.kind !== 'repeat') return node;
      const { params, result } = node.op.body;
      const body = { ...node.op.body, emits: [result, params[0]!.id] };
      return { ...node, op: { ...node.op, body } };
    });
    const repeat = nodes.find(({ op }) => op.kind === 'repeat')!;
    const stacked = [0, 1].map(
      (index): Node => ({
        ...repeat,
        id: 100 + index,
        op: { kind: 'turns', index },
        inputs: [repeat.id],
        type: { dtype: 'f32', shape: [constant(3), ...repeat.type.shape] },
      }),
    );
    const outputs = stacked.map(
      ({ id }, i): GraphOutput => ({ name: `turns${i}`, kind: 'result', node: id }),
    );
    const all = {
      ...graph,
      nodes: [...nodes, ...stacked],
      outputs: [...graph.outputs, ...outputs],
    };
    verifyGraph(all);
    const symbols = { b: 2, t: 1 };
    const program = { symbols, ...dataFor(1, all, symbols) };
    expect(mismatch(expectedOutputs(all, program), await runOnnx(all, program))).toBeUndefined();
  });

  it.each([
    { b: 1, t: 1 },
    { b: 3, t: 5 },
    { b: 4, t: 16 },
  ])('sizes of run time at b = $b, t = $t', async (symbols) => {
    const [b, t] = [symbol('b'), symbol('t')];
    const over = (n: number) => div(mul(b, t), constant(n))!;
    await expectSame(
      (g) => {
        const x = g.input('x', [mul(constant(2), b), add(t, constant(3))]);
        const n = g.input('n', ['t'], 'i32', [0, 9]);
        return {
          sum: g.add(g.reduce('sum', g.cast('i32', x), [0, 1]), g.reduce('sum', n, [0])),
          product: g.size(add(mul(mul(b, b), t), constant(7))),
          up: g.size(ceil(over(8))),
          down: g.size(sub(constant(0), ceil(sub(constant(0), over(8))))),
          twice: g.size(ceil(div(ceil(over(3)), b)!)),
          places: g.iota(ceil(over(3))),
        };
      },
      {},
      symbols,
    );
  });

  it('an input, an output and a weight of one name', () =>
    expectSame((g) => {
      const x = g.input('x', ['b', 2]);
      return { x: g.mul(x, g.like(g.weight('x', [2]), x)), w: x };
    }));
});
