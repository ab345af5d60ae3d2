// bform verify: it passes what is right, and names the layer whose kernel or weight is not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followChoices } from '../../cli/verify/choices.ts';
import { relativeError } from '../../cli/verify/compare.ts';
import { checkSame, verifyBundle } from '../../cli/verify/verify-bundle.ts';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Node } from '../../compiler/ops/op.ts';
import { initializeWeights } from '../../runtime/initialize.ts';
import { openSession } from '../../runtime/session.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { sources } from '../support/sources.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

const GPT2 = `
use std.{embed, gpt2_block, layer_norm, learned_positions, unembed}
model m {
  vocab: 29
  context: 16
  let blocks = gpt2_block(16, heads: 2)
  embed(16) -> learned_positions -> blocks * 2 -> layer_norm -> unembed(tied: true)
}`;

const MIXTURE = `
use std.{attention, embed, gated_ffn, moe, pre_norm, rms_norm, rope, top_k, unembed}
block sparse(d: dim) {
  let a = attention(heads: 2, position: rope)
  let g = moe(expert: gated_ffn(24), experts: 4, route: top_k(2))
  pre_norm(rms_norm): a g
}
model m {
  vocab: 29
  context: 16
  let blocks = sparse(16)
  embed(16) -> blocks * 2 -> rms_norm -> unembed
}`;

/** Scores fade from layer to layer, until they are all equal in f32. */
const FADING = `
use std.{ffn, moe, top_k}
model m (x: [b, t, 8]) -> y { moe(ffn(hidden: 4), experts: 5, route: top_k(2)) * 3 }`;

function compiled(code: string): Compilation {
  const { result } = compile('m.bform', sources({ 'm.bform': code }), { auxiliary: true });
  return result!;
}

interface Damage {
  readonly kernel?: (text: string) => string;
  readonly weights?: (weights: Map<string, Float32Array>) => void;
}

/** The names over the tolerance, in the order in which they are computed. */
async function wrongIn(code: string, { kernel = (text) => text, weights: change }: Damage = {}) {
  const compilation = compiled(code);
  const manifest = { ...(await buildManifest(compilation)), files: {} };
  await checkSame(manifest, compilation);
  const weights = initializeWeights(manifest, 3);
  change?.(weights);
  const kernels = new Map(
    compilation.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, kernel(text)]),
  );
  const session = await openSession(await gpuDevice(), manifest, { kernels, weights });
  try {
    const options = { sizes: { b: 2, t: 7 }, seed: 1 };
    const { values, outputs } = await verifyBundle(session, compilation, weights, options);
    const all = [...values, ...outputs];
    const names = all.map(({ name }) => name);
    const wrong = all.filter(({ error }) => !(error <= 1e-4)).map(({ name }) => name);
    return { names, wrong, largest: Math.max(...all.map(({ error }) => error)) };
  } finally {
    session.dispose();
  }
}

it.each([
  ['a dense model', GPT2, 'blocks.1.f.act'],
  ['a mixture of experts', MIXTURE, 'blocks.1.g'],
])('passes %s, and has seen its layers', async (_, code, layer) => {
  const { names, wrong, largest } = await wrongIn(code);
  expect(wrong).toEqual([]);
  expect(largest).toBeLessThan(1e-5);
  expect(largest).toBeGreaterThan(0);
  expect(new Set(names.filter((name) => name.startsWith('blocks.0.'))).size).toBeGreaterThan(5);
  expect(names.some((name) => name.startsWith(layer))).toBe(true);
  expect(names).toContain('logits');
});

it('follows the device where a router has scores that are equal but for rounding', async () => {
  expect((await wrongIn(FADING)).wrong).toEqual([]);
});

it.each([
  ['another of the same score', [2, 1], [2, 1]],
  ['a smaller score', [1, 0], [1, 2]],
  ['one place twice', [1, 1], [1, 2]],
  ['a place that is none', [1, 4], [1, 2]],
  ['a score that is NaN', [1, 3], [1, 2]],
])('of the places that a device chose, takes %s only if it is as good', (_, chosen, taken) => {
  const node = (id: number, kind: string) => ({ id, op: { kind }, inputs: [0] }) as unknown as Node;
  const value = (...data: number[]) => ({
    dtype: 'f32' as const,
    shape: [1, data.length],
    data: Float64Array.from(data),
  });
  const places = value(1, 2);
  const follow = followChoices(() => chosen);
  follow(node(0, 'softmax'), [], value(0.1, 0.5, 0.5 + 1e-7, Number.NaN));
  follow(node(1, 'top_k'), [], places);
  expect([...places.data]).toEqual(taken);
});

describe('names the first layer that is wrong', () => {
  it.each([
    ['a coefficient of an activation', /0\.044715f/g, '0.5f', 'blocks.0.f.act'],
    [
      'the scale of attention',
      /let (v\d+) = score_(\d) \* [\d.]+f;/g,
      'let $1 = score_$2;',
      'blocks.0.a',
    ],
    ['the start of a sum', /var fold(\d) = 0f;/g, 'var fold$1 = 1f;', 'blocks.0.a_norm'],
  ])('in its kernel: %s', async (_, right, other, layer) => {
    let found = 0;
    const { wrong } = await wrongIn(GPT2, {
      kernel(text) {
        found += text.search(right) >= 0 ? 1 : 0;
        return text.replace(right, other);
      },
    });
    expect(found).toBeGreaterThan(0);
    expect(wrong[0]).toBe(layer);
    expect(wrong).toContain('logits');
  });

  it('in its weights, where one is no number', async () => {
    const { wrong } = await wrongIn(GPT2, {
      weights: (weights) => weights.get('blocks.1.f.up.w')!.fill(Number.NaN, 5, 6),
    });
    expect(wrong[0]).toMatch(/^blocks\.1\.f/);
    expect(wrong).not.toContain('blocks.0.f.act');
  });
});

it('refuses a bundle whose source gives other steps', async () => {
  const manifest = { ...(await buildManifest(compiled(GPT2))), files: {} };
  await expect(checkSame(manifest, compiled(MIXTURE))).rejects.toThrow('another version of bform');
});

it('measures errors by the largest value; NaN and one infinity are infinite', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinite } = Number;
  expect(relativeError([1, 4.5], [1, -5])).toBe(9.5 / 5);
  expect(relativeError([0, 0], [0, 0])).toBe(0);
  expect(relativeError([infinite, 1], [infinite, 1])).toBe(0);
  expect(relativeError([infinite, 1], [3, 1])).toBe(infinite);
  expect(relativeError([nan], [nan])).toBe(infinite);
  expect(relativeError([1], [1, 1])).toBe(infinite);
});
