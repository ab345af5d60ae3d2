// A compute kernel as data: WGSL text with what it must be bound to. Two regions with equal text are one kernel.
// Knows nothing of the graph; the manifest (runtime/manifest.ts) carries it to the runtime.

import type { BufferRef } from '../schedule/schedule.ts';
import type { Dim } from '../shapes/dim.ts';

export interface Kernel {
  /** First 16 hex digits of the SHA-256 of the text. */
  readonly id: string;
  readonly text: string;
  readonly workgroup: readonly [number, number, number];
  /** Bytes of `var<workgroup>` memory. */
  readonly workgroupBytes: number;
  /** The kernel is right where subgroups have this size, and only there. */
  readonly subgroupSize?: number;
  readonly bindings: readonly KernelBinding[];
  /** How many u32 words the uniform at the last binding holds. */
  readonly paramWords: number;
}

export interface KernelBinding {
  readonly access: 'read' | 'write';
  /** Element type as declared in WGSL; the same buffer may be bound twice for reading, as f32 and as vec4f. */
  readonly element: 'f32' | 'i32' | 'u32' | 'vec4f';
}

/** One run of a kernel: what is bound, the values of its parameters, how many workgroups. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly label: string;
  /** In the order of `kernel.bindings`. A weight stands for the whole pack that holds it. */
  readonly resources: readonly BufferRef[];
  /** u32 words of the uniform: sizes at run time, or fixed numbers such as weight offsets. */
  readonly params: readonly Dim[];
  /** Workgroups: the product of ceil(count / per), folded over x, y, z by the runtime. */
  readonly grid: readonly { readonly count: Dim; readonly per: number }[];
}
