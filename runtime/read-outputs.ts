// The outputs of a run out of the read-back buffer, where they lie side by side in the order of the manifest.
import type { Arena } from './arena.ts';
import { checkAlive, untilLost } from './device-state.ts';
import { MAP_MODE_READ } from './gpu-constants.ts';
import type { Manifest } from './manifest.ts';
import type { RunPlan } from './plan.ts';

/** A tensor that came out: row-major, i32 and bool as `Int32Array`. */
export interface TensorOutput {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** Waits for the run. Throws `DeviceLostError`. */
export async function readOutputs(
  device: GPUDevice,
  manifest: Manifest,
  arena: Arena,
  plan: RunPlan,
): Promise<Record<string, TensorOutput>> {
  const { readback } = arena.buffers;
  const total = plan.outputs.reduce((sum, { bytes }) => sum + bytes, 0);
  await untilLost(device, readback.mapAsync(MAP_MODE_READ, 0, total));
  // Copied out at once: a mapped range does not outlive its device.
  const bytes = readback.getMappedRange(0, total).slice(0);
  readback.unmap();
  checkAlive(device);
  const outputs: Record<string, TensorOutput> = {};
  let at = 0;
  for (const [index, { name, dtype }] of manifest.outputs.entries()) {
    const { shape, bytes: length } = plan.outputs[index]!;
    const range = [bytes, at, length / 4] as const;
    const data = dtype === 'f32' ? new Float32Array(...range) : new Int32Array(...range);
    outputs[name] = { data, shape };
    at += length;
  }
  return outputs;
}
