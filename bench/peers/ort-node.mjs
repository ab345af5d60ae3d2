// onnxruntime-node: on WebGPU, with the Dawn that it brings along, or on the processor, by the process's second argument.
// Inputs and results are in the caller's memory.
import { createRequire } from 'node:module';
import { serve, uncounted } from '../serve.mjs';
import { onnxModel } from './onnx-models.mjs';

const ort = createRequire(import.meta.url)('onnxruntime-node');
const provider = process.argv[3];

await serve(async (workload, inputs) => {
  const { bytes, feeds } = uncounted(() => onnxModel(workload, inputs));
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => [
      name,
      new ort.Tensor('float32', data, dims),
    ]),
  );
  let output;
  const run = async () => {
    output = (await session.run(given)).y.data;
  };
  return { run, read: () => output };
});
