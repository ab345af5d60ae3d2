// Random programs are well typed, cover every operation, and mean the same before and after the passes; their cost
// is what the reference counts; and the tolerance policy lets float32 through but no wrong result.
import { expect, test } from 'vitest';
import { countCost } from '../../compiler/cost/count-cost.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import type { Node } from '../../compiler/ops/op.ts';
import { regionsOf } from '../../compiler/ops/regions.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import type { Rounding } from '../../compiler/reference/rounding.ts';
import { randomGraph } from '../support/random-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

/** Sizes do not matter where no kernel runs. */
const SMALL = { mostElements: 1500 };
const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

function allNodes(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [
    node,
    ...regionsOf(node.op).flatMap((region) => allNodes(region.nodes)),
  ]);
}

const nameOf = ({ op }: Node): string => ('fn' in op ? `${op.kind} ${op.fn}` : op.kind);

test('every seed gives a graph that verifies, with finite outputs in a safe range', () => {
  for (const seed of SEEDS) {
    const program = randomGraph(seed, SMALL);
    verifyGraph(program.graph);
    for (const [name, { data }] of Object.entries(interpret(program.graph, program).outputs)) {
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, `seed ${seed}, ${name}`).toBeLessThan(1e6);
    }
  }
});

test('the same seed gives the same program', () => {
  const [first, second] = [randomGraph(17), randomGraph(17)];
  expect(printGraph(first.graph)).toBe(printGraph(second.graph));
  expect(first.inputs).toEqual(second.inputs);
  expect(first.weights).toEqual(second.weights);
});

test('300 seeds use every operation and function, each many times', () => {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const seed of SEEDS) {
    const { graph } = randomGraph(seed);
    for (const node of allNodes(runPasses(graph).nodes)) {
      count(nameOf(node));
      if (node.op.kind === 'dot' && node.op.ragged) count('ragged dot');
      if (node.op.kind === 'attend' && node.op.mask) count('attend with mask');
      if (node.op.kind === 'attend' && node.op.score) count('attend with score');
    }
  }
  const expected = [
    'input weight const size iota select cast reshape transpose broadcast slice pad concat',
    'cumsum dot gather attend repeat turns top_k group segment_sum',
  ].flatMap((names) => names.split(' '));
  const unary = 'neg abs floor exp log sqrt rsqrt tanh erf sigmoid sin cos not'.split(' ');
  const binary = 'add sub mul div mod pow min max eq ne lt le and or'.split(' ');
  for (const name of [
    ...expected,
    ...unary.map((fn) => `unary ${fn}`),
    ...binary.map((fn) => `binary ${fn}`),
    ...['sum', 'max', 'min'].map((fn) => `reduce ${fn}`),
    'ragged dot',
    'attend with mask',
    'attend with score',
  ]) {
    expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual(8);
  }
});

/** Equal up to the rounding of float64 itself: powers are spelled as products. */
function expectSame(seed: number, before: Graph, after: Graph): void {
  const program = randomGraph(seed, SMALL);
  const [a, b] = [interpret(before, program).outputs, interpret(after, program).outputs];
  for (const name of Object.keys(a)) {
    const [x, y] = [a[name]!.data, b[name]!.data];
    expect(y.length).toBe(x.length);
    const worst = x.reduce((most, value, at) => Math.max(most, Math.abs(value - y[at]!)), 0);
    const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(worst / scale, `seed ${seed}, ${name}`).toBeLessThan(1e-9);
  }
}

test('passes keep the meaning, leave a graph that verifies, and have nothing to do on their own result', () => {
  for (const seed of SEEDS) {
    const { graph } = randomGraph(seed, SMALL);
    const after = runPasses(graph, (name, between) => {
      expect(() => verifyGraph(between), `seed ${seed} after ${name}`).not.toThrow();
    });
    expectSame(seed, graph, after);
    expect(runPasses(after), `seed ${seed}`).toBe(after);
  }
});

test('the cost rules count exactly what the reference does', () => {
  for (const seed of SEEDS) {
    const program = randomGraph(seed, SMALL);
    const { work } = interpret(program.graph, program);
    const report = countCost(program.graph, program.symbols);
    if (report.inexact.length > 0) continue;
    expect(report.work.macs, `seed ${seed}`).toBe(BigInt(work.macs));
    expect(report.work.elementwise, `seed ${seed}`).toBe(BigInt(work.elementwise));
  }
});

/** What float32 arithmetic with perfectly rounded operations gives. */
const FLOAT32: Rounding = {
  unary: (_fn, _x, exact) => Math.fround(exact),
  binary: (_fn, _a, _b, exact) => Math.fround(exact),
  sum: (exact) => Math.fround(exact),
};

test('float32 is within the tolerance, and a thousandth in one element is not', () => {
  let caught = 0;
  let tried = 0;
  for (const seed of SEEDS.slice(0, 50)) {
    const program = randomGraph(seed);
    const expected = expectedOutputs(program.graph, program);
    const outputs = Object.entries(interpret(program.graph, program, FLOAT32).outputs);
    const single = Object.fromEntries(outputs.map(([name, { data }]) => [name, data]));
    expect(mismatch(expected, single), `seed ${seed}`).toBeUndefined();
    for (const [name, data] of Object.entries(single)) {
      const rms = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
      if (rms === 0) continue;
      const at = Math.floor(data.length / 2);
      const wrong = data.with(at, data[at]! + 1e-3 * rms);
      tried++;
      if (mismatch(expected, { ...single, [name]: wrong })) caught++;
    }
  }
  expect(caught / tried).toBeGreaterThan(0.97);
});

test('NaN is never within the tolerance', () => {
  const program = randomGraph(1);
  const expected = expectedOutputs(program.graph, program);
  const nothing = Object.entries(expected).map(([name, { values }]) => [
    name,
    values.map(() => Number.NaN),
  ]);
  expect(mismatch(expected, Object.fromEntries(nothing))).toContain('NaN');
});
