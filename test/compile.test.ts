// What compiling promises as a whole: few dispatches, no t x t tensor, depth for free, diagnostics instead of results.
import { expect, it } from 'vitest';
import { type Compilation, check, compile } from '../compiler/compile.ts';
import type { Region, ScheduleStep } from '../compiler/schedule/schedule.ts';
import { evaluate, product } from '../compiler/shapes/dim.ts';
import { sources } from './support/sources.ts';

function compiled(text: string): Compilation {
  const { diagnostics, result } = compile('model.bform', sources({ 'model.bform': text }));
  expect(diagnostics).toEqual([]);
  return result!;
}

const llama = (layers: number) => `
use std.{embed, llama_block, rms_norm, unembed}
model m {
  vocab: 96
  context: 64
  let blocks = llama_block(48, heads: 6, kv_heads: 2)
  embed(48) -> blocks * ${layers} -> rms_norm -> unembed(tied: true)
}`;

const gpt2 = (layers: number) => `
use std.{embed, gpt2_block, layer_norm, learned_positions, unembed}
model m {
  vocab: 96
  context: 64
  let blocks = gpt2_block(48, heads: 6)
  embed(48) -> learned_positions -> blocks * ${layers} -> layer_norm -> unembed(tied: true)
}`;

/** The regions of the deepest repeat: one block's dispatches. */
function blockRegions(steps: readonly ScheduleStep[]): Region[] {
  const repeat = steps.find((step) => step.kind === 'repeat');
  if (repeat) return blockRegions(repeat.steps);
  return steps.flatMap((step) => (step.kind === 'region' ? [step.region] : []));
}

it.each([
  ['LLaMA', 6, llama],
  ['GPT-2', 7, gpt2],
])('runs a pre-norm block of %s in at most %i dispatches', (_, most, model) => {
  const regions = blockRegions(compiled(model(3)).schedule.steps);
  expect(regions.length).toBeLessThanOrEqual(most);
  expect(regions.filter((region) => region.kind === 'attend')).toHaveLength(1);
});

it.each([
  ['LLaMA', llama],
  ['GPT-2', gpt2],
])('keeps no tensor of %s that grows with the square of t', (_, model) => {
  for (const { shape } of compiled(model(2)).schedule.values) {
    const power = shape.filter((size) => size.text === 't').length;
    expect(power).toBeLessThanOrEqual(1);
    expect(shape.map((size) => size.text).join()).not.toMatch(/t\^2/);
  }
});

it.each([
  ['LLaMA', llama],
  ['GPT-2', gpt2],
])('emits the same kernels for 96 layers of %s as for 2', (_, model) => {
  const [two, many] = [compiled(model(2)), compiled(model(96))];
  expect(many.kernels).toEqual(two.kernels);
  expect(many.graph.nodes.length).toBe(two.graph.nodes.length);
  expect(many.schedule.slots.length).toBe(two.schedule.slots.length);
});

/** The largest number of elements of each value at the given sizes, by what its layers are called. */
function elementsAt({ schedule }: Compilation, sizes: Readonly<Record<string, number>>): number[] {
  return schedule.values.map(({ shape }) => Number(evaluate(product(shape), sizes)));
}

it.each([
  'top_k(2)',
  'top_k(2, capacity_factor: 1.0)',
  'expert_choice(2.0, over: position)',
  'expert_threshold(2)',
])(
  'keeps no tensor of tokens x experts x channels, and no more of channels for more experts: %s',
  (route) => {
    const [d, hidden, sizes] = [24, 40, { b: 16, t: 32 }];
    const mixture = (experts: number) =>
      compiled(`
use std.{expert_choice, expert_threshold, gated_ffn, moe, top_k}
model m (x: [b, t, ${d}]) -> y { moe(gated_ffn(hidden: ${hidden}), experts: ${experts}, route: ${route}) }`);
    const tokens = sizes.b * sizes.t;
    const [few, many] = [mixture(4), mixture(16)].map((model) => elementsAt(model, sizes));
    for (const elements of [...few!, ...many!]) {
      expect(elements).toBeLessThanOrEqual(2 * tokens * hidden);
    }
    const ofChannels = (all: readonly number[]): number[] => all.filter((n) => n >= tokens * d);
    expect(ofChannels(many!)).toEqual(ofChannels(few!));
  },
);

it('runs a mixture in at most 10 dispatches', () => {
  const { schedule } = compiled(`
use std.{gated_ffn, moe, pre_norm, rms_norm}
block b(d: dim) { pre_norm(rms_norm): moe(gated_ffn(hidden: 2 * d), experts: 8) }
model m (x: [b, t, 24]) -> y { b(24) * 3 }`);
  const regions = blockRegions(schedule.steps);
  expect(regions.length).toBeLessThanOrEqual(10);
  expect(regions.filter((region) => region.kind === 'group')).toHaveLength(1);
});

it('gives no result beside an error, and both of a file’s independent mistakes', () => {
  const text = `
use std.{embed, ffn, plain, unembed}
layer first (x: [.., d]) -> [.., d] { x + missing }
layer second (x: [.., d]) -> [.., d] { weight w: [d, 3] = zeros  x @ w }
model m { vocab: 8  context: 8  embed(4) -> unembed }`;
  const { diagnostics, result } = check('model.bform', sources({ 'model.bform': text }));
  expect(result).toBeUndefined();
  expect(diagnostics.map(({ span }) => text.slice(0, span.start).split('\n').length)).toEqual([
    3, 4,
  ]);
});

it('points at the input of a model that no device binds', () => {
  const text = 'use std.{linear}\nmodel m (x: [b, t, 67_108_864]) -> y { linear(1) }\n';
  const { diagnostics } = compile('model.bform', sources({ 'model.bform': text }));
  const found = diagnostics.find(({ message }) => message.includes('of `x`'));
  expect(found?.code).toBe('BF4002');
  const { file, start, end } = found!.span;
  expect([file.path, text.slice(start, end)]).toEqual(['model.bform', 'x: [b, t, 67_108_864]']);
});
