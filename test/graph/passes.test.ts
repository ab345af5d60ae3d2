import { expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';

/** The nodes that are left of a graph, as text without the declarations. */
function left(body: (g: GraphBuilder, x: Value) => Value): string[] {
  const graph = runPasses(
    buildGraph('test', { t: {} }, (g) => ({ y: body(g, g.input('x', ['t', 4])) })),
  );
  verifyGraph(graph);
  return printGraph(graph)
    .split('\n')
    .filter((line) => /^\s*(%|->|output)/.test(line));
}

const JUST_X = ['%0 = input[x] : f32[t, 4]', 'output y = %0'];

test.each<[string, (g: GraphBuilder, x: Value) => Value]>([
  ['x + 0', (g, x) => g.add(x, 0)],
  ['0 + x', (g, x) => g.add(0, x)],
  ['x - 0', (g, x) => g.sub(x, 0)],
  ['x * 1', (g, x) => g.mul(x, 1)],
  ['1 * x', (g, x) => g.mul(1, x)],
  ['x / 1', (g, x) => g.div(x, 1)],
  ['pow(x, 1)', (g, x) => g.binary('pow', x, 1)],
  ['min(x, x)', (g, x) => g.binary('min', x, x)],
  ['--x', (g, x) => g.unary('neg', g.unary('neg', x))],
  ['x * (3 - 2)', (g, x) => g.mul(x, g.like(g.sub(g.const(3), g.const(2)), x))],
  ['a known condition', (g, x) => g.select(g.like(g.const(1, 'bool'), x), x, 5)],
  ['a selection of equals', (g, x) => g.select(g.binary('lt', x, 0), x, x)],
  ['a cast to its own type', (g, x) => g.cast('f32', x)],
  ['two transposes', (g, x) => g.transpose(g.transpose(x, [1, 0]), [1, 0])],
  ['two reshapes', (g, x) => g.reshape(g.reshape(x, [4, 't']), ['t', 4])],
  ['the whole slice', (g, x) => g.slice(x, 0, 0, 't')],
  ['an empty pad', (g, x) => g.pad(x, 1, 0, 0)],
  ['a concat of one', (g, x) => g.concat(0, x)],
  ['a reduction of one', (g, x) => g.reduce('sum', g.reshape(x, ['t', 1, 4]), [1])],
  ['a running sum of one', (g, x) => g.reshape(g.cumsum(g.reshape(x, ['t', 1, 4]), 1), ['t', 4])],
])('%s is x', (_, body) => {
  expect(left(body)).toEqual(JUST_X);
});

test('a product with zero stays, as x may be NaN', () => {
  expect(left((g, x) => g.mul(x, 0))).toHaveLength(5);
});

test('what is not finite in float32 is not folded', () => {
  expect(left((g, x) => g.add(x, g.like(g.unary('exp', g.const(100)), x)))[2]).toContain('exp');
});

test('known sizes fold, symbolic ones do not', () => {
  const scaled = (size: number | string) =>
    left((g, x) => g.div(x, g.like(g.unary('sqrt', g.cast('f32', g.size(size))), x)));
  expect(scaled(16)[1]).toBe('%1 = const[4] : f32[]');
  expect(scaled('t')[1]).toBe('%1 = size[t] : i32[]');
});

test('small powers become products and roots', () => {
  expect(left((g, x) => g.binary('pow', x, 3)).slice(1)).toEqual([
    '%1 = mul(%0, %0) : f32[t, 4]',
    '%2 = mul(%1, %0) : f32[t, 4]',
    'output y = %2',
  ]);
  expect(left((g, x) => g.binary('pow', x, -0.5))[1]).toBe('%1 = rsqrt(%0) : f32[t, 4]');
});

test('a product that sums nothing is element-wise', () => {
  const lines = left((g, x) => g.dot('t d, d h -> d t h', x, g.weight('w', [4, 3])));
  expect(lines.slice(2)).toEqual([
    '%2 = transpose[1 0](%0) : f32[4, t]',
    '%3 = broadcast[0 1](%2) : f32[4, t, 3]',
    '%4 = broadcast[0 2](%1) : f32[4, t, 3]',
    '%5 = mul(%3, %4) : f32[4, t, 3]',
    'output y = %5',
  ]);
});

test('slices of slices add up', () => {
  const lines = left((g, x) => g.slice(g.slice(x, 1, 1, 2, 2), 1, 1, 1));
  expect(lines[1]).toBe('%1 = slice[axis 1, from 3, step 2](%0) : f32[t, 1]');
});

test('equal expressions are computed once, also inside a region', () => {
  const lines = left((g, x) => {
    const e = g.unary('exp', x);
    return g.repeat(2, g.add(e, g.unary('exp', x)), (y) => g.mul(y, g.unary('exp', x)));
  });
  expect(lines.filter((line) => line.includes('exp'))).toHaveLength(1);
});

test('what one region computes is not seen in the next', () => {
  const lines = left((g, x) => {
    const half = g.repeat(2, x, (y) => g.mul(y, g.unary('tanh', x)));
    return g.repeat(2, half, (y) => g.add(y, g.unary('tanh', x)));
  });
  expect(lines.filter((line) => line.includes('tanh'))).toHaveLength(2);
});

test('a repeat emits what is read, and each value once', () => {
  const lines = left((g, x) => {
    const { last, turns } = g.emittingRepeat(2, x, (y) => {
      const half = g.mul(y, 0.5);
      const emits = [g.unary('exp', y), half, g.unary('sin', y), g.mul(y, 0.5), y];
      return { next: g.unary('tanh', y), emits };
    });
    const read = [turns[1]!, turns[3]!, turns[4]!].map((all) => g.reduce('sum', all, [0]));
    return read.reduce((a, b) => g.add(a, b), last);
  });
  const text = lines.join('\n');
  expect(text).not.toMatch(/exp|sin/);
  expect(lines.filter((line) => line.includes('turns'))).toHaveLength(2);
  expect(text).toMatch(/-> %\d+, %(\d+), %2\n/);
});

test('what a repeat emits goes if nothing reads it', () => {
  const lines = left((g, x) => {
    return g.emittingRepeat(2, x, (y) => ({ next: g.unary('tanh', y), emits: [g.unary('exp', y)] }))
      .last;
  });
  expect(lines).toHaveLength(5);
});

test('zero and minus zero are different constants', () => {
  const lines = left((g, x) => g.mul(g.mul(x, 0), -0));
  expect(lines.filter((line) => line.includes('const'))).toHaveLength(2);
});

test('a mask that keeps everything and a score that changes nothing are dropped', () => {
  const lines = left((g, x) => {
    const q = g.reshape(x, [1, 1, 't', 4]);
    const y = g.attend(q, q, q, {
      mask: (_b, _h, i) => g.binary('le', i, i),
      score: (s) => g.mul(s, 1),
    });
    return g.reshape(y, ['t', 4]);
  });
  expect(lines).toHaveLength(5);
});

test('passes are traced by name, and a settled graph is given back as it is', () => {
  const graph: Graph = buildGraph('test', { t: {} }, (g) => ({ y: g.mul(g.input('x', ['t']), 1) }));
  const names: string[] = [];
  const settled = runPasses(graph, (name, after) => {
    verifyGraph(after);
    names.push(name);
  });
  expect(names).toEqual(['simplify-algebra', 'remove-dead']);
  expect(runPasses(settled)).toBe(settled);
});

test('declared weights and inputs stay, even unused', () => {
  const graph = buildGraph('test', {}, (g) => {
    g.weight('unused', [3]);
    return { y: g.input('x', [2]) };
  });
  expect(runPasses(graph).weights).toEqual(graph.weights);
});
