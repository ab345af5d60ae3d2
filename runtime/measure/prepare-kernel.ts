// A kernel ready to be dispatched, for measurements: WGSL text and the buffers it is bound to, in their order.
import { guarded } from '../device-state.ts';

/** Sets a pass up for the kernel, whose entry point is `main`. Throws `KernelError`, `DeviceLostError`. */
export function prepareKernel(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
): Promise<(pass: GPUComputePassEncoder) => void> {
  return guarded(device, 'Preparing a kernel to measure', () => {
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
    });
    const bindings = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    return (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
    };
  });
}
