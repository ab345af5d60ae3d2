// What kernels may rely on, read off an adapter: the compiler's `Target`, which is told of what an adapter can do and nothing of vendors.

/** What kernels may rely on. */
export interface KernelTarget {
  /** Work is done by the processor. */
  readonly software: boolean;
  /** Invocations in each subgroup, where all have as many. */
  readonly subgroupSize?: number;
}

/** An adapter or a device. */
export interface AdapterFacts {
  readonly info: GPUAdapterInfo;
  readonly features: Pick<ReadonlySet<string>, 'has'>;
}

/** What the compiler should write kernels for, to run on this adapter. Never throws. */
export function kernelTarget({ info, features }: AdapterFacts): KernelTarget {
  const subgroupSize = fixedSubgroups({ info, features });
  return { software: isSoftware(info), ...(subgroupSize !== undefined && { subgroupSize }) };
}

/** The size of all subgroups, where there are subgroups and all are of one size. */
export function fixedSubgroups({ info, features }: AdapterFacts): number | undefined {
  const { subgroupMinSize, subgroupMaxSize } = info;
  return features.has('subgroups') && subgroupMinSize === subgroupMaxSize
    ? subgroupMinSize
    : undefined;
}

/** True for drivers that compute on the processor. */
export const isSoftware = ({ isFallbackAdapter, description }: GPUAdapterInfo): boolean =>
  isFallbackAdapter || /llvmpipe|swiftshader/i.test(description);
