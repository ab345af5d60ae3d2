// A Dawn device for GPU tests, one per test file (vitest gives each file its own process), and a way to run one kernel.
// The adapter is the one of VK_ICD_FILENAMES / VK_DRIVER_FILES, else the set-up's choice. No adapter fails the tests.
//
//   beforeAll(() => gpuDevice());   afterAll(closeGpu);
//   const [y] = await runKernel({ code, bindings: [read(x), write(n)], workgroups: [1, 1, 1] });
import { globals } from 'webgpu';
import { openDevice } from '../../runtime/device-node.ts';
import { type KernelTarget, kernelTarget } from '../../runtime/kernel-target.ts';
import { waitPolitely } from '../../runtime/node/wait.ts';

// GPUBufferUsage and the like, as a browser has them.
Object.assign(globalThis, globals);

export type KernelData = Float32Array | Int32Array | Uint32Array;

/** A storage buffer of the kernel: what it holds before; whether its contents afterwards are wanted. */
export interface KernelBuffer {
  readonly data: KernelData;
  readonly access: 'read' | 'write';
}

export interface KernelRun {
  readonly code: string;
  readonly entryPoint?: string;
  /** Bound at group 0, bindings 0, 1, ... in this order. */
  readonly bindings: readonly KernelBuffer[];
  /** The words of a uniform buffer at the last binding, as u32; none where absent. */
  readonly params?: readonly number[];
  readonly workgroups: readonly [number, number?, number?];
}

let opened: Promise<GPUDevice> | undefined;
const errors: string[] = [];

/** The file's device, opened at first use. Rejects where there is no adapter. */
export function gpuDevice(): Promise<GPUDevice> {
  opened ??= openDevice({ onError: (message) => errors.push(message) });
  return opened;
}

/** What kernels may rely on where they are written for the file's device. */
export async function gpuTarget(): Promise<KernelTarget> {
  const { adapterInfo: info, features } = await gpuDevice();
  return kernelTarget({ info, features });
}

/** Destroys the file's device; throws if any error went uncaught on it. For `afterAll`. */
export async function closeGpu(): Promise<void> {
  const device = await opened?.catch(() => undefined);
  opened = undefined;
  device?.destroy();
  if (errors.length > 0) throw new Error(`uncaught GPU errors:\n${errors.splice(0).join('\n')}`);
}

export const read = (data: KernelData): KernelBuffer => ({ data, access: 'read' });

/** A buffer the kernel writes: its initial contents, or a length for zeros of f32. */
export const write = (data: KernelData | number): KernelBuffer => ({
  data: typeof data === 'number' ? new Float32Array(data) : data,
  access: 'write',
});

/** Runs a kernel once; gives the contents of the written buffers in order. Throws on any compile or run error. */
export async function runKernel(run: KernelRun): Promise<KernelData[]> {
  const device = await gpuDevice();
  const buffers: GPUBuffer[] = [];
  const create = (data: KernelData, usage: number): GPUBuffer => {
    const size = Math.max(16, Math.ceil(data.byteLength / 16) * 16);
    const buffer = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, data as Uint32Array<ArrayBuffer>);
    buffers.push(buffer);
    return buffer;
  };
  try {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code: run.code });
    const faults = (await module.getCompilationInfo()).messages.filter((m) => m.type === 'error');
    const bound = run.bindings.map(({ data }) =>
      create(data, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC),
    );
    const all = run.params
      ? [...bound, create(Uint32Array.from(run.params), GPUBufferUsage.UNIFORM)]
      : bound;
    if (faults.length > 0) {
      await device.popErrorScope();
      throw new Error(faults.map((m) => `${m.lineNum}:${m.linePos} ${m.message}`).join('\n'));
    }
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: run.entryPoint ?? 'main' },
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: all.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    pass.dispatchWorkgroups(...run.workgroups);
    pass.end();
    const outputs = run.bindings.flatMap(({ data, access }, index) => {
      if (access === 'read') return [];
      const staging = device.createBuffer({
        size: Math.max(16, Math.ceil(data.byteLength / 4) * 4),
        usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
      });
      buffers.push(staging);
      encoder.copyBufferToBuffer(bound[index]!, 0, staging, 0, data.byteLength);
      return [{ staging, data }];
    });
    device.queue.submit([encoder.finish()]);
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
    const results: KernelData[] = [];
    for (const { staging, data } of outputs) {
      await waitPolitely(staging.mapAsync(GPUMapMode.READ));
      const bytes = staging.getMappedRange().slice(0, data.byteLength);
      staging.unmap();
      results.push(new (data.constructor as new (buffer: ArrayBuffer) => KernelData)(bytes));
    }
    return results;
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
