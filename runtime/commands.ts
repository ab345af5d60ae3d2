// From the unrolled dispatches to commands: bind groups once for a set of buffers, then the encoding of each run.
// Holds buffers only through bind groups; makes no buffers and waits for nothing.
import { type Arena, uniformOffsets } from './arena.ts';
import type { Manifest } from './manifest.ts';
import type { Pipeline } from './pipelines.ts';
import { paddedBytes, type RunPlan } from './plan.ts';
import type { BufferId, Unrolled } from './unroll.ts';
import type { WeightBuffers } from './weight-buffers.ts';

/** A device may hold its breath over one very long command buffer. */
const DISPATCHES_PER_COMMAND_BUFFER = 1024;

export interface Command {
  readonly step: number;
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
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

/** The whole run: every dispatch, then the outputs copied side by side into the read-back buffer. */
export function encodeRun(
  device: GPUDevice,
  manifest: Manifest,
  unrolled: Unrolled,
  commands: readonly Command[],
  arena: Arena,
  plan: RunPlan,
): GPUCommandBuffer[] {
  const finished: GPUCommandBuffer[] = [];
  for (let at = 0; at < commands.length; at += DISPATCHES_PER_COMMAND_BUFFER) {
    const encoder = device.createCommandEncoder({ label: manifest.model });
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const command of commands.slice(at, at + DISPATCHES_PER_COMMAND_BUFFER)) {
      const grid = plan.grids[command.step]!;
      if (grid[0] === 0) continue;
      if (command.pipeline !== current) pass.setPipeline(command.pipeline);
      current = command.pipeline;
      pass.setBindGroup(0, command.bindings);
      pass.dispatchWorkgroups(...grid);
    }
    pass.end();
    finished.push(encoder.finish());
  }
  const encoder = device.createCommandEncoder({ label: 'outputs' });
  const { slots, readback } = arena.buffers;
  let to = 0;
  for (const [index, { slot }] of manifest.outputs.entries()) {
    const { bytes } = plan.outputs[index]!;
    encoder.copyBufferToBuffer(slots[unrolled.finalSlots[slot]!]!, 0, readback, to, bytes);
    to += bytes;
  }
  finished.push(encoder.finish());
  return finished;
}
