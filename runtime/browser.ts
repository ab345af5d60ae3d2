// The part of the run-time that any WebGPU host can load, browsers included: sessions on a device that is already open.
// `runtime/index.ts` adds what needs Node: opening a device, loading a bundle's folder.

export type { RunOptions } from './deadline.ts';
export type { Decoder, DecoderMemory, DecoderOptions } from './decoder.ts';
export * from './errors.ts';
export { initializeWeights } from './initialize.ts';
export type { NestedNumbers, RunInput, TensorInput } from './inputs.ts';
export { type AdapterFacts, type KernelTarget, kernelTarget } from './kernel-target.ts';
export { parseManifest } from './load-manifest.ts';
export type { LoadProgress } from './load-progress.ts';
export { MANIFEST_VERSION, type Manifest } from './manifest.ts';
export type { Summary } from './measure/statistics.ts';
export { memoryNeed, type SessionMemory } from './memory-need.ts';
export type { DispatchTime, ProfileOptions, RunProfile, RunTimes } from './profile.ts';
export type { TensorOutput } from './read-outputs.ts';
export {
  type FloatTensor,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  tensorFloats,
  writeSafetensors,
} from './safetensors.ts';
export {
  openSession,
  type Session,
  type SessionOptions,
  type SessionParts,
} from './session.ts';
export type { SymbolValues } from './size.ts';
export type { Written } from './trace.ts';
export { matchWeights, type Weights } from './weights.ts';
