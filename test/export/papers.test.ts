// The published models exported to ONNX: ONNX Runtime and Dawn, which share nothing but the graph, give the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { initializeWeights } from '../../runtime/initialize.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { hasOnnxRuntime, runOnnx } from '../support/onnx.ts';
import { paperFiles, smallModels } from '../support/papers.ts';
import { dataFor } from '../support/random-graph.ts';
import { emitGraph, runGraph } from '../support/run-graph.ts';

const TOLERANCE = 1e-4;

/** The largest difference, relative to the largest value. */
function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-30];
  for (let i = 0; i < a.length; i++) {
    // Written so that NaN counts.
    difference = Math.abs(a[i]! - b[i]!) <= difference ? difference : Math.abs(a[i]! - b[i]!);
    size = Math.max(size, Math.abs(a[i]!));
  }
  return a.length === b.length ? difference / size : Number.NaN;
}

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

describe.skipIf(!hasOnnxRuntime)('ONNX Runtime agrees with Dawn', () => {
  it.each(paperFiles)(
    'on %s',
    async (file) => {
      const models = smallModels(file);
      expect(models, `${file} has no model small enough to run`).not.toEqual([]);
      for (const { name, graph } of models) {
        const emitted = emitGraph(graph);
        const manifest = { ...(await buildManifest(emitted)), files: {} };
        const weights = Object.fromEntries(initializeWeights(manifest, 1));
        for (const symbols of [
          { b: 1, t: 1 },
          { b: 2, t: 7 },
        ]) {
          const program = { symbols, weights, inputs: dataFor(1, graph, symbols).inputs };
          const [dawn, onnx] = [await runGraph(emitted, program), await runOnnx(graph, program)];
          for (const output of Object.keys(dawn)) {
            const difference = differenceOf(dawn[output]!, onnx[output]!);
            expect(
              difference,
              `${name}, ${output} at b ${symbols.b}, t ${symbols.t}`,
            ).toBeLessThanOrEqual(TOLERANCE);
          }
        }
      }
    },
    120_000,
  );
});
