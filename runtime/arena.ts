// The session's working buffers: inputs, slots of activations, uniforms and the read-back buffer. They grow when a run
// needs more and are never shrunk; a run that fits allocates nothing. Sizes come checked from plan.ts.
import { guarded } from './device-state.ts';
import { LimitError } from './errors.ts';
import { BufferUsage } from './gpu-constants.ts';
import { paddedBytes, type RunPlan } from './plan.ts';

/** WebGPU's `minUniformBufferOffsetAlignment` is this or less on every device. */
const UNIFORM_STRIDE_UNIT = 256;
const STORAGE = BufferUsage.STORAGE | BufferUsage.COPY_DST | BufferUsage.COPY_SRC;

/** Bytes of each buffer, as it is made. */
export type ByteCounts = {
  readonly inputs: readonly number[];
  readonly slots: readonly number[];
  readonly uniforms: number;
  readonly readback: number;
};

interface Buffers {
  readonly inputs: readonly GPUBuffer[];
  readonly slots: readonly GPUBuffer[];
  readonly uniforms: GPUBuffer;
  readonly readback: GPUBuffer;
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
const NOTHING: ByteCounts = { inputs: [], slots: [], uniforms: 0, readback: 0 };

export class Arena {
  readonly #device: GPUDevice;
  #bytes = NOTHING;
  #buffers: Buffers | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get bytes(): ByteCounts {
    return this.#bytes;
  }

  /** Only after `fit`. */
  get buffers(): Buffers {
    return this.#buffers!;
  }

  fits(plan: RunPlan): boolean {
    return this.#buffers !== undefined && !exceeds(arenaBytes(plan), this.#bytes);
  }

  /**
   * Makes room for all of the plans; what was bound before is gone. `budget` bounds the sum of all buffers, in bytes.
   * Throws `LimitError` before anything is freed or made, `OutOfMemoryError` after (the arena is then empty).
   */
  async fit(plans: readonly RunPlan[], budget: number): Promise<void> {
    const bytes = plans.map(arenaBytes).reduce(largest, this.#bytes);
    const total = totalBytes(bytes);
    if (total > budget)
      throw new LimitError(
        `The activations need ${total} bytes, more than the ${budget} of the memory limit that weights leave free.`,
      );
    this.destroy();
    const buffers = await guarded(this.#device, 'Making room for activations', () => {
      const create = (label: string, size: number, usage: number) =>
        this.#device.createBuffer({ label, size, usage });
      return {
        inputs: bytes.inputs.map((size) => create('input', size, STORAGE)),
        slots: bytes.slots.map((size) => create('activations', size, STORAGE)),
        uniforms: create('sizes', bytes.uniforms, BufferUsage.UNIFORM | BufferUsage.COPY_DST),
        readback: create('outputs', bytes.readback, BufferUsage.MAP_READ | BufferUsage.COPY_DST),
      };
    });
    this.#buffers = buffers;
    this.#bytes = bytes;
  }

  destroy(): void {
    if (!this.#buffers) return;
    const { inputs, slots, uniforms, readback } = this.#buffers;
    for (const buffer of [...inputs, ...slots, uniforms, readback]) buffer.destroy();
    this.#buffers = undefined;
    this.#bytes = NOTHING;
  }
}

/** Where the words of each uniform lie in the uniforms buffer; -1 where it has none. */
export function uniformOffsets(plan: RunPlan): number[] {
  let at = 0;
  return plan.uniforms.map((words) => {
    if (words.length === 0) return -1;
    const offset = at;
    at += Math.ceil(words.byteLength / UNIFORM_STRIDE_UNIT) * UNIFORM_STRIDE_UNIT;
    return offset;
  });
}

/** What a run of the plan needs. */
export function arenaBytes(plan: RunPlan): ByteCounts {
  const last = plan.uniforms.reduce(
    (end, words) => end + Math.ceil(words.byteLength / UNIFORM_STRIDE_UNIT) * UNIFORM_STRIDE_UNIT,
    0,
  );
  return {
    inputs: plan.inputBytes,
    slots: plan.slotBytes,
    uniforms: paddedBytes(last),
    readback: paddedBytes(sum(plan.outputs.map(({ bytes }) => bytes))),
  };
}

const largestOf = (a: readonly number[], b: readonly number[]): number[] =>
  b.map((bytes, index) => Math.max(bytes, a[index] ?? 0));

const largest = (a: ByteCounts, b: ByteCounts): ByteCounts => ({
  inputs: largestOf(a.inputs, b.inputs),
  slots: largestOf(a.slots, b.slots),
  uniforms: Math.max(a.uniforms, b.uniforms),
  readback: Math.max(a.readback, b.readback),
});

const exceeds = (need: ByteCounts, have: ByteCounts): boolean =>
  need.readback > have.readback ||
  need.uniforms > have.uniforms ||
  need.inputs.some((bytes, index) => bytes > have.inputs[index]!) ||
  need.slots.some((bytes, index) => bytes > have.slots[index]!);

export const totalBytes = ({ inputs, slots, uniforms, readback }: ByteCounts): number =>
  sum(inputs) + sum(slots) + uniforms + readback;
