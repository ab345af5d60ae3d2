// What shares a dispatch, on the blocks of the standard library: the bars of the project, and the reasons noted.
import { describe, expect, test } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import { buildGraph } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import type { Region, Schedule, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { sources } from '../support/sources.ts';

const kindsOf = (steps: readonly ScheduleStep[]): string[] =>
  steps.map((step) => (step.kind === 'region' ? step.region.kind : 'repeat'));

function repeatOf(scheduled: Schedule): readonly ScheduleStep[] {
  const step = scheduled.steps.find((one) => one.kind === 'repeat');
  return step?.kind === 'repeat' ? step.steps : [];
}

const regionsOf = (steps: readonly ScheduleStep[]): Region[] =>
  steps.flatMap((step) => (step.kind === 'region' ? [step.region] : regionsOf(step.steps)));

function graphOf(model: string, uses: string): Graph {
  const text = `use std.{embed, rms_norm, layer_norm, unembed, ${uses}}\n${model}`;
  const outcome = analyze('model.bform', sources({ 'model.bform': text }));
  expect(outcome.diagnostics.map((found) => found.message)).toEqual([]);
  return outcome.result!.graph;
}

const decoder = (block: string, norm: string, layers = 2): string => `
model m(layers: int = ${layers}) {
  vocab: 96
  context: 64
  let blocks = ${block}
  embed(64) -> blocks * layers -> ${norm} -> unembed(tied: true)
}`;

describe('a LLaMA block with rotary positions and grouped queries', () => {
  const graph = graphOf(
    decoder('llama_block(64, heads: 8, kv_heads: 2)', 'rms_norm'),
    'llama_block',
  );
  const scheduled = schedule(graph);

  test('takes 6 dispatches', () => {
    expect(kindsOf(repeatOf(scheduled))).toEqual(['dot', 'map', 'attend', 'dot', 'dot', 'dot']);
  });

  test('stands behind one map for the tokens and one for the angles, before the logits', () => {
    expect(kindsOf(scheduled.steps)).toEqual(['map', 'map', 'repeat', 'dot']);
  });

  test('computes queries, keys and values in one product, whose left operand the norm scales', () => {
    const dot = regionsOf(repeatOf(scheduled)).find((region) => region.kind === 'dot')!;
    expect(dot.kind === 'dot' && dot.groups.length).toBe(3);
    expect(dot.kind === 'dot' && dot.a.kind).toBe('binary');
    expect(dot.notes).toContain('products of one left operand are computed side by side');
  });

  test('multiplies gate and up in one store', () => {
    const dots = regionsOf(repeatOf(scheduled)).filter((region) => region.kind === 'dot');
    expect(dots.map((dot) => dot.groups.map((group) => group.products.length))).toEqual([
      [1, 1, 1],
      [1],
      [2],
      [1],
    ]);
  });

  test('reads and writes what it carries in one buffer, as that is read for the last time before', () => {
    const step = scheduled.steps.find((one) => one.kind === 'repeat');
    if (step?.kind !== 'repeat') throw new Error('no repeat');
    const { param, result } = step.carry;
    expect(scheduled.values[param]!.slot).toBe(scheduled.values[result]!.slot);
  });

  test('costs as much to schedule 96 times as twice', () => {
    const many = schedule(
      graphOf(decoder('llama_block(64, heads: 8, kv_heads: 2)', 'rms_norm', 96), 'llama_block'),
    );
    expect(regionsOf(many.steps).length).toBe(regionsOf(scheduled.steps).length);
    expect(many.packs.map((pack) => pack.elements)).toEqual(
      scheduled.packs.map((pack) => pack.elements),
    );
  });
});

test('a GPT-2 block takes 7 dispatches, and layer_norm one of them', () => {
  const scheduled = schedule(
    graphOf(decoder('gpt2_block(64, heads: 4)', 'layer_norm'), 'gpt2_block'),
  );
  expect(kindsOf(repeatOf(scheduled))).toEqual([
    'rows',
    'dot',
    'attend',
    'dot',
    'rows',
    'dot',
    'dot',
  ]);
  const [norm] = regionsOf(repeatOf(scheduled));
  expect(norm?.kind === 'rows' && norm.stages.map((stage) => stage.fn)).toEqual(['sum', 'sum']);
});

test('a softmax over rows is one region: maximum, sum and the normalised row', () => {
  const graph = buildGraph('softmax', { b: {} }, (g) => {
    const x = g.input('x', ['b', 24]);
    const shifted = g.sub(x, g.like(g.reduce('max', x, [1]), x, [0]));
    const e = g.unary('exp', shifted);
    return { y: g.div(e, g.like(g.reduce('sum', e, [1]), x, [0])) };
  });
  const [region, ...others] = regionsOf(schedule(graph).steps);
  expect(others).toEqual([]);
  expect(region?.kind === 'rows' && region.stages.map((stage) => stage.fn)).toEqual(['max', 'sum']);
  expect(region?.kind === 'rows' && region.colStores.length).toBe(1);
});

test('two sums over the same rows that meet in one result share a region', () => {
  const graph = buildGraph('moments', { b: {} }, (g) => {
    const x = g.input('x', ['b', 24]);
    const mean = g.mul(g.reduce('sum', x, [1]), 1 / 24);
    const square = g.mul(g.reduce('sum', g.mul(x, x), [1]), 1 / 24);
    return { variance: g.sub(square, g.mul(mean, mean)) };
  });
  expect(regionsOf(schedule(graph).steps).map((region) => region.kind)).toEqual(['rows']);
});

test('the sum of two products of different operands takes two dispatches, the later one adding', () => {
  const graph = buildGraph('sum', { b: {} }, (g) => {
    const [x, y] = [g.input('x', ['b', 8]), g.input('y', ['b', 4])];
    const a = g.dot('b d, d n -> b n', x, g.weight('a', [8, 16]));
    const c = g.dot('b d, d n -> b n', y, g.weight('c', [4, 16]));
    return { z: g.unary('tanh', g.add(a, c)) };
  });
  expect(regionsOf(schedule(graph).steps).map((region) => region.kind)).toEqual(['dot', 'dot']);
});

test('products that depend on each other are not merged, though they share their left operand', () => {
  const graph = buildGraph('chain', { b: {} }, (g) => {
    const x = g.input('x', ['b', 8]);
    const first = g.dot('b d, d n -> b n', x, g.weight('a', [8, 16]));
    const total = g.reduce('sum', first, [1]);
    const second = g.dot('b d, d n -> b n', x, g.weight('c', [8, 16]));
    return { z: g.mul(second, g.like(total, second, [0])) };
  });
  expect(regionsOf(schedule(graph).steps).map((region) => region.kind)).toEqual([
    'dot',
    'rows',
    'dot',
  ]);
});

test('a merge that would bind too many buffers is refused with the reason', () => {
  const graph = buildGraph('wide', { b: {} }, (g) => {
    const x = g.input('x', ['b', 8]);
    const outputs = Array.from({ length: 8 }, (_, i) => [
      `y${i}`,
      g.dot('b d, d n -> b n', x, g.weight(`w${i}`, [8, 4 + i])),
    ]);
    return Object.fromEntries(outputs);
  });
  const regions = regionsOf(schedule(graph).steps);
  expect(regions.map((region) => region.kind)).toEqual(['dot', 'dot']);
  expect(regions[0]!.notes.join()).toMatch(/not merged with .*: 7 buffers, at most 6/);
});

test('a product without a summed label is a multiplication in a map', () => {
  const graph = buildGraph('outer', { b: {}, t: {} }, (g) => {
    const [x, y] = [g.input('x', ['b']), g.input('y', ['t'])];
    return { z: g.dot('b, t -> b t', x, y) };
  });
  expect(regionsOf(schedule(graph).steps).map((region) => region.kind)).toEqual(['map']);
});

test('what is the same in each turn of a repeat is computed before it', () => {
  const graph = buildGraph('invariant', { b: {}, t: {} }, (g) => {
    const x = g.input('x', ['b', 't', 8]);
    const y = g.repeat(3, x, (h) => {
      const angle = g.unary('cos', g.cast('f32', g.iota('t')));
      return g.mul(h, g.like(angle, h, [1]));
    });
    return { y };
  });
  const scheduled = schedule(graph);
  expect(kindsOf(scheduled.steps)).toEqual(['map', 'map', 'repeat']);
  expect(kindsOf(repeatOf(scheduled))).toEqual(['map']);
});
