// Runs a model one dispatch at a time and shows what each has written: to find the dispatch that is wrong.
// Slow, for people who look for a fault; a run itself is in session.ts.
import type { Arena } from './arena.ts';
import { type Dispatch, encodeAlone } from './commands.ts';
import { guarded, untilLost } from './device-state.ts';
import { BufferUsage, MAP_MODE_READ } from './gpu-constants.ts';
import type { Manifest } from './manifest.ts';
import type { Unrolled } from './unroll.ts';

/** A buffer that a dispatch has written, whole. */
export interface Written {
  /** Index into the dispatches that run, each turn of a repeat one more. */
  readonly dispatch: number;
  /** The kernel's binding that it is. */
  readonly binding: number;
  readonly bytes: ArrayBuffer;
}

export interface TracedDispatch extends Dispatch {
  readonly writes: readonly { readonly binding: number; readonly buffer: GPUBuffer }[];
}

/** The dispatches of a run with the slots that each writes. */
export function withWrites(
  manifest: Manifest,
  unrolled: Unrolled,
  arena: Arena,
  dispatches: readonly Dispatch[],
): TracedDispatch[] {
  return dispatches.map((dispatch, index) => {
    const { kernel, buffers } = unrolled.dispatches[index]!;
    const writes = buffers.flatMap((id, binding) => {
      const isWritten = manifest.kernels[kernel]!.bindings[binding]!.access === 'write';
      return isWritten && id.kind === 'slot'
        ? [{ binding, buffer: arena.buffers.slots[id.slot]! }]
        : [];
    });
    return { ...dispatch, writes };
  });
}

/** Throws `DeviceLostError`, `OutOfMemoryError`. */
export async function traceDispatches(
  device: GPUDevice,
  dispatches: Iterable<TracedDispatch>,
  visit: (written: Written) => void,
): Promise<void> {
  let dispatch = 0;
  for (const { writes, ...one } of dispatches) {
    const copies = await guarded(device, 'Tracing the model', () => {
      const encoder = device.createCommandEncoder();
      encodeAlone(encoder, one);
      const staged = writes.map(({ binding, buffer }) => {
        const usage = BufferUsage.COPY_DST | BufferUsage.MAP_READ;
        const copy = device.createBuffer({ size: buffer.size, usage });
        encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
        return { binding, copy };
      });
      device.queue.submit([encoder.finish()]);
      return staged;
    });
    for (const { binding, copy } of copies) {
      await untilLost(device, copy.mapAsync(MAP_MODE_READ));
      const bytes = copy.getMappedRange().slice(0);
      copy.destroy();
      visit({ dispatch, binding, bytes });
    }
    dispatch++;
  }
}
