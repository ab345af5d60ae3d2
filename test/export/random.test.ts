// Random programs exported to ONNX and run by ONNX Runtime, against the float64 reference: a second opinion on what
// every operation means. BFORM_FIRST_SEED and BFORM_ONNX_SEEDS choose others.
import { describe, expect, test } from 'vitest';
import { hasOnnxRuntime, runOnnx } from '../support/onnx.ts';
import { randomGraph } from '../support/random-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const FIRST = Number(process.env.BFORM_FIRST_SEED ?? 1);
const SEEDS = Number(process.env.BFORM_ONNX_SEEDS ?? 100);
const BATCH = 25;

describe.skipIf(!hasOnnxRuntime)('in ONNX Runtime', () => {
  for (let first = FIRST; first < FIRST + SEEDS; first += BATCH) {
    const last = Math.min(first + BATCH, FIRST + SEEDS) - 1;
    test(`random programs ${first} to ${last} give what the reference gives`, async () => {
      for (let seed = first; seed <= last; seed++) {
        const program = randomGraph(seed, { mostElements: 2000 });
        // Without an output there is nothing to run.
        if (program.graph.outputs.length === 0) continue;
        const outputs = await runOnnx(program.graph, program).catch((error: Error) => {
          throw new Error(`seed ${seed}: ${error.message}`);
        });
        const expected = expectedOutputs(program.graph, program);
        expect(mismatch(expected, outputs), `seed ${seed}`).toBeUndefined();
      }
    }, 120_000);
  }
});
