// Expected numbers are worked out by hand, independently of the code.
import { expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import { type Bindings, interpret } from '../../compiler/reference/interpret.ts';

function run(
  body: (g: GraphBuilder) => Value,
  given: Partial<Bindings> = {},
): { shape: readonly number[]; data: number[]; work: { macs: number; elementwise: number } } {
  const graph = buildGraph('test', { b: {}, t: {} }, (g) => ({ y: body(g) }));
  const bindings = { symbols: { b: 1, t: 3 }, inputs: {}, weights: {}, ...given };
  const { outputs, work } = interpret(graph, bindings);
  return { shape: outputs.y!.shape, data: [...outputs.y!.data], work };
}

/** An f32 (or other) input named x with the given elements. */
const inputs = (x: readonly number[], y: readonly number[] = []) => ({ inputs: { x, y } });

const close = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
};

test.each([
  ['neg', [1.5, -2], [-1.5, 2]],
  ['abs', [1.5, -2], [1.5, 2]],
  ['floor', [1.5, -1.5], [1, -2]],
  ['exp', [0, 2], [1, 7.38905609893065]],
  ['log', [1, 3], [0, 1.0986122886681098]],
  ['sqrt', [4, 3], [2, 1.7320508075688772]],
  ['rsqrt', [4, 0.25], [0.5, 2]],
  ['tanh', [0, 1], [0, 0.7615941559557649]],
  ['erf', [0.5, -2], [0.5204998778130465, -0.9953222650189527]],
  ['erf', [5, -7], [0.9999999999984626, -1]],
  ['sigmoid', [0, 2], [0.5, 0.8807970779778823]],
  ['sin', [0, 1], [0, 0.8414709848078965]],
  ['cos', [0, 1], [1, 0.5403023058681398]],
] as const)('%s of %j is %j', (fn, x, expected) => {
  close(run((g) => g.unary(fn, g.input('x', [2])), inputs(x)).data, expected);
});

test.each([
  ['add', [5, -7], [2, 2], [7, -5]],
  ['sub', [5, -7], [2, 2], [3, -9]],
  ['mul', [5, -7], [2, 2], [10, -14]],
  ['div', [5, -7], [2, 2], [2.5, -3.5]],
  ['mod', [5.5, -7.5], [2, 2], [1.5, 0.5]],
  ['pow', [5, 4], [2, 0.5], [25, 2]],
  ['min', [5, -7], [2, 2], [2, -7]],
  ['max', [5, -7], [2, 2], [5, 2]],
] as const)('%s of f32 %j and %j is %j', (fn, x, y, expected) => {
  const result = run((g) => g.binary(fn, g.input('x', [2]), g.input('y', [2])), inputs(x, y));
  close(result.data, expected);
  expect(result.work).toEqual({ macs: 0, elementwise: 2 });
});

test.each([
  ['div', [7, -7], [2, 2], [3, -4]],
  ['div', [7, -7], [-2, 0], [-4, -7]],
  ['mod', [7, -7], [3, 3], [1, 2]],
  ['mod', [7, 7], [-3, 0], [-2, 0]],
  ['add', [2147483647, 1], [1, 1], [-2147483648, 2]],
  ['mul', [65536, 3], [65536, -2], [0, -6]],
  ['eq', [1, 2], [1, 3], [1, 0]],
  ['ne', [1, 2], [1, 3], [0, 1]],
  ['lt', [1, 2], [1, 3], [0, 1]],
  ['le', [1, 4], [1, 3], [1, 0]],
] as const)('%s of i32 %j and %j is %j', (fn, x, y, expected) => {
  const result = run(
    (g) => g.binary(fn, g.input('x', [2], 'i32'), g.input('y', [2], 'i32')),
    inputs(x, y),
  );
  expect(result.data).toEqual(expected);
  expect(result.work).toEqual({ macs: 0, elementwise: 0 });
});

test('and, or and not are logical', () => {
  const of = (fn: 'and' | 'or') =>
    run(
      (g) => g.binary(fn, g.input('x', [4], 'bool'), g.input('y', [4], 'bool')),
      inputs([0, 0, 1, 1], [0, 1, 0, 1]),
    ).data;
  expect(of('and')).toEqual([0, 0, 0, 1]);
  expect(of('or')).toEqual([0, 1, 1, 1]);
  expect(run((g) => g.unary('not', g.input('x', [2], 'bool')), inputs([0, 1])).data).toEqual([
    1, 0,
  ]);
});

test('select takes the first value where the condition holds', () => {
  const result = run(
    (g) => {
      const x = g.input('x', [3]);
      return g.select(g.binary('lt', x, 2), x, 9);
    },
    inputs([1, 2, 3]),
  );
  expect(result.data).toEqual([1, 9, 9]);
});

test('a cast to i32 rounds toward zero and stays in range', () => {
  const result = run((g) => g.cast('i32', g.input('x', [3])), inputs([1.9, -1.9, 1e20]));
  expect(result.data).toEqual([1, -1, 2147483647]);
});

test('iota and size give run-time sizes', () => {
  const result = run((g) => {
    const size = g.size('t');
    return g.add(g.iota('t'), g.like(size, g.iota('t')));
  });
  expect(result.data).toEqual([3, 4, 5]);
});

test('reshape keeps the row-major order', () => {
  const result = run((g) => g.reshape(g.input('x', [2, 3]), [3, 2]), inputs([1, 2, 3, 4, 5, 6]));
  expect(result).toMatchObject({ shape: [3, 2], data: [1, 2, 3, 4, 5, 6] });
});

test('transpose moves axes as its permutation says', () => {
  // x[i][j][k] = 100 i + 10 j + k, result[k][i][j].
  const x = [0, 1, 10, 11, 20, 21];
  const result = run((g) => g.transpose(g.input('x', [1, 3, 2]), [2, 0, 1]), inputs(x));
  expect(result).toMatchObject({ shape: [2, 1, 3], data: [0, 10, 20, 1, 11, 21] });
});

test('broadcast repeats along the axes that the operand lacks', () => {
  const result = run((g) => g.broadcast(g.input('x', [2]), [3, 2, 2], [1]), inputs([7, 8]));
  expect(result.data).toEqual([7, 7, 8, 8, 7, 7, 8, 8, 7, 7, 8, 8]);
});

test('slice takes steps from its start', () => {
  const x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const result = run((g) => g.slice(g.input('x', [2, 5]), 1, 1, 2, 2), inputs(x));
  expect(result).toMatchObject({ shape: [2, 2], data: [1, 3, 6, 8] });
});

test('pad puts zeros around', () => {
  const result = run((g) => g.pad(g.input('x', [2, 2]), 0, 1, 2), inputs([1, 2, 3, 4]));
  expect(result).toMatchObject({ shape: [5, 2], data: [0, 0, 1, 2, 3, 4, 0, 0, 0, 0] });
});

test('concat lays its operands side by side', () => {
  const result = run(
    (g) => g.concat(1, g.input('x', [2, 1]), g.input('y', [2, 2])),
    inputs([1, 2], [3, 4, 5, 6]),
  );
  expect(result).toMatchObject({ shape: [2, 3], data: [1, 3, 4, 2, 5, 6] });
});

test.each([
  ['sum', [0], [5, 7, 9]],
  ['sum', [1], [6, 15]],
  ['sum', [0, 1], [21]],
  ['max', [0], [4, 5, 6]],
  ['min', [1], [1, 4]],
] as const)('reduce %s over %j', (fn, axes, expected) => {
  const result = run((g) => g.reduce(fn, g.input('x', [2, 3]), axes), inputs([1, 2, 3, 4, 5, 6]));
  expect(result.data).toEqual(expected);
  expect(result.work.elementwise).toBe(6 - expected.length);
});

test('cumsum holds the element itself', () => {
  const x = inputs([1, 2, 3, 4, 5, 6]);
  expect(run((g) => g.cumsum(g.input('x', [2, 3]), 1), x).data).toEqual([1, 3, 6, 4, 9, 15]);
  expect(run((g) => g.cumsum(g.input('x', [2, 3]), 0), x).data).toEqual([1, 2, 3, 5, 7, 9]);
});

test('dot contracts shared labels, keeps batch labels and sums lonely ones', () => {
  const x = inputs([1, 2, 3, 4], [5, 6, 7, 8]);
  const of = (labels: string) =>
    run((g) => g.dot(labels, g.input('x', [2, 2]), g.input('y', [2, 2])), x);
  expect(of('i k, k j -> i j')).toMatchObject({ data: [19, 22, 43, 50], work: { macs: 8 } });
  expect(of('i k, j k -> j i')).toMatchObject({ data: [17, 39, 23, 53], work: { macs: 8 } });
  expect(of('b k, b k -> b')).toMatchObject({ data: [17, 53], work: { macs: 4 } });
  expect(of('i j, i j -> i j')).toMatchObject({
    data: [5, 12, 21, 32],
    work: { macs: 0, elementwise: 4 },
  });
  expect(of('i j, k l -> i l')).toMatchObject({ data: [36, 42, 84, 98], work: { macs: 16 } });
});

test('gather picks rows, and clamps', () => {
  const table = inputs([0, 1, 10, 11, 20, 21], [2, -5, 99]);
  const rows = run((g) => g.gather(g.input('x', [3, 2]), g.input('y', [3], 'i32')), table);
  expect(rows).toMatchObject({ shape: [3, 2], data: [20, 21, 0, 1, 20, 21] });
  const cells = run((g) => {
    const y = g.input('y', [3], 'i32');
    return g.gather(g.input('x', [3, 2]), y, g.iota(3));
  }, table);
  expect(cells).toMatchObject({ shape: [3], data: [20, 1, 21] });
});

test('attend weighs values by the softmax of scaled products', () => {
  // Scores of the one query: 0.5 * (1*0 + 1*0) = 0 and 0.5 * (1*2 + 1*2) = 2; weights 1 : e^2.
  const weight = Math.exp(2) / (1 + Math.exp(2));
  const result = run(
    (g) => {
      const q = g.reshape(g.input('x', [2]), [1, 1, 1, 2]);
      const k = g.reshape(g.input('y', [4]), [1, 1, 2, 2]);
      const v = g.reshape(g.cast('f32', g.iota(2)), [1, 1, 2, 1]);
      return g.attend(q, k, v, { scale: 0.5 });
    },
    inputs([1, 1], [0, 0, 2, 2]),
  );
  close(result.data, [weight]);
  // Two keys: 2 * (2 + 1) multiply-adds; 5 per pair and one division.
  expect(result.work).toEqual({ macs: 6, elementwise: 11 });
});

test('attend with a causal mask sees only earlier keys, and equal scores average them', () => {
  const result = run(
    (g) => {
      const q = g.reshape(g.input('x', [3]), [1, 1, 3, 1]);
      const v = g.reshape(g.input('y', [3]), [1, 1, 3, 1]);
      return g.attend(q, q, v, { mask: (_b, _h, i, j) => g.binary('le', j, i) });
    },
    inputs([0, 0, 0], [3, 5, 10]),
  );
  close(result.data, [3, 4, 6]);
  expect(result.work.macs).toBe(6 * 2);
});

test('query heads share key heads in order', () => {
  // Four query heads over two key heads; with one key the result is its value.
  const result = run(
    (g) => {
      const q = g.reshape(g.input('x', [4]), [1, 4, 1, 1]);
      const v = g.reshape(g.input('y', [2]), [1, 2, 1, 1]);
      return g.attend(q, v, v);
    },
    inputs([1, 1, 1, 1], [3, 5]),
  );
  expect(result.data).toEqual([3, 3, 5, 5]);
});

test('a query that keeps no key gives zeros', () => {
  const result = run(
    (g) => {
      const q = g.reshape(g.input('x', [2]), [1, 1, 2, 1]);
      return g.attend(q, q, q, { mask: (_b, _h, i, j) => g.binary('lt', j, i) });
    },
    inputs([4, 5]),
  );
  expect(result.data).toEqual([0, 4]);
});

test('a score body changes the score by place, and may look into a weight', () => {
  // Score 0 + bias[j - i + 1]: query 0 sees bias [b1, b2] = [0, ln 3], query 1 sees [b0, b1] = [ln 2, 0].
  const result = run(
    (g) => {
      const q = g.reshape(g.input('x', [2]), [1, 1, 2, 1]);
      const v = g.reshape(g.input('y', [2]), [1, 1, 2, 1]);
      return g.attend(q, q, v, {
        score: (s, _b, _h, i, j) =>
          g.add(s, g.gather(g.weight('bias', [3]), g.add(g.sub(j, i), 1))),
      });
    },
    { ...inputs([0, 0], [0, 12]), weights: { bias: [Math.log(2), 0, Math.log(3)] } },
  );
  close(result.data, [9, 4]);
});

test('repeat carries its value through turns that have their own weights', () => {
  const result = run(
    (g) => g.repeat(3, g.input('x', [2]), (x) => g.add(g.mul(x, 2), g.weight('blocks.{0}.w', [2]))),
    {
      ...inputs([1, 1]),
      weights: { 'blocks.0.w': [1, 0], 'blocks.1.w': [0, 1], 'blocks.2.w': [5, 5] },
    },
  );
  // 1 -> 3 -> 6 -> 17 and 1 -> 2 -> 5 -> 15.
  expect(result.data).toEqual([17, 15]);
});

test('nested repeats number their weights from the outermost turn', () => {
  const result = run(
    (g) =>
      g.repeat(2, g.input('x', [1]), (x) =>
        g.repeat(2, x, (y) => g.add(g.mul(y, 10), g.weight('a.{0}.b.{1}.w', [1]))),
      ),
    {
      ...inputs([0]),
      weights: { 'a.0.b.0.w': [1], 'a.0.b.1.w': [2], 'a.1.b.0.w': [3], 'a.1.b.1.w': [4] },
    },
  );
  expect(result.data).toEqual([1234]);
});

test('what the bodies of nested repeats emit has an axis for each, the outer turns first', () => {
  const result = run(
    (g) => {
      const { turns } = g.emittingRepeat(2, g.input('x', [2]), (x) => {
        const inner = g.emittingRepeat(3, x, (y) => ({ next: g.add(y, 1), emits: [x, y] }));
        return { next: g.mul(inner.last, 10), emits: inner.turns };
      });
      return g.concat(0, ...turns);
    },
    inputs([0, 5]),
  );
  expect(result.shape).toEqual([4, 3, 2]);
  expect(result.data).toEqual([
    ...[0, 5, 0, 5, 0, 5, 30, 80, 30, 80, 30, 80],
    ...[0, 5, 1, 6, 2, 7, 30, 80, 31, 81, 32, 82],
  ]);
});

test('a missing or misshapen value is named', () => {
  const graph = (g: GraphBuilder) => g.add(g.input('x', [2]), g.weight('layer.w', [2]));
  expect(() => run(graph, inputs([1, 2]))).toThrow('no value for layer.w');
  expect(() => run(graph, inputs([1]))).toThrow('x has 1 elements, not 2');
});
