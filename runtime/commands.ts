// From the unrolled dispatches to commands: bind groups once for a set of buffers, then the encoding of each run.
// Holds buffers only through bind groups; makes no buffers and waits for nothing.
import { type Arena, uniformOffsets } from './arena.ts';
import type { Manifest } from './manifest.ts';
import type { Timestamps } from './measure/timestamps.ts';
import type { Pipeline } from './pipelines.ts';
import { type Grid, paddedBytes, type RunPlan } from './plan.ts';
import type { BufferId, Unrolled } from './unroll.ts';
import type { WeightBuffers } from './weight-buffers.ts';

/** A device may hold its breath over one very long pass. */
const DISPATCHES_PER_PASS = 1024;

export interface Command {
  readonly step: number;
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
}

/** What one dispatch is to the device. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly grid: Grid;
}

/** Valid until the arena's buffers change. Equal bindings share one bind group. */
export function bindCommands(
  device: GPUDevice,
  unrolled: Unrolled,
  pipelines: readonly Pipeline[],
  weights: WeightBuffers,
  arena: Arena,
  plan: RunPlan,
): Command[] {
  const { inputs, slots, uniforms } = arena.buffers;
  const offsets = uniformOffsets(plan);
  const groups = new Map<string, GPUBindGroup>();

  const bindingOf = (id: BufferId): GPUBufferBinding => {
    switch (id.kind) {
      case 'input':
        return { buffer: inputs[id.input]! };
      case 'slot':
        return { buffer: slots[id.slot]! };
      case 'pack':
        return weights.binding(id.pack, id.copy);
    }
  };

  return unrolled.dispatches.map(({ step, kernel, buffers, uniform }) => {
    const { pipeline, layout } = pipelines[kernel]!;
    const key = `${uniform}:${JSON.stringify(buffers)}`;
    let bindings = groups.get(key);
    if (!bindings) {
      const resources = buffers.map(bindingOf);
      const offset = offsets[uniform]!;
      const size = paddedBytes(plan.uniforms[uniform]!.byteLength);
      if (offset >= 0) resources.push({ buffer: uniforms, offset, size });
      bindings = device.createBindGroup({
        layout,
        entries: resources.map((resource, binding) => ({ binding, resource })),
      });
      groups.set(key, bindings);
    }
    return { step, pipeline, bindings };
  });
}

/** The words of all uniforms at the plan's sizes, laid out as the bind groups expect them. */
export function uniformWords(plan: RunPlan, bytes: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(bytes / 4);
  const offsets = uniformOffsets(plan);
  for (const [uniform, own] of plan.uniforms.entries())
    if (offsets[uniform]! >= 0) words.set(own, offsets[uniform]! / 4);
  return words;
}

/** A dispatch in a pass of its own; none where there is nothing to do. */
export function encodeAlone(
  encoder: GPUCommandEncoder,
  { pipeline, bindings, grid }: Dispatch,
  descriptor?: GPUComputePassDescriptor,
): void {
  if (grid[0] === 0) return;
  const pass = encoder.beginComputePass(descriptor);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(...grid);
  pass.end();
}

/** How a run is timed by the device: `each` has one time, of `timestamps` with as many passes as `timedPasses` says. */
export interface RunTiming {
  readonly each: 'dispatch' | 'pass';
  readonly timestamps: Timestamps;
}

export const timedPasses = (each: RunTiming['each'], dispatches: number): number =>
  each === 'dispatch' ? dispatches : Math.ceil(dispatches / DISPATCHES_PER_PASS);

/** The whole run in one command buffer: every dispatch, then the outputs copied side by side into the read-back buffer. */
export function encodeRun(
  device: GPUDevice,
  manifest: Manifest,
  unrolled: Unrolled,
  dispatches: readonly Dispatch[],
  arena: Arena,
  plan: RunPlan,
  timing?: RunTiming,
): GPUCommandBuffer {
  const encoder = device.createCommandEncoder({ label: manifest.model });
  for (let at = 0; at < dispatches.length; at += DISPATCHES_PER_PASS) {
    const some = dispatches.slice(at, at + DISPATCHES_PER_PASS);
    if (timing?.each === 'dispatch')
      for (const [index, one] of some.entries())
        encodeAlone(encoder, one, timing.timestamps.descriptor(at + index));
    else encodeTogether(encoder, some, timing?.timestamps.descriptor(at / DISPATCHES_PER_PASS));
  }
  timing?.timestamps.resolve(encoder);
  const { slots, readback } = arena.buffers;
  let to = 0;
  for (const [index, { slot }] of manifest.outputs.entries()) {
    const { bytes } = plan.outputs[index]!;
    encoder.copyBufferToBuffer(slots[unrolled.finalSlots[slot]!]!, 0, readback, to, bytes);
    to += bytes;
  }
  return encoder.finish();
}

function encodeTogether(
  encoder: GPUCommandEncoder,
  dispatches: readonly Dispatch[],
  descriptor?: GPUComputePassDescriptor,
): void {
  const pass = encoder.beginComputePass(descriptor);
  let current: GPUComputePipeline | undefined;
  for (const { pipeline, bindings, grid } of dispatches) {
    if (grid[0] === 0) continue;
    if (pipeline !== current) pass.setPipeline(pipeline);
    current = pipeline;
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...grid);
  }
  pass.end();
}
