// Layers of the library and examples as compiled kernels, against the float64 reference, on whatever adapter there is.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeGpu, gpuDevice, gpuTarget } from '../support/gpu.ts';
import { dataFor } from '../support/random-graph.ts';
import { emitGraph, runGraph } from '../support/run-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';
import { analyzed } from './evaluate.ts';
import { activations } from './formulas.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

async function expectEqual(
  code: string,
  symbols: { b: number; t: number },
  model?: string,
): Promise<void> {
  const { graph } = analyzed(code, model === undefined ? {} : { model });
  const program = { symbols, ...dataFor(1, graph, symbols) };
  const expected = expectedOutputs(graph, program);
  expect(
    mismatch(expected, await runGraph(emitGraph(graph, {}, await gpuTarget()), program)),
  ).toBeUndefined();
}

/** What the examples do not have: pairs of channels side by side, masks that are no interval, tables by distance. */
const LAYERS = [
  { use: 'sinusoidal_positions', layer: 'sinusoidal_positions' },
  {
    use: 'alibi, attention, prefix, rope',
    layer:
      'attention(heads: 3, mask: prefix(4), position: rope(layout: interleaved), score: alibi(3))',
  },
  {
    use: 'attention, t5_relative_bias',
    layer:
      'attention(heads: 3, scale: 1.0, score: t5_relative_bias(3, buckets: 8, max_distance: 7))',
  },
];

it.each(LAYERS)('$layer', ({ use, layer }) =>
  expectEqual(`use std.{${use}}\nmodel m (x: [b, t, 12]) -> y { ${layer} }`, { b: 2, t: 19 }),
);

it('all activations, one after another', () => {
  const names = Object.keys(activations).join(' -> ');
  const code = `use std.{${Object.keys(activations)}}\nmodel m (x: [b, t, 12]) -> y { ${names} }`;
  return expectEqual(code, { b: 1, t: 7 });
});

describe('the smallest presets of the papers', () => {
  const folder = new URL('../../stdlib/papers/', import.meta.url);
  const tiny = readdirSync(folder).flatMap((file) => {
    const code = readFileSync(new URL(file, folder), 'utf8');
    return [...code.matchAll(/^model (\w+_tiny)\b/gm)].map(([, model]) => ({
      model: model!,
      code,
    }));
  });
  it.each(tiny)('$model', ({ model, code }) => expectEqual(code, { b: 2, t: 19 }, model));
});

describe('examples', () => {
  const folder = new URL('../../examples/', import.meta.url);
  it.each(['own-layer', 'sliding-window'])('%s', (name) =>
    expectEqual(readFileSync(new URL(`${name}/model.bform`, folder), 'utf8'), { b: 1, t: 33 }),
  );
});
