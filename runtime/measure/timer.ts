// Times work on a device, in milliseconds: passes by the device's own clock where it has one, else by the processor's,
// launch and wait included; submits always by the processor's, since that is what is asked.
import { guarded, untilLost } from '../device-state.ts';
import { hasTimestamps, nanoseconds, openTimestamps } from './timestamps.ts';

export interface Timer {
  readonly timing: 'timestamps' | 'wall clock';
  /** One compute pass, from its beginning to its end. */
  pass(record: (pass: GPUComputePassEncoder) => void): Promise<number>;
  /** From submitting what is encoded to knowing that it is done. */
  submit(record: (encoder: GPUCommandEncoder) => void): Promise<number>;
  destroy(): void;
}

/** It and its methods throw `DeviceLostError`, `OutOfMemoryError`, `KernelError`. */
export async function openTimer(device: GPUDevice): Promise<Timer> {
  const timestamps = hasTimestamps(device) ? await openTimestamps(device, 1) : undefined;

  async function submit(record: (encoder: GPUCommandEncoder) => void): Promise<number> {
    const commands = await guarded(device, 'Measuring', () => {
      const encoder = device.createCommandEncoder();
      record(encoder);
      return encoder.finish();
    });
    const start = performance.now();
    device.queue.submit([commands]);
    await untilLost(device, device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  }

  return {
    timing: timestamps ? 'timestamps' : 'wall clock',
    async pass(record) {
      const ms = await submit((encoder) => {
        const pass = encoder.beginComputePass(timestamps?.descriptor(0));
        record(pass);
        pass.end();
        timestamps?.resolve(encoder);
      });
      if (!timestamps) return ms;
      const [times] = await timestamps.read();
      return nanoseconds(times!) / 1e6;
    },
    submit,
    destroy: () => timestamps?.destroy(),
  };
}
