// Times of compute passes by the device's own clock: a timestamp at the beginning and at the end of each pass, resolved
// and read back. Needs the feature `timestamp-query`; whether the clock is rounded is the host's choice (device-node.ts).
import { guarded, untilLost } from '../device-state.ts';
import { BufferUsage, MAP_MODE_READ } from '../gpu-constants.ts';

/** WebGPU allows 4096 queries in a set; a pass takes two. */
const PASSES_PER_SET = 2048;
const BYTES_PER_PASS = 16;

export interface PassTimes {
  /** Nanoseconds by the device's clock, which begins anywhere. */
  readonly begin: bigint;
  readonly end: bigint;
}

/** Queries and buffers for a number of passes; to be used again and again, then destroyed. */
export class Timestamps {
  readonly #device: GPUDevice;
  readonly #passes: number;
  readonly #sets: readonly GPUQuerySet[];
  readonly #resolved: GPUBuffer;
  readonly #readback: GPUBuffer;

  /** Use `openTimestamps`. */
  constructor(device: GPUDevice, passes: number) {
    this.#device = device;
    this.#passes = passes;
    const size = Math.max(1, passes) * BYTES_PER_PASS;
    this.#sets = Array.from({ length: Math.ceil(passes / PASSES_PER_SET) }, (_, set) => {
      const count = 2 * Math.min(PASSES_PER_SET, passes - set * PASSES_PER_SET);
      return device.createQuerySet({ type: 'timestamp', count });
    });
    this.#resolved = device.createBuffer({
      size,
      usage: BufferUsage.QUERY_RESOLVE | BufferUsage.COPY_SRC,
    });
    this.#readback = device.createBuffer({
      size,
      usage: BufferUsage.COPY_DST | BufferUsage.MAP_READ,
    });
  }

  /** To begin pass number `pass` with. */
  descriptor(pass: number): GPUComputePassDescriptor {
    const first = 2 * (pass % PASSES_PER_SET);
    return {
      timestampWrites: {
        querySet: this.#sets[Math.floor(pass / PASSES_PER_SET)]!,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    };
  }

  /** To be encoded after the last pass. */
  resolve(encoder: GPUCommandEncoder): void {
    for (const [set, queries] of this.#sets.entries())
      encoder.resolveQuerySet(
        queries,
        0,
        queries.count,
        this.#resolved,
        set * PASSES_PER_SET * BYTES_PER_PASS,
      );
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, this.#readback.size);
  }

  /** The times of all passes, once what `resolve` encoded has been submitted. Throws `DeviceLostError`. */
  async read(): Promise<PassTimes[]> {
    await untilLost(this.#device, this.#readback.mapAsync(MAP_MODE_READ));
    const times = new BigUint64Array(this.#readback.getMappedRange().slice(0));
    this.#readback.unmap();
    return Array.from({ length: this.#passes }, (_, pass) => ({
      begin: times[2 * pass]!,
      end: times[2 * pass + 1]!,
    }));
  }

  destroy(): void {
    for (const set of this.#sets) set.destroy();
    this.#resolved.destroy();
    this.#readback.destroy();
  }
}

export const hasTimestamps = (device: GPUDevice): boolean => device.features.has('timestamp-query');

/** Throws `OutOfMemoryError`, `DeviceLostError`, `KernelError`. */
export const openTimestamps = (device: GPUDevice, passes: number): Promise<Timestamps> =>
  guarded(device, 'Making room for timestamps', () => new Timestamps(device, passes));

/** Nanoseconds from one to the other; a clock that ran backwards gives none. */
export const nanoseconds = ({ begin, end }: PassTimes): number =>
  end > begin ? Number(end - begin) : 0;

/** The step of the clock: the largest number of nanoseconds that divides every time between two of the readings. */
export function resolutionOf(times: readonly PassTimes[]): number {
  const readings = times.flatMap(({ begin, end }) => [begin, end]);
  let step = 0n;
  for (const reading of readings) {
    let [a, b] = [step, reading > readings[0]! ? reading - readings[0]! : readings[0]! - reading];
    while (b > 0n) [a, b] = [b, a % b];
    step = a;
  }
  return Number(step);
}
