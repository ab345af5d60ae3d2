// Opens what a command runs: a bundle's folder, or a .bform file compiled on the spot. Weights that are nowhere are drawn
// from a seed, and the user is told so. The caller disposes the session, which frees the device.
import { existsSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import { kernelFiles } from '../compiler/bundle/emit-bundle.ts';
import { type Compilation, emit, plan } from '../compiler/compile.ts';
import { findAdapter, openDevice } from '../runtime/device-node.ts';
import { initializeWeights } from '../runtime/initialize.ts';
import { kernelTarget } from '../runtime/kernel-target.ts';
import { loadBundle } from '../runtime/load-node.ts';
import type { Manifest } from '../runtime/manifest.ts';
import { openSession, type Session } from '../runtime/session.ts';
import type { Weights } from '../runtime/weights.ts';
import { resultOf } from './diagnostics.ts';
import { UserError } from './exit.ts';
import { fileAndModel } from './options.ts';
import { withStepBars } from './progress.ts';
import { openEntry } from './source-reader.ts';
import { compileRecord, recordOf } from './source-record.ts';
import { talk } from './streams.ts';
import { checkSame } from './verify/verify-bundle.ts';

export interface ModelParts {
  readonly manifest: Manifest;
  /** WGSL by the manifest's file names. */
  readonly kernels: ReadonlyMap<string, string>;
  readonly weights: ReadonlyMap<string, Float32Array> | undefined;
  readonly tokenizer: string | undefined;
}

export interface OpenOptions {
  /** For weights that are nowhere; 0 by default. */
  readonly seed?: number | undefined;
}

export interface ReadOptions {
  /** Whether a file is compiled with its losses and measured values; a bundle has those that it was compiled with. */
  readonly auxiliary?: boolean;
  /** Whether a bundle's kernels are written anew for the adapter at hand; those of a file always are. */
  readonly rebuild?: boolean;
}

/** `FILE`, `FILE:model` or a bundle's folder. Throws `UserError`, `Reported`, `ManifestError`, `WeightsError`. */
export async function readModel(
  place: string,
  { auxiliary = false, rebuild = false }: ReadOptions = {},
): Promise<ModelParts> {
  if (!isFolder(place)) return partsOf(await compileFile(place, auxiliary));
  const parts = await withStepBars((onStep) => loadBundle(place, onStep));
  if (!rebuild) return parts;
  const target = kernelTarget(await findAdapter());
  const { text } = parts.manifest;
  const anew = await partsOf(resultOf(compileRecord(recordOf(parts, place), { target })), text);
  return { ...parts, manifest: anew.manifest, kernels: anew.kernels };
}

/** The same with what the compiler knows of it: of a bundle, from its own source. Throws as `readModel` does. */
export async function readWithSource(
  place: string,
): Promise<{ parts: ModelParts; compilation: Compilation }> {
  if (!isFolder(place)) {
    const compilation = await compileFile(place);
    return { parts: await partsOf(compilation), compilation };
  }
  const parts = await withStepBars((onStep) => loadBundle(place, onStep));
  const compilation = resultOf(compileRecord(recordOf(parts, place)));
  await checkSame(parts.manifest, compilation);
  return { parts, compilation };
}

const isFolder = (place: string): boolean => existsSync(place) && statSync(place).isDirectory();

/** For the adapter at hand. */
async function compileFile(place: string, auxiliary = false): Promise<Compilation> {
  const { file, model } = fileAndModel(place);
  if (!existsSync(file)) throw new UserError(`There is no file or folder ${file}.`);
  const { path, reader } = openEntry(file);
  const found = resultOf(
    plan(path, reader, {
      // The session holds the model against the limits of the device at hand.
      maxBindingBytes: Number.MAX_SAFE_INTEGER,
      auxiliary,
      ...(model !== undefined && { model }),
    }),
  );
  return emit(found, kernelTarget(await findAdapter()));
}

async function partsOf(compilation: Compilation, text?: Manifest['text']): Promise<ModelParts> {
  const manifest = { ...(await buildManifest(compilation, text)), files: {} };
  const kernels = kernelFiles(compilation);
  return { manifest, kernels, weights: undefined, tokenizer: undefined };
}

/** A session on a device of its own. Throws what `openDevice` and `openSession` throw. */
export async function openModel(parts: ModelParts, options: OpenOptions = {}): Promise<Session> {
  const { manifest, kernels } = parts;
  const weights = await weightsOf(parts, options.seed);
  return withStepBars(async (onProgress) => {
    const device = await openDevice();
    try {
      return await openSession(
        device,
        manifest,
        { kernels, weights },
        { memoryLimit: totalmem(), onProgress, onDispose: () => device.destroy() },
      );
    } catch (error) {
      device.destroy();
      throw error;
    }
  });
}

/** The model's own, or such as are drawn from a seed. */
export async function weightsOf(
  { manifest, weights }: Pick<ModelParts, 'manifest' | 'weights'>,
  seed = 0,
): Promise<Weights> {
  if (weights) return weights;
  talk(`There are no weights: they are drawn at random from seed ${seed}.`);
  return withStepBars((onStep) => initializeWeights(manifest, seed, onStep));
}
