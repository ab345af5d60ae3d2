// Random mixtures of experts, from source to kernels, against the float64 reference, on whatever adapter there is. Which
// expert gets how many tokens must agree exactly. BFORM_FIRST_SEED and BFORM_MIXTURES choose others.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { dataFor } from '../support/random-graph.ts';
import { randomMixture } from '../support/random-moe.ts';
import { emitGraph, runGraph, targetFor } from '../support/run-graph.ts';
import { sources } from '../support/sources.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const FIRST = Number(process.env.BFORM_FIRST_SEED ?? 1);
const MIXTURES = Number(process.env.BFORM_MIXTURES ?? 300);
const BATCH = 50;

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

for (let first = FIRST; first < FIRST + MIXTURES; first += BATCH) {
  const last = Math.min(first + BATCH, FIRST + MIXTURES) - 1;
  test(`mixtures ${first} to ${last} give what the reference gives`, async () => {
    for (let seed = first; seed <= last; seed++) {
      const mixture = randomMixture(seed);
      const emitted = emitGraph(mixture.graph, {}, await targetFor(seed));
      const outputs = await runGraph(emitted, mixture);
      const expected = expectedOutputs(mixture.graph, mixture);
      const { route, symbols } = mixture;
      const what = `seed ${seed}: ${route} at ${JSON.stringify(symbols)}`;
      expect(mismatch(expected, outputs), what).toBeUndefined();
    }
  }, 600_000);
}

test('scores that are no finite numbers touch no other token', async () => {
  const [b, t, d] = [2, 9, 8];
  const routes = ['top_k(2, capacity_factor: 1.0)', 'expert_choice(1.0)', 'expert_threshold(2)'];
  for (const route of routes) {
    const { result } = analyze(
      'm.bform',
      sources({
        'm.bform': `
use std.{expert_choice, expert_threshold, ffn, moe, top_k}
model m (x: [b, t, ${d}]) -> y { moe(ffn(hidden: 4), experts: 4, route: ${route}) }`,
      }),
    );
    const { graph } = result!;
    const symbols = { b, t };
    const data = dataFor(1, graph, symbols);
    const sick = new Map([
      [3, Number.NaN],
      [7, Number.POSITIVE_INFINITY],
      [11, Number.NEGATIVE_INFINITY],
    ]);
    const x = Float32Array.from(data.inputs.x!, (v, at) => sick.get(Math.floor(at / d)) ?? v);
    const program = { symbols, weights: data.weights, inputs: { x } };
    const { y } = await runGraph(emitGraph(graph), program);
    const expected = interpret(graph, program).outputs.y!.data;
    for (let at = 0; at < expected.length; at++) {
      if (sick.has(Math.floor(at / d))) continue;
      expect(y![at], `${route}, element ${at}`).toBeCloseTo(expected[at]!, 4);
    }
  }
});

test('mixtures are of every kind', () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 120; seed++) {
    const mixture = randomMixture(seed);
    const { route, expert, step, symbols, graph } = mixture;
    for (const [word] of route.matchAll(/\w+(: \w+)?/g)) if (/[a-z]/.test(word)) kinds.add(word);
    kinds.add(expert.split('(')[0]!).add(`step ${step}`);
    if (symbols.b * symbols.t === 1) kinds.add('one token');
    if (seed > 30) continue;
    const { outputs } = interpret(graph, mixture);
    const tokens = outputs['moe.tokens']?.data;
    const all = tokens?.reduce((a, b) => a + b, 0);
    if (tokens?.includes(0)) kinds.add('an expert without tokens');
    if (tokens?.some((count) => count === all && symbols.b * symbols.t > 1))
      kinds.add('all to one');
    if ((outputs['moe.dropped']?.data[0] ?? 0) > 0) kinds.add('dropped');
  }
  for (const kind of [
    'hashed',
    'expert_choice',
    'over: position',
    'expert_threshold',
    'gates: renormalised',
    'gates: raw',
    'gates: chosen_softmax',
    'affinity: softmax',
    'affinity: sigmoid',
    'balance: switch',
    'balance: gshard',
    'balance: deepseek',
    'capacity_of: choices',
    'balance_bias: true',
    'linear',
    'ffn',
    'gated_ffn',
    'wrapped',
    'low_rank',
    'step 0.5',
    'step 0.015625',
    'one token',
    'an expert without tokens',
    'all to one',
    'dropped',
  ])
    expect(kinds).toContain(kind);
});
