// The published models: their sizes, their weights' names, and that a deep one is no larger to compile than a shallow one.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { WeightSpec } from '../../compiler/graph/graph.ts';
import { analyzed } from './evaluate.ts';

const count = (weights: readonly WeightSpec[]): number =>
  weights.reduce(
    (sum, { shape, repeats }) => sum + [...shape, ...repeats].reduce((n, size) => n * size, 1),
    0,
  );

/** A model of one's own from a paper's parts. */
const gpt2 = (d: number, layers: number, heads: number) => `
  use std.{embed, gpt2_block, layer_norm, learned_positions, unembed}
  model m {
    vocab: 50257
    context: 1024
    let blocks = gpt2_block(${d}, heads: ${heads})
    embed(${d}) -> learned_positions -> blocks * ${layers} -> layer_norm -> unembed(tied: true)
  }`;
const llama = (d: number, layers: number, heads: number, arguments_ = '') => `
  use std.{embed, llama_block, rms_norm, unembed}
  model m {
    vocab: 32000
    context: 2048
    let blocks = llama_block(${d}, heads: ${heads}${arguments_})
    embed(${d}) -> blocks * ${layers} -> rms_norm -> unembed
  }`;

describe('parameters', () => {
  it.each([
    { model: 'GPT-2 124M', code: gpt2(768, 12, 12), parameters: 124_439_808 },
    { model: 'GPT-2 medium', code: gpt2(1024, 24, 16), parameters: 354_823_168 },
    { model: 'GPT-2 large', code: gpt2(1280, 36, 20), parameters: 774_030_080 },
    { model: 'GPT-2 XL', code: gpt2(1600, 48, 25), parameters: 1_557_611_200 },
    { model: 'LLaMA 7B', code: llama(4096, 32, 32), parameters: 6_738_415_616 },
    { model: 'LLaMA 13B', code: llama(5120, 40, 40), parameters: 13_015_864_320 },
    { model: 'LLaMA 33B', code: llama(6656, 60, 52), parameters: 32_528_943_616 },
    { model: 'LLaMA 65B', code: llama(8192, 80, 64), parameters: 65_285_660_672 },
    {
      model: 'TinyLlama 1.1B',
      code: llama(2048, 22, 32, ', kv_heads: 4, hidden: 5632'),
      parameters: 1_100_048_384,
    },
  ])('of $model: $parameters', ({ code, parameters }) => {
    expect(count(analyzed(code).graph.weights)).toBe(parameters);
  });
});

describe('the models of stdlib/papers', () => {
  it.each([
    { name: 'gpt2', parameters: 124_439_808 },
    { name: 'llama', parameters: 6_738_415_616 },
  ])('$name compiles as it stands', ({ name, parameters }) => {
    const file = new URL(`../../stdlib/papers/${name}.bform`, import.meta.url);
    expect(count(analyzed(readFileSync(file, 'utf8')).graph.weights)).toBe(parameters);
  });
});

it('names the weights of LLaMA by path', () => {
  const names = analyzed(llama(4096, 32, 32)).graph.weights.map(({ name }) => name);
  expect(names).toEqual([
    'embed.table',
    'blocks.{0}.a_norm.scale',
    'blocks.{0}.a.wq.w',
    'blocks.{0}.a.wk.w',
    'blocks.{0}.a.wv.w',
    'blocks.{0}.a.wo.w',
    'blocks.{0}.f_norm.scale',
    'blocks.{0}.f.gate.w',
    'blocks.{0}.f.up.w',
    'blocks.{0}.f.down.w',
    'rms_norm.scale',
    'unembed.w',
  ]);
});

it('names the weights of GPT-2 by path', () => {
  const names = analyzed(gpt2(768, 12, 12)).graph.weights.map(({ name }) => name);
  expect(names).toContain('learned_positions.table');
  expect(names).toContain('blocks.{0}.a_norm.b');
  expect(names).toContain('blocks.{0}.f.up.b');
  expect(names.at(-1)).toBe('layer_norm.b');
});
