// Weights on the device: every copy of every pack at an aligned place in a few large read-only buffers.
// Sizes are known to fit the device's limits (plan.ts); weights are known to fit the manifest (weights.ts).
import { guarded, untilLost } from './device-state.ts';
import { BufferUsage } from './gpu-constants.ts';
import { countStep, type OnLoadProgress } from './load-progress.ts';
import type { Manifest } from './manifest.ts';
import { paddedBytes } from './plan.ts';
import { product, type Weights, weightPlaces } from './weights.ts';

/** WebGPU's `minStorageBufferOffsetAlignment` is this or less on every device. */
const ALIGNMENT = 256;
/** Packs are gathered in buffers of at most this many bytes, unless a pack alone is larger. */
const GATHERED_BYTES = 256 * 1024 * 1024;
/** The device stages each write in host memory, so large tensors go in parts and are waited for now and then. */
const WRITE_ELEMENTS = 4 * 1024 * 1024;
const WAIT_AFTER_BYTES = 256 * 1024 * 1024;

interface Place {
  readonly buffer: number;
  readonly offset: number;
}

export interface WeightBuffers {
  readonly bytes: number;
  binding(pack: number, copy: number): GPUBufferBinding;
  destroy(): void;
}

/** Throws `OutOfMemoryError`, `DeviceLostError`. */
export async function uploadWeights(
  device: GPUDevice,
  manifest: Manifest,
  weights: Weights,
  onProgress?: OnLoadProgress,
): Promise<WeightBuffers> {
  const { places, sizes } = layOut(manifest, device.limits.maxBufferSize);
  const buffers: GPUBuffer[] = [];
  const destroy = () => {
    for (const buffer of buffers.splice(0)) buffer.destroy();
  };
  try {
    await guarded(device, 'Placing the weights', () => {
      const usage = BufferUsage.STORAGE | BufferUsage.COPY_DST;
      for (const size of sizes)
        buffers.push(device.createBuffer({ label: 'weights', size, usage }));
    });
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const uploaded = countStep('upload', total, onProgress);
    let unwaited = 0;
    for (const { name, pack, copy, offset, elements } of weightPlaces(manifest)) {
      const place = places[pack]![copy]!;
      const data = weights.get(name)! as Float32Array<ArrayBuffer>;
      for (let at = 0; at < elements; at += WRITE_ELEMENTS) {
        const count = Math.min(WRITE_ELEMENTS, elements - at);
        const target = place.offset + 4 * (offset + at);
        device.queue.writeBuffer(buffers[place.buffer]!, target, data, at, count);
        uploaded(4 * count);
        unwaited += 4 * count;
        if (unwaited < WAIT_AFTER_BYTES) continue;
        await untilLost(device, device.queue.onSubmittedWorkDone());
        unwaited = 0;
      }
    }
  } catch (error) {
    destroy();
    throw error;
  }
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    binding(pack, copy) {
      const { buffer, offset } = places[pack]![copy]!;
      const size = paddedBytes(manifest.packs[pack]!.elements * 4);
      return { buffer: buffers[buffer]!, offset, size };
    },
    destroy,
  };
}

/** Bytes that the weights will take on the device. */
export function weightBytes(manifest: Manifest, maxBufferSize: number): number {
  return layOut(manifest, maxBufferSize).sizes.reduce((sum, size) => sum + size, 0);
}

function layOut(manifest: Manifest, maxBufferSize: number): { places: Place[][]; sizes: number[] } {
  const most = Math.min(maxBufferSize, GATHERED_BYTES);
  const sizes: number[] = [];
  const places = manifest.packs.map(({ repeats, elements }) => {
    const bytes = paddedBytes(elements * 4);
    return Array.from({ length: product(repeats) }, (): Place => {
      const end = sizes.at(-1);
      const offset = end === undefined ? 0 : Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      if (end === undefined || offset + bytes > most) {
        sizes.push(bytes);
        return { buffer: sizes.length - 1, offset: 0 };
      }
      sizes[sizes.length - 1] = offset + bytes;
      return { buffer: sizes.length - 1, offset };
    });
  });
  return { places, sizes };
}
