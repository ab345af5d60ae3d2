// The compiled kernels of random programs against the float64 reference, on whatever adapter there is.
// BFORM_FIRST_SEED and BFORM_SEEDS choose others.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { type RandomProgram, randomGraph } from '../support/random-graph.ts';
import { emitGraph, runGraph, targetFor } from '../support/run-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const FIRST = Number(process.env.BFORM_FIRST_SEED ?? 1);
const SEEDS = Number(process.env.BFORM_SEEDS ?? 300);
const BATCH = 50;

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

/** Small programs, since compiling pipelines takes nearly all of the time; every tenth has larger tensors. */
const programOf = (seed: number): RandomProgram =>
  randomGraph(seed, { steps: 1 + (seed % 4), mostElements: seed % 10 === 0 ? 12_000 : 2000 });

for (let first = FIRST; first < FIRST + SEEDS; first += BATCH) {
  const last = Math.min(first + BATCH, FIRST + SEEDS) - 1;
  test(`random programs ${first} to ${last} give what the reference gives`, async () => {
    for (let seed = first; seed <= last; seed++) {
      const program = programOf(seed);
      const emitted = emitGraph(program.graph, {}, await targetFor(seed));
      const outputs = await runGraph(emitted, program);
      const expected = expectedOutputs(program.graph, program);
      expect(mismatch(expected, outputs), `seed ${seed}`).toBeUndefined();
    }
  }, 300_000);
}
