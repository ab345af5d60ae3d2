// What a run at given sizes needs: bytes of every buffer, words of every uniform, workgroups of every dispatch.
// All of it is worked out exactly and held against the device's limits before anything is allocated or submitted.
import { LimitError } from './errors.ts';
import { dispatchSteps } from './load-manifest.ts';
import type { DispatchStep, Manifest, Step } from './manifest.ts';
import { evaluateSize, type SymbolValues, sizeText, withRounded, withTurns } from './size.ts';
import type { Unrolled } from './unroll.ts';
import { product } from './weights.ts';

export type Limits = Pick<
  GPUSupportedLimits,
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxStorageBuffersPerShaderStage'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupSizeX'
  | 'maxComputeWorkgroupSizeY'
  | 'maxComputeWorkgroupSizeZ'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeWorkgroupsPerDimension'
>;

export type Grid = readonly [x: number, y: number, z: number];

export interface RunPlan {
  readonly symbols: SymbolValues;
  readonly inputBytes: readonly number[];
  readonly slotBytes: readonly number[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly bytes: number }[];
  /** For each of `dispatchSteps`, in order. */
  readonly grids: readonly Grid[];
  /** The words of each of the unrolled uniforms. */
  readonly uniforms: readonly Uint32Array[];
}

const BYTES_PER_ELEMENT = 4;
/** Kernels index elements with i32 and u32. */
const MAX_ELEMENTS = 2 ** 31;
const MAX_INVOCATIONS = 2 ** 32;

/** Buffers are read as vec4 too, so they end on a whole one; and none is empty. */
export const paddedBytes = (bytes: number): number => Math.max(16, Math.ceil(bytes / 16) * 16);

/** Throws `LimitError` (too large for the device or for 32-bit indices), `InputError` (sizes that do not divide). */
export function planRun(
  manifest: Manifest,
  { uniforms }: Pick<Unrolled, 'uniforms'>,
  given: SymbolValues,
  limits: Limits,
): RunPlan {
  const symbols = withRounded(manifest.rounded, given);
  const inputBytes = manifest.inputs.map(({ name, shape }) =>
    checkBuffer(`input ${name}`, elementsOf(shape, symbols) * BYTES_PER_ELEMENT, limits),
  );
  const slotBytes = shareSwapped(
    manifest.steps,
    manifest.slots.map(({ bytes }, slot) => {
      const largest = Math.max(0, ...bytes.map((size) => evaluateSize(size, symbols)));
      return checkBuffer(`the buffer of activations ${slot}`, largest, limits);
    }),
  );
  const outputs = manifest.outputs.map(({ shape }) => {
    const sizes = shape.map((size) => evaluateSize(size, symbols));
    return { shape: sizes, bytes: product(sizes) * BYTES_PER_ELEMENT };
  });
  const steps = [...dispatchSteps(manifest.steps)];
  const grids = steps.map((step) =>
    gridOf(step, product(manifest.kernels[step.kernel]!.workgroup), symbols, limits),
  );
  const words = uniforms.map(({ step, turns }) => wordsOf(steps[step]!, withTurns(symbols, turns)));
  return { symbols: given, inputBytes, slotBytes, outputs, grids, uniforms: words };
}

/** A plan with room to grow into: sizes that grew from one run to the next are doubled. `undefined` where it cannot be. */
export function planGrown(
  manifest: Manifest,
  unrolled: Pick<Unrolled, 'uniforms'>,
  before: RunPlan,
  now: RunPlan,
  limits: Limits,
): RunPlan | undefined {
  const doubled = new Map(
    manifest.symbols.map(({ name, max }) => {
      const value = now.symbols.get(name)!;
      const grown = value > before.symbols.get(name)! ? 2 * value : value;
      return [name, Math.min(grown, max ?? grown)];
    }),
  );
  try {
    return planRun(manifest, unrolled, doubled, limits);
  } catch {
    // Only what is asked for has to be possible.
    return undefined;
  }
}

/** Slots that change roles must each be as large as the other. */
function shareSwapped(steps: readonly Step[], slotBytes: readonly number[]): number[] {
  const bytes = [...slotBytes];
  const pairs = [...swaps(steps)];
  // A slot may be in several pairs, and a pass carries a size one pair further at least.
  for (let pass = 0; pass < pairs.length; pass++)
    for (const [a, b] of pairs) bytes[a] = bytes[b] = Math.max(bytes[a]!, bytes[b]!);
  return bytes;
}

function* swaps(steps: readonly Step[]): Generator<readonly [number, number]> {
  for (const step of steps) {
    if (step.kind !== 'repeat') continue;
    if (step.swap) yield step.swap;
    yield* swaps(step.steps);
  }
}

function elementsOf(shape: Manifest['inputs'][number]['shape'], symbols: SymbolValues): number {
  return product(shape.map((size) => evaluateSize(size, symbols)));
}

/** The padded bytes, if a buffer of that many can be made and bound whole. */
function checkBuffer(what: string, bytes: number, limits: Limits): number {
  const padded = paddedBytes(bytes);
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (padded > most)
    throw new LimitError(
      `${what} needs ${padded} bytes; this device binds at most ${most}. Use a smaller batch or a shorter text.`,
    );
  if (padded / BYTES_PER_ELEMENT >= MAX_ELEMENTS)
    throw new LimitError(`${what} has 2^31 elements or more, which kernels cannot index.`);
  return padded;
}

function wordsOf(step: DispatchStep, symbols: SymbolValues): Uint32Array {
  return Uint32Array.from(step.params, (size) => {
    const value = evaluateSize(size, symbols);
    if (value >= 2 ** 32)
      throw new LimitError(`${step.label}: the size ${sizeText(size)} = ${value} exceeds 32 bits.`);
    return value;
  });
}

function gridOf(
  step: DispatchStep,
  invocations: number,
  symbols: SymbolValues,
  limits: Limits,
): Grid {
  let groups = 1;
  for (const { count, per } of step.grid) groups *= Math.ceil(evaluateSize(count, symbols) / per);
  const grid = foldGrid(groups, limits.maxComputeWorkgroupsPerDimension);
  if (!grid || product(grid) * invocations > MAX_INVOCATIONS)
    throw new LimitError(
      `${step.label} needs ${groups} workgroups, more than the device can run or kernels can number.`,
    );
  return grid;
}

/**
 * Workgroups in one row, folded into as few rows (and layers) as hold them; kernels number them
 * `x + y * sizeX + z * sizeX * sizeY` and skip those past the end. `undefined` where three dimensions do not do.
 */
export function foldGrid(groups: number, most: number): Grid | undefined {
  const z = Math.ceil(groups / (most * most));
  const y = Math.ceil(groups / (most * Math.max(1, z)));
  const x = Math.ceil(groups / Math.max(1, y * z));
  return z <= most ? [x, y, z] : undefined;
}

/** Throws one `LimitError` that lists all kernels and weights which can never run on a device of these limits. */
export function checkLimits(
  manifest: Manifest,
  limits: Limits,
  subgroups: number | undefined,
): void {
  const problems: string[] = [];
  for (const { file, workgroup, workgroupBytes, bindings } of manifest.kernels) {
    const need = (what: string, count: number, most: number) => {
      if (count > most) problems.push(`${file} needs ${count} ${what}, the device has ${most}`);
    };
    need('storage buffers', bindings.length, limits.maxStorageBuffersPerShaderStage);
    need(
      'invocations in a workgroup',
      product(workgroup),
      limits.maxComputeInvocationsPerWorkgroup,
    );
    need('invocations along x', workgroup[0], limits.maxComputeWorkgroupSizeX);
    need('invocations along y', workgroup[1], limits.maxComputeWorkgroupSizeY);
    need('invocations along z', workgroup[2], limits.maxComputeWorkgroupSizeZ);
    need('bytes of workgroup memory', workgroupBytes, limits.maxComputeWorkgroupStorageSize);
  }
  const sizes = new Set(manifest.kernels.flatMap((kernel) => kernel.subgroupSize ?? []));
  for (const size of sizes)
    if (size !== subgroups)
      problems.push(
        `its kernels are written for subgroups of ${size}, the device has ${subgroups === undefined ? 'none of one size' : `such of ${subgroups}`}: compile it again for this device, or for any`,
      );
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const { elements, weights } of manifest.packs)
    if (elements >= MAX_ELEMENTS || paddedBytes(elements * BYTES_PER_ELEMENT) > most)
      problems.push(
        `the weights ${weights.map(({ name }) => name).join(', ')} need ${elements * BYTES_PER_ELEMENT} bytes in one binding, the device has ${most}`,
      );
  if (problems.length > 0) throw new LimitError('This device cannot run the model:', problems);
}
