// From a compilation to a bundle's files: weights checked against the model, report, tokenizer, runtime.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import type { BundleFiles } from '../compiler/bundle/emit-bundle.ts';
import { bundle, type Compilation, cost, describe } from '../compiler/compile.ts';
import { reportJson } from '../compiler/report/json.ts';
import { reportTable } from '../compiler/report/table.ts';
import type { Manifest } from '../runtime/manifest.ts';
import { type FloatTensor, readSafetensors, writeSafetensors } from '../runtime/safetensors.ts';
import { checkWeights, matchWeights, type Weights, weightPlaces } from '../runtime/weights.ts';
import { UserError } from './exit.ts';
import { packageRoot } from './package-root.ts';
import { type OnStep, withStepBars } from './progress.ts';
import { readBytes } from './read-bytes.ts';
import { sessionMemoryAt } from './session-memory.ts';
import { printRecord, type SourceRecord } from './source-record.ts';

export type WeightSource =
  | { readonly kind: 'file'; readonly file: string }
  | {
      readonly kind: 'made';
      readonly make: (manifest: Manifest, onStep: OnStep) => Weights;
    };

export interface BundledTokenizer {
  readonly json: string;
  readonly text: NonNullable<Manifest['text']>;
}

export interface BundleOptions {
  readonly source: SourceRecord;
  readonly weights: WeightSource | undefined;
  readonly tokenizer: BundledTokenizer | undefined;
  readonly standalone: boolean;
}

/** @throws {UserError} for a file that is not there; `WeightsError` where weights do not fit the model. */
export async function bundleOf(
  compilation: Compilation,
  { source, weights, tokenizer, standalone }: BundleOptions,
): Promise<BundleFiles> {
  const manifest = { ...(await buildManifest(compilation)), files: {} };
  return bundle(compilation, {
    report: reportOf(compilation, manifest),
    source: printRecord(source),
    ...(weights && {
      weights: await withStepBars((onStep) => weightsFile(manifest, weights, onStep)),
    }),
    ...(tokenizer && { tokenizer }),
    ...(standalone && { runtime: standaloneRuntime() }),
  });
}

/** Always written anew, so that equal weights are equal bytes whatever file they came in. */
function weightsFile(manifest: Manifest, source: WeightSource, onStep: OnStep): Uint8Array {
  const values =
    source.kind === 'file'
      ? readWeights(manifest, source.file, onStep)
      : source.make(manifest, onStep);
  checkWeights(manifest, values);
  const tensors = new Map<string, FloatTensor>();
  for (const { name, shape } of weightPlaces(manifest))
    tensors.set(name, { shape, data: values.get(name)! });
  return writeSafetensors(tensors);
}

export function readWeights(manifest: Manifest, file: string, onStep: OnStep): Weights {
  return matchWeights(manifest, readSafetensors(readBytes(file, onStep)).tensors);
}

/** At batch 1 and the longest sequence, or the shortest where none is longest. */
function reportOf(compilation: Compilation, manifest: Manifest): { json: string; text: string } {
  const sizes = Object.fromEntries(
    compilation.graph.symbols.map(({ name, min, max }) => [
      name,
      name === 'b' ? min : (max ?? min),
    ]),
  );
  const report = describe(compilation, cost(compilation, sizes), {
    place: compilation.model.name,
    memory: sessionMemoryAt(manifest, sizes),
  });
  return { json: `${JSON.stringify(reportJson(report), null, 2)}\n`, text: reportTable(report) };
}

function standaloneRuntime(): BundleFiles {
  const built = join(packageRoot(), 'dist', 'runtime');
  return new Map(
    ['js', 'd.ts'].map((kind) => {
      const file = join(built, `standalone.${kind}`);
      if (!existsSync(file)) throw new UserError(`${file} is missing: run npm run build.`);
      return [`runtime.${kind}`, readFileSync(file, 'utf8')];
    }),
  );
}
