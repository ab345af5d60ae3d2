// bform compile: a .bform file to a bundle, the folder that a program imports.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { findAdapter } from '../../runtime/device-node.ts';
import { initializeWeights } from '../../runtime/initialize.ts';
import { kernelTarget } from '../../runtime/kernel-target.ts';
import { type Manifest, manifestSchema } from '../../runtime/manifest.ts';
import { openTokenizer } from '../../runtime/text/tokenizer.ts';
import { warnOfBudget } from '../budgets.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { UsageError, UserError } from '../exit.ts';
import { type BundledTokenizer, bundleOf, type WeightSource } from '../make-bundle.ts';
import {
  argumentOf,
  auxiliaryOutputs,
  bindingLimit,
  fileAndModel,
  wholeNumber,
} from '../options.ts';
import { withStepBars } from '../progress.ts';
import { give } from '../result.ts';
import { openEntry } from '../source-reader.ts';
import { compileRecorded } from '../source-record.ts';
import { talk } from '../streams.ts';
import { checkTarget, writeFolder } from '../write-folder.ts';

interface Options {
  readonly output: string;
  readonly weights?: string;
  readonly seed?: number;
  readonly tokenizer?: string;
  readonly standalone?: true;
  readonly bindingLimit?: number;
  readonly auxiliary: boolean;
  readonly for: 'any' | 'this';
  readonly set: Readonly<Record<string, string>>;
}

export const command = () =>
  new Command('compile')
    .description('compile a model to a bundle: kernels, weights and a module to import')
    .argument('<file[:model]>', 'a .bform file; with several models, the name of one')
    .requiredOption('-o, --output <folder>', 'where the bundle goes; a bundle there is replaced')
    .option('--weights <file>', 'a safetensors file with the weights by path name')
    .option('--seed <n>', 'draw the weights at random from this seed', wholeNumber(0))
    .option('--tokenizer <file>', 'a tokenizer.json to go with a language model')
    .option('--standalone', 'copy the runtime too: the folder then needs only the package webgpu')
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .addOption(bindingLimit())
    .addOption(
      new Option('--for <adapter>', 'whose adapters the kernels are written for')
        .choices(['any', 'this'])
        .default('any'),
    )
    .action(compileFile);

export const note =
  'Without --weights and --seed, weights.safetensors beside the file is taken if it is there; else the ' +
  'bundle has no weights, and they are drawn from a seed when it is loaded. With --for this, kernels may need ' +
  'what the adapter at hand has: they are faster, on software adapters by far, and other adapters may refuse them.';

export const examples: readonly Example[] = [
  ['bform compile model.bform -o bundle --seed 1', 'with weights drawn at random'],
  ['bform compile model.bform -o bundle --weights trained.safetensors', 'with trained weights'],
  [
    'bform compile model.bform:large -o bundle --set layers=24 --standalone',
    'a folder that needs only the package webgpu',
  ],
];

async function compileFile(argument: string, options: Options): Promise<void> {
  if (options.weights !== undefined && options.seed !== undefined)
    throw new UsageError('--weights and --seed exclude each other.');
  const { file, model } = fileAndModel(argument);
  checkTarget(options.output);
  const { path, reader } = openEntry(file);
  const { outcome, source } = compileRecorded(path, reader, {
    args: options.set,
    auxiliary: options.auxiliary,
    ...(options.for === 'this' && { target: kernelTarget(await findAdapter()) }),
    ...(model !== undefined && { model }),
    ...(options.bindingLimit !== undefined && { maxBindingBytes: options.bindingLimit }),
  });
  const compilation = resultOf(outcome);
  await warnOfBudget(compilation);
  const beside = dirname(file);
  const files = await bundleOf(compilation, {
    source,
    weights: weightSource(options, beside),
    tokenizer: tokenizer(options, beside),
    standalone: options.standalone ?? false,
  });
  await withStepBars((onStep) => writeFolder(options.output, files, onStep));
  const kernels = [...files.keys()].filter((name) => name.startsWith('kernels/')).length;
  give(
    { folder: options.output, files: [...files.keys()].sort(), kernels },
    () => `${options.output}: ${files.size} files, ${kernels} kernels`,
  );
}

function weightSource({ weights, seed }: Options, beside: string): WeightSource | undefined {
  if (weights !== undefined) return { kind: 'file', file: weights };
  if (seed !== undefined)
    return { kind: 'made', make: (manifest, onStep) => initializeWeights(manifest, seed, onStep) };
  const file = join(beside, 'weights.safetensors');
  if (existsSync(file)) {
    talk(`Weights: ${file} (--seed N for fresh ones)`);
    return { kind: 'file', file };
  }
  talk('Weights: none in the bundle; give --weights FILE or --seed N to put some in.');
  return undefined;
}

/** The tokenizer given, else the one beside the file, with the ids that its bundle (from an import) frames texts with. */
function tokenizer(options: Options, beside: string): BundledTokenizer | undefined {
  const file = options.tokenizer ?? join(beside, 'tokenizer.json');
  if (!existsSync(file)) {
    if (options.tokenizer === undefined) return undefined;
    throw new UserError(`There is no file ${file}.`);
  }
  const json = readFileSync(file, 'utf8');
  const [begin] = openTokenizer(json).frame;
  const known = options.tokenizer === undefined ? textOfBundle(beside) : undefined;
  const text = known ?? {
    tokenizer: 'tokenizer.json',
    ...(begin !== undefined && { begin }),
    end: begin === undefined ? [] : [begin],
  };
  return { json, text };
}

function textOfBundle(folder: string): Manifest['text'] {
  try {
    const { text } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    return manifestSchema.shape.text.parse(text);
  } catch {
    // No bundle, or one that nothing else can be learned from; also one of another version, about to be made anew.
    return undefined;
  }
}
