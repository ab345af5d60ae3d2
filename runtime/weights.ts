// The weights that a manifest declares, each under its own path name, and what they are given as.
// Names every difference between the two at once. Knows nothing of GPU buffers or files.
import { WeightsError } from './errors.ts';
import type { Initializer, Manifest } from './manifest.ts';
import { type StoredTensor, tensorFloats } from './safetensors.ts';

/** Values by path name, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

export interface WeightPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly init: Initializer;
  readonly pack: number;
  /** Which copy of the pack: the turns of its repeats, outermost slowest. */
  readonly copy: number;
  /** In elements, from the copy's start. */
  readonly offset: number;
}

const MAX_LISTED = 20;

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Every copy of every weight, in the order of packs and turns. A weight in two packs is listed twice. */
export function* weightPlaces(manifest: Manifest): Generator<WeightPlace> {
  for (const [pack, { repeats, weights }] of manifest.packs.entries())
    for (let copy = 0; copy < product(repeats); copy++)
      for (const { name, shape, offset, init } of weights)
        yield {
          name: nameOfTurn(name, repeats, copy),
          shape,
          elements: product(shape),
          init,
          pack,
          copy,
          offset,
        };
}

/** `blocks.{0}.w` with the turn of each repeat filled in. */
function nameOfTurn(template: string, repeats: readonly number[], copy: number): string {
  let rest = copy;
  const turns = repeats.map(() => 0);
  for (let level = repeats.length - 1; level >= 0; level--) {
    turns[level] = rest % repeats[level]!;
    rest = Math.floor(rest / repeats[level]!);
  }
  return template.replace(/\{(\d+)\}/g, (_, level) => String(turns[Number(level)]));
}

/** Throws one `WeightsError` that lists all weights which are missing, unknown or of the wrong length. */
export function checkWeights(manifest: Manifest, weights: Weights): void {
  const problems: string[] = [];
  const known = new Set<string>();
  for (const { name, shape, elements } of weightPlaces(manifest)) {
    if (known.has(name)) continue;
    known.add(name);
    const given = weights.get(name);
    if (!given) problems.push(`${name} [${shape}] is missing`);
    else if (given.length !== elements)
      problems.push(`${name} [${shape}] needs ${elements} values, got ${given.length}`);
  }
  for (const name of weights.keys()) if (!known.has(name)) problems.push(`${name} is unknown`);
  throwIfAny(manifest, problems);
}

/**
 * The weights of a safetensors file that the manifest declares, as f32 by path name.
 * @throws WeightsError one, that lists all differences from the manifest
 */
export function matchWeights(
  manifest: Manifest,
  tensors: ReadonlyMap<string, StoredTensor>,
): Map<string, Float32Array> {
  const problems: string[] = [];
  const weights = new Map<string, Float32Array>();
  const known = new Set<string>();
  for (const { name, shape } of weightPlaces(manifest)) {
    if (known.has(name)) continue;
    known.add(name);
    const tensor = tensors.get(name);
    if (!tensor) problems.push(`${name} [${shape}] is missing`);
    else if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i]))
      problems.push(`${name} must be [${shape}] but is [${tensor.shape}]`);
    else if (!['F32', 'F16', 'BF16'].includes(tensor.dtype))
      problems.push(`${name} is ${tensor.dtype}; only F32, F16 and BF16 can be weights`);
    else weights.set(name, tensorFloats(name, tensor));
  }
  for (const name of tensors.keys()) if (!known.has(name)) problems.push(`${name} is unknown`);
  throwIfAny(manifest, problems);
  return weights;
}

function throwIfAny(manifest: Manifest, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length - MAX_LISTED;
  throw new WeightsError(`The weights do not fit the model ${manifest.model}:`, [
    ...problems.slice(0, MAX_LISTED),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]);
}
