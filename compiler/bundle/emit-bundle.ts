// All files of a bundle, by name: what `bform compile` writes. Deterministic: the same model gives the same bytes.
// Takes what was compiled and files from outside (weights, tokenizer, runtime); writes nothing itself.
import { sha256 } from '../../runtime/digest.ts';
import type { Manifest } from '../../runtime/manifest.ts';
import { buildManifest, type ScheduledModel } from './build-manifest.ts';

/** Contents by paths inside of the folder, with forward slashes; text is UTF-8. */
export type BundleFiles = ReadonlyMap<string, string | Uint8Array>;

/** What a bundle is made of beside what was compiled. */
export interface BundleParts extends ScheduledModel {
  /** The model's doc comment. */
  readonly doc?: string | undefined;
  /** What the model costs: as JSON and as a table. */
  readonly report: { readonly json: string; readonly text: string };
  /** A whole safetensors file; absent where weights are drawn from a seed at loading. */
  readonly weights?: Uint8Array | undefined;
  /** What the model was compiled from, as JSON. */
  readonly source?: string | undefined;
  readonly tokenizer?: { readonly json: string; readonly text: NonNullable<Manifest['text']> };
  /** The run-time's files to copy beside the bundle, `runtime.js` among them; else it imports the package. */
  readonly runtime?: BundleFiles | undefined;
}

/** Tells Node that `index.js` is a module, whatever the project around it is. */
const PACKAGE = `${JSON.stringify({ private: true, type: 'module', exports: './index.js', types: './index.d.ts' }, null, 2)}\n`;

/** `manifest.json` comes last: a folder without one is no bundle. */
export async function emitBundle(parts: BundleParts): Promise<BundleFiles> {
  const manifest = await buildManifest(parts, parts.tokenizer?.text);
  const files = new Map<string, string | Uint8Array>();
  for (const [name, text] of kernelFiles(parts)) files.set(name, text);
  if (parts.weights) files.set('weights.safetensors', parts.weights);
  if (parts.source !== undefined) files.set('source.json', parts.source);
  if (parts.tokenizer) files.set('tokenizer.json', parts.tokenizer.json);
  // Loaded here and not above: ts-morph takes a second to load, and most commands do without.
  const { printModule } = await import('./print-module.ts');
  const module = printModule(manifest, parts.doc, parts.runtime ? './runtime.js' : 'bform/runtime');
  for (const [name, text] of Object.entries(module)) files.set(name, text);
  for (const [name, content] of parts.runtime ?? []) files.set(name, content);
  files.set('package.json', PACKAGE);
  files.set('report.json', parts.report.json);
  files.set('report.txt', parts.report.text);
  files.set('manifest.json', printManifest({ ...manifest, files: await listFiles(files) }));
  return files;
}

/** WGSL by file name, also of what computes a text step by step. */
export function kernelFiles({
  kernels,
  decoding,
}: Pick<ScheduledModel, 'kernels' | 'decoding'>): ReadonlyMap<string, string> {
  const more = decoding?.kind === 'program' ? decoding.kernels : [];
  return new Map([...kernels, ...more].map(({ id, text }) => [`kernels/${id}.wgsl`, text]));
}

async function listFiles(files: BundleFiles): Promise<Manifest['files']> {
  const listed: Manifest['files'] = {};
  for (const name of [...files.keys()].sort()) {
    const content = files.get(name)!;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    listed[name] = { bytes: bytes.length, sha256: await sha256(bytes) };
  }
  return listed;
}

const printManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;
