import { expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, size, type Value } from '../../compiler/graph/builder.ts';
import type { Graph, SymbolSpec } from '../../compiler/graph/graph.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import type { Node } from '../../compiler/ops/op.ts';
import { llamaGraph } from '../support/decoder-graph.ts';

const small = (body: (g: GraphBuilder, x: Value) => Value, t: Partial<SymbolSpec> = {}): Graph =>
  buildGraph('small', { t }, (g) => ({ y: body(g, g.input('x', ['t', 4])) }));

/** The graph with its last node changed. */
function changed(graph: Graph, change: (node: Node) => Partial<Node>): Graph {
  const last = graph.nodes.at(-1)!;
  return { ...graph, nodes: graph.nodes.with(-1, { ...last, ...change(last) }) };
}

test('a decoder verifies', () => {
  const shape = { vocab: 9, context: 8, layers: 2, d: 8, heads: 2, kvHeads: 1, hidden: 6 };
  expect(() => verifyGraph(llamaGraph(shape))).not.toThrow();
});

test('an operand must come before its use', () => {
  const graph = changed(
    small((g, x) => g.unary('exp', x)),
    () => ({ inputs: [99] }),
  );
  expect(() => verifyGraph(graph)).toThrow('node 1 (unary): node 99 is not in scope');
});

test("a region's values are not seen outside it", () => {
  const graph = small((g, x) =>
    g.unary(
      'exp',
      g.repeat(2, x, (y) => g.unary('tanh', y)),
    ),
  );
  expect(() => verifyGraph(changed(graph, () => ({ inputs: [2] })))).toThrow(
    'node 2 is not in scope',
  );
});

test('a type must be what the shape rule says', () => {
  const graph = changed(
    small((g, x) => g.unary('exp', x)),
    ({ type }) => ({
      type: { ...type, shape: [size('t'), size(5)] },
    }),
  );
  expect(() => verifyGraph(graph)).toThrow('type is f32[t, 5], not f32[t, 4]');
});

test('an id must stand once', () => {
  const graph = changed(
    small((g, x) => g.unary('exp', x)),
    () => ({ id: 0 }),
  );
  expect(() => verifyGraph(graph)).toThrow('id 0 stands twice');
});

test('inputs, weights and symbols must be declared', () => {
  const graph = small((g, x) => g.add(x, g.like(g.weight('w', [4]), x)));
  expect(() => verifyGraph({ ...graph, inputs: [] })).toThrow('no input x');
  expect(() => verifyGraph({ ...graph, weights: [] })).toThrow('no weight w');
  expect(() => verifyGraph({ ...graph, symbols: [] })).toThrow('no symbol t in t');
  expect(() =>
    verifyGraph({ ...graph, outputs: [{ name: 'y', kind: 'result', node: 50 }] }),
  ).toThrow('output y is node 50');
  expect(() => verifyGraph({ ...graph, weights: [...graph.weights, ...graph.weights] })).toThrow(
    'two weights',
  );
});

test('a weight must have the shape and the repeats that are declared', () => {
  const graph = small((g, x) =>
    g.repeat(3, x, (y) => g.add(y, g.like(g.weight('r.{0}.w', [4]), y))),
  );
  const [weight] = graph.weights;
  verifyGraph(graph);
  expect(() => verifyGraph({ ...graph, weights: [{ ...weight!, shape: [5] }] })).toThrow(
    'type is f32[4], not f32[5]',
  );
  expect(() => verifyGraph({ ...graph, weights: [{ ...weight!, repeats: [2] }] })).toThrow(
    'outside of its repeats',
  );
  expect(() => verifyGraph({ ...graph, weights: [{ ...weight!, repeats: [] }] })).toThrow(
    'does not number',
  );
});

test('a slice must stay inside whatever the symbols are', () => {
  const firstFour = (t: Partial<SymbolSpec>) => small((g, x) => g.slice(x, 0, 0, 4), t);
  expect(() => verifyGraph(firstFour({}))).toThrow('t - 4 may be negative');
  expect(() => verifyGraph(firstFour({ min: 4 }))).not.toThrow();
  const positions = (t: Partial<SymbolSpec>) =>
    small((g, x) => g.add(x, g.slice(g.weight('p', [64, 4]), 0, 0, 't')), t);
  expect(() => verifyGraph(positions({}))).toThrow('-1*t + 64 may be negative');
  expect(() => verifyGraph(positions({ max: 65 }))).toThrow('may be negative');
  expect(() => verifyGraph(positions({ max: 64 }))).not.toThrow();
});

test('bodies of attention are pointwise', () => {
  const graph = small((g, x) => {
    const q = g.reshape(x, [1, 1, 't', 4]);
    const score = (s: Value) => g.add(s, g.reduce('sum', g.weight('w', [4]), [0]));
    return g.reshape(g.attend(q, q, q, { score }), ['t', 4]);
  });
  expect(() => verifyGraph(graph)).toThrow('no reduce in a body of attend');
});
