// Losses and measured values of a model, inside of repeats too, from its source to the device and back.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { compile } from '../../compiler/compile.ts';
import { openSession } from '../../runtime/session.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { dataFor } from '../support/random-graph.ts';
import { sources } from '../support/sources.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const SOURCE = `
use std.{attention, embed, layer_norm, linear, pre_norm, unembed}

layer two_ways (x: [b, t, d]) -> [b, t, d] {
  weight v: [d] = normal(std: 0.5)
  let left = linear(d)
  let right = linear(d)
  let share = sigmoid(x @ v)
  loss balance = 0.01 * (mean(share, axis: [b, t]) - 0.5) ^ 2
  measure mean_share = mean(share, axis: t)
  measure tokens = i32(share * 0 + 3)
  share * left(x) + (1 - share) * right(x)
}
layer watched(sub: layer) (x: [b, t, d]) -> [b, t, d] { measure before = x  x + sub(x) }
block k {
  let a = attention(heads: 2)
  pre_norm(layer_norm): a (two_ways) * 2
  watched: linear(8)
}
model m {
  vocab: 13
  embed(8, std: 1.0) -> k * 3 -> layer_norm -> unembed(z_loss: 0.5)
}`;

const ROUTED = `
use std.{embed, expert_choice, expert_threshold, ffn, layer_norm, moe, pre_norm, top_k, unembed}

block k(d: dim) {
  let e = ffn(hidden: 2 * d)
  let a = moe(e, experts: 4, route: top_k(2, capacity_factor: 1.0, balance_weight: 0.01, z_weight: 0.001))
  let c = moe(e, experts: 3, route: expert_choice)
  let h = moe(e, experts: 5, route: expert_threshold)
  pre_norm(layer_norm): a (c h) * 2
}
model m {
  vocab: 13
  embed(8, std: 1.0) -> k(8) * 3 -> layer_norm -> unembed
}`;

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

/** Runs a model with all of its outputs at the sizes and holds them to the reference. */
async function compared(source: string, symbols: { readonly b: number; readonly t: number }) {
  const reader = sources({ 'm.bform': source });
  const { result, diagnostics } = compile('m.bform', reader, { auxiliary: true });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { graph, kernels } = result!;
  const manifest = { ...(await buildManifest(result!)), files: {} };
  const data = dataFor(symbols.t, graph, symbols);
  const session = await openSession(await gpuDevice(), manifest, {
    kernels: new Map(kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text])),
    weights: new Map(Object.entries(data.weights)),
  });
  try {
    const tokens = { data: data.inputs.tokens!, shape: [symbols.b, symbols.t] };
    const outputs = await session.run({ tokens });
    const flat = Object.entries(outputs).map(([name, tensor]) => [name, tensor.data] as const);
    const expected = expectedOutputs(graph, { symbols, ...data });
    expect(mismatch(expected, Object.fromEntries(flat))).toBeUndefined();
    return { manifest, outputs };
  } finally {
    session.dispose();
  }
}

test.each([
  { b: 1, t: 1 },
  { b: 2, t: 5 },
  { b: 3, t: 64 },
])('are those of the reference at %o', async (symbols) => {
  const { manifest, outputs } = await compared(SOURCE, symbols);
  expect(manifest.outputs.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    'result logits',
    'loss blocks.*.rep.*.two_ways.balance',
    'measure blocks.*.rep.*.two_ways.mean_share',
    'measure blocks.*.rep.*.two_ways.tokens',
    'measure blocks.*.linear_before',
    'loss unembed.z',
  ]);
  expect(outputs['blocks.*.rep.*.two_ways.balance']!.shape).toEqual([3, 2]);
  expect(outputs['blocks.*.rep.*.two_ways.mean_share']!.shape).toEqual([3, 2, symbols.b]);
  expect(outputs['unembed.z']!.shape).toEqual([]);
});

test.each([
  { b: 1, t: 3 },
  { b: 2, t: 21 },
])('of routers are those of the reference at %o', async (symbols) => {
  const { outputs } = await compared(ROUTED, symbols);
  const counts = outputs['blocks.*.a.tokens']!;
  expect(counts.shape).toEqual([3, 4]);
  const dropped = outputs['blocks.*.a.dropped']!.data;
  for (const turn of [0, 1, 2]) {
    const placed = [...counts.data].slice(4 * turn, 4 * turn + 4).reduce((sum, n) => sum + n, 0);
    expect(placed + dropped[turn]!).toBe(2 * symbols.b * symbols.t);
  }
});

test('take nothing where they are not asked for', () => {
  const plain = SOURCE.replaceAll(/^ *(loss|measure) .*\n/gm, '')
    .replace('{ measure before = x  x + sub(x) }', '{ x + sub(x) }')
    .replace('z_loss: 0.5', '');
  const kernelsOf = (source: string): string[] => {
    const { result } = compile('m.bform', sources({ 'm.bform': source }));
    return result!.kernels.map(({ id }) => id);
  };
  expect(plain).not.toMatch(/loss|measure/);
  expect(kernelsOf(SOURCE)).toEqual(kernelsOf(plain));
});
