// The bytes that a session will allocate on a device for a run at given sizes: known from the manifest alone, so that a
// report can say it before anything is opened.
import { arenaBytes, type ByteCounts } from './arena.ts';
import type { Manifest } from './manifest.ts';
import { type Limits, planRun } from './plan.ts';
import { unroll } from './unroll.ts';
import { weightBytes } from './weight-buffers.ts';

/** Bytes on the device. */
export interface SessionMemory {
  readonly weights: number;
  /** Buffers that values share over time. */
  readonly activations: number;
  readonly inputs: number;
  /** The sizes that kernels read, and the buffer that outputs are read back from. */
  readonly other: number;
  readonly total: number;
}

/** A device that refuses nothing: what would be needed is a question of its own. */
const NO_LIMITS: Limits = {
  maxBufferSize: Number.MAX_SAFE_INTEGER,
  maxStorageBufferBindingSize: Number.MAX_SAFE_INTEGER,
  maxStorageBuffersPerShaderStage: Number.MAX_SAFE_INTEGER,
  maxComputeInvocationsPerWorkgroup: Number.MAX_SAFE_INTEGER,
  maxComputeWorkgroupSizeX: Number.MAX_SAFE_INTEGER,
  maxComputeWorkgroupSizeY: Number.MAX_SAFE_INTEGER,
  maxComputeWorkgroupSizeZ: Number.MAX_SAFE_INTEGER,
  maxComputeWorkgroupStorageSize: Number.MAX_SAFE_INTEGER,
  maxComputeWorkgroupsPerDimension: 2 ** 31,
};

/**
 * What a session holds after its first run at the sizes (`{ b: 1, t: 256 }`).
 * @throws LimitError where no device could run it (32-bit indices)
 * @throws InputError for sizes that do not divide
 */
export function memoryNeed(
  manifest: Manifest,
  sizes: Readonly<Record<string, number>>,
): SessionMemory {
  const plan = planRun(manifest, unroll(manifest), new Map(Object.entries(sizes)), NO_LIMITS);
  return sessionMemory(weightBytes(manifest, NO_LIMITS.maxBufferSize), arenaBytes(plan));
}

export function sessionMemory(
  weights: number,
  { slots, inputs, uniforms, readback }: ByteCounts,
): SessionMemory {
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const [activations, inputBytes, other] = [sum(slots), sum(inputs), uniforms + readback];
  return {
    weights,
    activations,
    inputs: inputBytes,
    other,
    total: weights + activations + inputBytes + other,
  };
}
