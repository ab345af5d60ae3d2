// bform export: a model in a format that other programs run. A file is compiled on the spot; of a bundle it is the
// source that is exported, with the bundle's weights.
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Argument, Command } from 'commander';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { exportOnnx } from '../../compiler/export/export-onnx.ts';
import { initializeWeights } from '../../runtime/initialize.ts';
import { loadBundle } from '../../runtime/load-node.ts';
import { checkWeights, type Weights } from '../../runtime/weights.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { UsageError, UserError } from '../exit.ts';
import { readWeights } from '../make-bundle.ts';
import { argumentOf, auxiliaryOutputs, fileAndModel, wholeNumber } from '../options.ts';
import { withStepBars } from '../progress.ts';
import { give } from '../result.ts';
import { openEntry } from '../source-reader.ts';
import { compileRecord, recordOf } from '../source-record.ts';
import { talk } from '../streams.ts';
import { checkFileTarget, writeFiles } from '../write-files.ts';

interface Options {
  readonly output: string;
  readonly weights?: string;
  readonly seed?: number;
  readonly external?: true;
  readonly auxiliary: boolean;
  readonly set: Readonly<Record<string, string>>;
}

/** Protocol buffers end at 2 GiB; the nodes need some of them. */
const MOST_EMBEDDED_BYTES = 2 ** 31 - 2 ** 27;

export const command = () =>
  new Command('export')
    .description('write a model in a format that other programs run')
    .addArgument(new Argument('<format>', 'the format').choices(['onnx']))
    .argument('<model>', 'a .bform file (FILE:NAME for one of several models), or a bundle')
    .requiredOption('-o, --output <file>', 'the file to write')
    .option('--weights <file>', 'a safetensors file with the weights by path name')
    .option('--seed <n>', 'draw the weights at random from this seed', wholeNumber(0))
    .option('--external', 'put the weights into a second file, <output>.data')
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .action(exportModel);

export const note =
  "Without --weights and --seed a bundle's own weights are taken; where there are none they are drawn " +
  'from seed 0.';

export const examples: readonly Example[] = [
  ['bform export onnx bundle -o model.onnx', 'a bundle with its weights'],
  ['bform export onnx model.bform -o model.onnx --seed 1', 'a file, with weights drawn at random'],
  ['bform export onnx bundle -o model.onnx --external', 'weights beside the model, beyond 2 GiB'],
];

async function exportModel(_format: string, place: string, options: Options): Promise<void> {
  if (options.weights !== undefined && options.seed !== undefined)
    throw new UsageError('--weights and --seed exclude each other.');
  checkFileTarget(options.output);
  const isBundle = existsSync(place) && statSync(place).isDirectory();
  const { compilation, own } = isBundle ? await ofBundle(place, options) : ofFile(place, options);
  const weights = await weightsOf(compilation, own, options);
  const bytes = [...weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > MOST_EMBEDDED_BYTES && !options.external)
    throw new UserError(
      `The weights take ${bytes} bytes, and an ONNX file holds 2 GiB: add --external.`,
    );
  const data = `${options.output}.data`;
  if (options.external) checkFileTarget(data);
  const onnx = exportOnnx(compilation.graph, {
    weight: (name) => weights.get(name)!,
    doc: compilation.model.doc,
    ...(options.external && { weightsFile: basename(data) }),
  });
  // The model last: where it is, its weights are.
  const files = new Map<string, readonly Uint8Array[]>();
  if (options.external) files.set(data, onnx.weights);
  files.set(options.output, [onnx.model]);
  await withStepBars((onStep) => writeFiles(files, onStep));
  const names = [...files.keys()].reverse();
  give({ files: names }, () => names.join('\n'));
}

interface Source {
  readonly compilation: Compilation;
  readonly own?: Weights | undefined;
}

function ofFile(place: string, { set, auxiliary }: Options): Source {
  const { file, model } = fileAndModel(place);
  if (!existsSync(file)) throw new UserError(`There is no file or folder ${file}.`);
  const { path, reader } = openEntry(file);
  const outcome = compile(path, reader, {
    args: set,
    auxiliary,
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    ...(model !== undefined && { model }),
  });
  return { compilation: resultOf(outcome) };
}

async function ofBundle(place: string, { set, auxiliary }: Options): Promise<Source> {
  if (Object.keys(set).length > 0)
    throw new UsageError('--set is for a .bform file: a bundle has its arguments already.');
  const bundle = await withStepBars((onStep) => loadBundle(place, onStep));
  const record = recordOf(bundle, place);
  const outcome = compileRecord({ ...record, auxiliary: auxiliary || record.auxiliary });
  return { compilation: resultOf(outcome), own: bundle.weights };
}

async function weightsOf(
  compilation: Compilation,
  own: Weights | undefined,
  { weights: file, seed }: Options,
): Promise<Weights> {
  const manifest = { ...(await buildManifest(compilation)), files: {} };
  if (file !== undefined) return withStepBars((onStep) => readWeights(manifest, file, onStep));
  if (own && seed === undefined) {
    checkWeights(manifest, own);
    return own;
  }
  if (seed === undefined && manifest.packs.length > 0)
    talk('There are no weights: they are drawn at random from seed 0.');
  return withStepBars((onStep) => initializeWeights(manifest, seed ?? 0, onStep));
}
