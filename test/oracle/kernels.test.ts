// The compiled kernels of random programs against the float64 reference, on whatever adapter there is.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { randomGraph } from '../support/random-graph.ts';
import { runGraph } from '../support/run-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const SEEDS = Number(process.env.BFORM_KERNEL_SEEDS ?? 300);
const FIRST = Number(process.env.BFORM_FIRST_SEED ?? 1);
const BATCH = 50;

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

for (let first = FIRST; first < FIRST + SEEDS; first += BATCH) {
  const count = Math.min(BATCH, FIRST + SEEDS - first);
  test(`random programs ${first} to ${first + count - 1} give what the reference gives`, async () => {
    for (let seed = first; seed < first + count; seed++) {
      const program = randomGraph(seed, { mostElements: 4000 });
      const expected = expectedOutputs(program.graph, program);
      const outputs = await runGraph(program.graph, program);
      expect(mismatch(expected, outputs), `seed ${seed}`).toBeUndefined();
    }
  }, 240_000);
}
