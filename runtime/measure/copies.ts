// How many bytes a device moves in a second, read and written counted together: one large buffer copied to another, by a
// kernel and by the copy command; the faster counts. The buffers are far larger than caches, where the device allows it.
import { scoped } from '../device-state.ts';
import { OutOfMemoryError } from '../errors.ts';
import { BufferUsage } from '../gpu-constants.ts';
import { foldGrid } from '../plan.ts';
import type { Rate } from './multiply-adds.ts';
import { prepareKernel } from './prepare-kernel.ts';
import { median } from './statistics.ts';
import type { Timer } from './timer.ts';

const MOST_BYTES = 2 ** 28;
const LEAST_BYTES = 2 ** 22;
const WORKGROUP = 256;
const BYTES_PER_INVOCATION = 16;
/** Copies of a sample by command: long against submitting. */
const SAMPLE_MS = 50;

/** Calls of `onStep` in a measurement. */
export const COPY_STEPS = 2;

const CODE = `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) count: vec3u) {
  let i = id.x + id.y * count.x * ${WORKGROUP}u;
  if (i < arrayLength(&y)) { y[i] = x[i]; }
}
`;

/** Throws what the timer throws. */
export async function measureCopies(
  device: GPUDevice,
  timer: Timer,
  repeats: number,
  onStep: () => void,
): Promise<Rate> {
  const [from, to] = await largeBuffers(device);
  const bytes = from.size;
  /** In bytes a second, of each repeat; the first is left out, since memory may be given out at first use. */
  async function rates(copies: number, ms: () => Promise<number>): Promise<number[]> {
    await ms();
    const found: number[] = [];
    while (found.length < repeats) found.push((1000 * 2 * bytes * copies) / (await ms()));
    onStep();
    return found;
  }
  try {
    const bind = await prepareKernel(device, CODE, [from, to]);
    const groups = Math.ceil(bytes / BYTES_PER_INVOCATION / WORKGROUP);
    const grid = foldGrid(groups, device.limits.maxComputeWorkgroupsPerDimension)!;
    const byKernel = await rates(1, () =>
      timer.pass((pass) => {
        bind(pass);
        pass.dispatchWorkgroups(...grid);
      }),
    );
    // Passes alone can be timed by the device, so there are enough copies for the wall clock.
    const copies = Math.ceil(SAMPLE_MS / (2000 * (bytes / median(byKernel))));
    const byCommand = await rates(copies, () =>
      timer.submit((encoder) => {
        for (let i = 0; i < copies; i++) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
      }),
    );
    const size = `${bytes / 2 ** 20} MiB`;
    return median(byKernel) >= median(byCommand)
      ? { samples: byKernel, kernel: `${size} by a kernel, vec4` }
      : { samples: byCommand, kernel: `${size} by the copy command` };
  } finally {
    from.destroy();
    to.destroy();
  }
}

/** Two buffers as large as can be had. Throws `OutOfMemoryError` where not even small ones can. */
async function largeBuffers(device: GPUDevice): Promise<[GPUBuffer, GPUBuffer]> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const most = Math.min(MOST_BYTES, maxBufferSize, maxStorageBufferBindingSize);
  const usage = BufferUsage.STORAGE | BufferUsage.COPY_SRC | BufferUsage.COPY_DST;
  for (let size = 2 ** Math.floor(Math.log2(most)); ; size /= 2) {
    const { value, error } = await scoped(device, (): [GPUBuffer, GPUBuffer] => [
      device.createBuffer({ size, usage }),
      device.createBuffer({ size, usage }),
    ]);
    if (!error) return value;
    for (const buffer of value) buffer.destroy();
    if (!(error instanceof OutOfMemoryError) || size <= LEAST_BYTES) throw error;
  }
}
