// onnxruntime-web on its WebGPU provider, with Dawn. Inputs, weights and results stay on the device. Start Node with
// --liftoff-only: V8 compiling the same WebAssembly once more in the background doubles times on two cores.
import { countsOfRun, installWebGPU } from '../dawn.mjs';
import { serve, uncounted } from '../serve.mjs';
import { onnxModel } from './onnx-models.mjs';

const { counts, devices } = await installWebGPU();
copySharedMemory();
const ort = await import('onnxruntime-web/webgpu');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** onnxruntime's memory is shared between threads; Dawn for Node takes no view of such memory, so it gets a copy. */
function copySharedMemory() {
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, start = 0, size = undefined) {
    const view = ArrayBuffer.isView(data);
    const memory = view ? data.buffer : data;
    if (!(memory instanceof SharedArrayBuffer))
      return writeBuffer.call(this, buffer, offset, data, start, size);
    const unit = view ? (data.BYTES_PER_ELEMENT ?? 1) : 1;
    const bytes = view
      ? new Uint8Array(memory, data.byteOffset, data.byteLength)
      : new Uint8Array(memory);
    const end = size === undefined ? undefined : (start + size) * unit;
    return writeBuffer.call(this, buffer, offset, bytes.slice(start * unit, end));
  };
}

await serve(async (workload, inputs) => {
  const { bytes, feeds, shape } = uncounted(() => onnxModel(workload, inputs));
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['webgpu'],
    graphOptimizationLevel: 'all',
    preferredOutputLocation: 'gpu-buffer',
  });
  const device = (await ort.env.webgpu.device) ?? devices[0];
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const buffer = (dims) =>
    device.createBuffer({ size: 4 * dims.reduce((product, size) => product * size), usage });
  const tensor = (gpuBuffer, dims) =>
    ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: 'float32', dims });
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => {
      const made = buffer(dims);
      device.queue.writeBuffer(made, 0, data);
      return [name, tensor(made, dims)];
    }),
  );
  const result = buffer(shape);
  const run = async () => {
    await session.run(given, { y: tensor(result, shape) });
    await device.queue.onSubmittedWorkDone();
  };
  return {
    run,
    read: () => readBack(device, result),
    facts: () => countsOfRun(counts, run),
  };
});

async function readBack(device, buffer) {
  const { size } = buffer;
  const copy = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  return new Float32Array(copy.getMappedRange().slice(0));
}
