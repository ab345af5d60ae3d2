// What kernels are written for, beyond what every WebGPU device has. Templates choose by it; without one they are portable.

/** The device that will run the kernels, as far as it is known when they are written. */
export interface Target {
  /** Where work is done by a processor's cores: loads cost more than arithmetic, and there is no memory shared by a workgroup. */
  readonly software: boolean;
  /** Invocations in every subgroup, on a device that has subgroups, all of one size. Kernels may then need just that size. */
  readonly subgroupSize?: number;
}

/** Any device. */
export const PORTABLE: Target = { software: false };
