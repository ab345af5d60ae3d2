// What it costs to have a device do anything at all, in milliseconds: one more dispatch in a pass, and one submit with
// the wait for its end. The kernel is tiny and reads what the dispatch before it wrote, as the kernels of a model do.
import { BufferUsage } from '../gpu-constants.ts';
import { prepareKernel } from './prepare-kernel.ts';
import type { Timer } from './timer.ts';

const FEW = 16;
const MANY = 272;
const SUBMITS = 10;

const CODE = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = y[id.x] * 0.5 + 1; }
`;

export interface LaunchCosts {
  readonly dispatchMs: readonly number[];
  readonly submitMs: readonly number[];
}

/** Calls of `onStep` in a measurement. */
export const LAUNCH_STEPS = 1;

/** Throws what the timer throws. */
export async function measureLaunches(
  device: GPUDevice,
  timer: Timer,
  repeats: number,
  onStep: () => void,
): Promise<LaunchCosts> {
  const buffer = device.createBuffer({ size: 256, usage: BufferUsage.STORAGE });
  try {
    const bind = await prepareKernel(device, CODE, [buffer]);
    const passOf = (dispatches: number) =>
      timer.pass((pass) => {
        for (let i = 0; i < dispatches; i++) {
          bind(pass);
          pass.dispatchWorkgroups(1);
        }
      });
    await passOf(FEW);
    const dispatchMs: number[] = [];
    while (dispatchMs.length < repeats) {
      const few = await passOf(FEW);
      const many = await passOf(MANY);
      dispatchMs.push(Math.max(0, many - few) / (MANY - FEW));
    }
    const submitMs: number[] = [];
    while (submitMs.length < SUBMITS * repeats)
      submitMs.push(
        await timer.submit((encoder) => {
          const pass = encoder.beginComputePass();
          bind(pass);
          pass.dispatchWorkgroups(1);
          pass.end();
        }),
      );
    onStep();
    return { dispatchMs, submitMs };
  } finally {
    buffer.destroy();
  }
}
