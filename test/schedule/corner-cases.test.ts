// Graphs that random ones rarely hold: each runs fused and unfused and must give what the reference evaluator gives.
import { describe, expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { loadsOf, storesOf } from '../../compiler/schedule/buffers.ts';
import type { Region, Schedule, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { verifySchedule } from '../../compiler/schedule/verify.ts';
import { dataFor } from '../support/random-graph.ts';
import { runSchedule } from '../support/run-schedule.ts';

const CASES: Readonly<Record<string, (g: GraphBuilder) => Record<string, Value>>> = {
  'a product added to its own transpose': (g) => {
    const x = g.input('x', [6, 4]);
    const y = g.dot('i k, k j -> i j', x, g.weight('w', [4, 6]));
    return { z: g.add(y, g.transpose(y, [1, 0])) };
  },
  'a product added to a row of itself': (g) => {
    const y = g.dot('i k, k j -> i j', g.input('x', ['t', 4]), g.weight('w', [4, 6]));
    const column = g.reshape(g.slice(y, 1, 2, 1), ['t']);
    return { z: g.add(y, g.like(column, y, [0])) };
  },
  'a product reshaped, changed and reshaped back': (g) => {
    const y = g.dot('b t d, d n -> b t n', g.input('x', ['b', 't', 4]), g.weight('w', [4, 6]));
    const heads = g.unary('tanh', g.transpose(g.reshape(y, ['b', 't', 2, 3]), [0, 2, 1, 3]));
    const back = g.reshape(g.transpose(heads, [0, 2, 1, 3]), ['b', 't', 6]);
    return { z: g.add(back, y) };
  },
  'labels that only one operand has are summed': (g) => {
    const [x, y] = [g.input('x', ['b', 3, 5]), g.input('y', [5, 2, 4])];
    return { z: g.dot('b p k, k q n -> b n', x, y) };
  },
  'a vector times a matrix, and a full contraction': (g) => {
    const [x, w] = [g.input('x', [7]), g.weight('w', [7, 5])];
    return { y: g.dot('k, k n -> n', x, w), z: g.dot('k, k -> ', x, g.input('u', [7])) };
  },
  'several contracted labels in another order, into a permuted result': (g) => {
    const x = g.input('x', ['b', 't', 2, 3]);
    return { z: g.dot('b t h k, k h n -> n t b', x, g.weight('w', [3, 2, 5])) };
  },
  'a weight on the left, a batch of matrices': (g) => {
    const x = g.input('x', [3, 't', 4]);
    return { z: g.dot('g k n, g t k -> g t n', g.weight('w', [3, 4, 5]), x) };
  },
  'a product with a transposed weight, as in a tied output': (g) => {
    const x = g.input('x', ['b', 't', 4]);
    return { z: g.dot('b t d, v d -> b t v', x, g.weight('table', [9, 4])) };
  },
  'a layer norm of a product that is used again': (g) => {
    const y = g.dot('b k, k n -> b n', g.input('x', ['b', 4]), g.weight('w', [4, 6]));
    const mean = g.mul(g.reduce('sum', y, [1]), 1 / 6);
    const centred = g.sub(y, g.like(mean, y, [0]));
    const variance = g.mul(g.reduce('sum', g.mul(centred, centred), [1]), 1 / 6);
    const normed = g.mul(centred, g.like(g.unary('rsqrt', g.add(variance, 1e-5)), y, [0]));
    return { z: g.add(normed, y), mean };
  },
  'a maximum over two axes that are no neighbours': (g) => {
    const x = g.input('x', ['b', 3, 't', 2]);
    const most = g.reduce('max', x, [0, 2]);
    return { z: g.sub(x, g.like(most, x, [1, 3])) };
  },
  'a running sum along the middle, scaled': (g) => {
    const x = g.input('x', ['b', 't', 3]);
    return { z: g.mul(g.op({ kind: 'cumsum', axis: 1 }, g.unary('sin', x)), 0.5) };
  },
  'conditions that are kept in memory': (g) => {
    const x = g.input('x', ['b', 't']);
    const big = g.binary('lt', g.unary('abs', g.mul(x, x)), 0.3);
    const any = g.reduce('sum', g.cast('i32', big), [1]);
    const both = g.binary('and', big, g.like(g.binary('lt', any, 2), big, [0]));
    return { z: g.select(both, x, g.unary('neg', x)), any };
  },
  'one node under two names, an input and a view as outputs': (g) => {
    const x = g.input('x', ['b', 4]);
    const y = g.unary('exp', x);
    return { a: y, b: y, c: x, d: g.transpose(y, [1, 0]), e: g.reshape(g.const(3), []) };
  },
  'a concatenation of ten, and a sum of twelve inputs': (g) => {
    const parts = Array.from({ length: 10 }, (_, i) => g.input(`p${i}`, ['b', 1 + (i % 3)]));
    const terms = Array.from({ length: 12 }, (_, i) => g.input(`s${i}`, ['b']));
    return { a: g.concat(1, ...parts), b: terms.reduce((x, y) => g.add(x, y)) };
  },
  'padding, slicing with steps and shifting': (g) => {
    const x = g.input('x', ['b', 't', 4]);
    const shifted = g.slice(g.pad(x, 1, 2, 0), 1, 0, 't');
    return { a: shifted, b: g.slice(g.concat(2, x, shifted), 2, 1, 4, 2) };
  },
  'a gather by two indices, and one of a computed table': (g) => {
    const i = g.input('i', ['b', 't'], 'i32', [-2, 6]);
    const j = g.input('j', ['b', 't'], 'i32', [0, 9]);
    const table = g.unary('tanh', g.weight('table', [4, 5]));
    return { a: g.gather(table, i, j), b: g.gather(table, j) };
  },
  'rows sorted by what is computed, three ways, and into as many groups as rows': (g) => {
    const rows = g.sub(g.input('rows', ['t'], 'i32', [0, 5]), 1);
    const sorted = (gives: 'order' | 'place' | 'starts') => g.group(gives, rows, 3);
    return {
      order: sorted('order'),
      place: g.mul(sorted('place'), 2),
      starts: sorted('starts'),
      many: g.group('starts', rows, 't'),
    };
  },
  'the largest of a sum, in place, and of a vector': (g) => {
    const x = g.add(g.input('x', ['b', 't', 6]), g.input('y', ['b', 't', 6]));
    const half = g.mul(g.unary('floor', g.mul(g.input('v', [8]), 2)), 0.5);
    return { y: g.add(g.transpose(g.topK(x, 3), [2, 0, 1]), 1), z: g.topK(half, 8) };
  },
  'sums of neighbouring rows that are picked and weighed': (g) => {
    const starts = g.binary('min', g.iota(4), g.like(g.size('t'), g.iota(4)));
    const rows = g.gather(g.input('x', ['b', 4]), g.input('rows', ['t'], 'i32', [0, 2]));
    const weighed = g.mul(rows, g.like(g.unary('tanh', g.input('g', ['t'])), rows, [0]));
    const sums = g.segmentSum(weighed, starts);
    return { y: g.add(sums, g.like(g.weight('bias', [4]), sums, [1])) };
  },
  'a product of groups with heads beside the rows, and one with a batch': (g) => {
    const starts = g.input('starts', [3], 'i32', [0, 4]);
    const x = g.input('x', ['t', 2, 4]);
    return {
      y: g.raggedDot('r h d, e d n -> r h n', x, g.weight('w', [2, 4, 3]), starts),
      z: g.raggedDot('r h d, e h n d -> r n h', x, g.weight('v', [2, 2, 3, 4]), starts),
    };
  },
  'products of one left operand, in groups of their own': (g) => {
    const [x, w] = [g.input('x', ['t', 4]), g.weight('w', [2, 4, 3])];
    const times = (name: string) =>
      g.raggedDot('r d, e d n -> r n', x, w, g.input(name, [3], 'i32', [0, 4]));
    return { y: g.mul(times('a'), times('b')), z: times('c') };
  },
  'a repeat that gives back what it was given': (g) => ({
    z: g.repeat(3, g.input('x', ['b', 4]), (x) => x),
  }),
  'a repeat that ends in something from outside': (g) => {
    const y = g.unary('sin', g.input('y', ['b', 4]));
    return { z: g.repeat(2, g.input('x', ['b', 4]), () => y), y };
  },
  'a repeat from a weight, whose start is used later': (g) => {
    const w = g.unary('exp', g.weight('w', [4]));
    return {
      z: g.add(
        g.repeat(3, w, (x) => g.unary('sin', x)),
        w,
      ),
    };
  },
  'repeats in repeats, with weights of both turns, of one and of none': (g) => ({
    z: g.repeat(2, g.input('x', ['b', 4]), (x) =>
      g.repeat(3, g.add(x, 1), (y) => {
        const both = g.unary('tanh', g.weight('o.{0}.i.{1}.w', [4, 4]));
        const outer = g.unary('tanh', g.weight('o.{0}.v', [4]));
        const none = g.unary('tanh', g.weight('u', [4]));
        const moved = g.dot('b k, k n -> b n', y, both);
        return g.add(moved, g.like(g.mul(outer, none), moved));
      }),
    ),
  }),
  'repeats in repeats, the inner one reading what the outer one carries': (g) => ({
    z: g.repeat(2, g.input('x', ['b', 4]), (x) =>
      g.repeat(3, g.unary('sin', x), (y) => g.add(g.mul(y, 0.5), x)),
    ),
  }),
  'repeats one after the other, with what came before in between': (g) => {
    const x = g.input('x', ['b', 4]);
    const y = g.repeat(3, x, (h) =>
      g.add(h, g.dot('b k, k n -> b n', h, g.weight('a.{0}', [4, 4]))),
    );
    const z = g.repeat(2, y, (h) => g.add(g.unary('sin', h), y));
    return { z, y };
  },
  'a repeat around attention over what it carries': (g) => ({
    z: g.repeat(2, g.input('x', ['b', 't', 4]), (x) => {
      const heads = g.transpose(g.reshape(x, ['b', 't', 2, 2]), [0, 2, 1, 3]);
      const slopes = g.weight('s.{0}', [2]);
      const mixed = g.attend(heads, g.unary('sin', heads), heads, {
        scale: 0.7,
        mask: (_b, _h, i, j) => g.binary('le', j, i),
        score: (s, _b, h) => g.mul(s, g.gather(slopes, h)),
      });
      return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['b', 't', 4]);
    }),
  }),
};

const regionsOf = (steps: readonly ScheduleStep[]): Region[] =>
  steps.flatMap((step) => (step.kind === 'region' ? [step.region] : regionsOf(step.steps)));

function expectRight(graph: Graph, scheduled: Schedule, t: number): void {
  verifySchedule(scheduled, graph);
  const symbols = { b: 2, t };
  const bindings = { symbols, ...dataFor(7, graph, symbols) };
  const found = runSchedule(scheduled, bindings);
  for (const [name, { data }] of Object.entries(interpret(graph, bindings).outputs)) {
    expect(found[name]!.length, name).toBe(data.length);
    data.forEach((want, i) => {
      expect(found[name]![i], `${name}[${i}]`).toBeCloseTo(want, 9);
    });
  }
}

describe.each(Object.entries(CASES))('%s', (name, build) => {
  const graph = buildGraph(name, { b: {}, t: {} }, build);

  test.each([
    ['fused', {}],
    ['unfused', { fuse: false }],
  ] as const)('is computed right when %s', (_, options) => {
    const scheduled = schedule(graph, options);
    for (const t of [1, 3]) expectRight(graph, scheduled, t);
    for (const region of regionsOf(scheduled.steps)) {
      for (const load of loadsOf(region)) expect(load.dtype).not.toBe('bool');
      for (const { value } of storesOf(region)) expect(value.dtype).not.toBe('bool');
    }
  });
});

test('many values that all leave the graph are scheduled', () => {
  const graph = buildGraph('many', { t: {} }, (g) => {
    let x = g.input('x', ['t', 4]);
    const outputs: Record<string, Value> = {};
    for (let i = 0; i < 150; i++) {
      const y = g.unary('tanh', x);
      outputs[`y${i}`] = g.reduce('sum', g.mul(x, y), [0, 1]);
      x = y;
    }
    return { ...outputs, x };
  });
  const scheduled = schedule(graph);
  verifySchedule(scheduled, graph);
  expect(scheduled.outputs).toHaveLength(151);
});
