// bform import: a Hugging Face folder to a model of ours: model.bform, and the bundle compiled from it.
import { Command } from 'commander';
import type { SourceReader } from '../../compiler/modules.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { importFolder } from '../import/import-folder.ts';
import { bundleOf } from '../make-bundle.ts';
import { bindingLimit } from '../options.ts';
import { withStepBars } from '../progress.ts';
import { give } from '../result.ts';
import { sourceReader } from '../source-reader.ts';
import { compileRecorded } from '../source-record.ts';
import { talk } from '../streams.ts';
import { checkTarget, writeFolder } from '../write-folder.ts';

interface Options {
  readonly output: string;
  readonly standalone?: true;
  readonly bindingLimit?: number;
}

const MODEL_FILE = 'model.bform';

export const command = () =>
  new Command('import')
    .description(
      'import a LLaMA-, Mixtral-, DeepSeekMoE- or GPT-2-type model from a Hugging Face folder',
    )
    .argument('<folder>', 'holds config.json, safetensors files, and a tokenizer.json')
    .requiredOption('-o, --output <folder>', 'where model.bform and its bundle go')
    .option('--standalone', 'copy the runtime too: the folder then needs only the package webgpu')
    .addOption(bindingLimit())
    .action(importModel);

export const examples: readonly Example[] = [
  ['bform import TinyLlama-1.1B -o tiny-llama', 'model.bform, to read and change, and its bundle'],
  ['bform import gpt2 -o gpt2 --standalone', 'a folder that needs only the package webgpu'],
];

async function importModel(folder: string, options: Options): Promise<void> {
  checkTarget(options.output);
  const { source, weights, tokenizer } = await withStepBars((onStep) =>
    importFolder(folder, onStep),
  );
  const reader: SourceReader = {
    ...sourceReader(options.output),
    read: (path) => (path === MODEL_FILE ? source : undefined),
  };
  const compiled = compileRecorded(MODEL_FILE, reader, {
    ...(options.bindingLimit !== undefined && { maxBindingBytes: options.bindingLimit }),
  });
  const compilation = resultOf(compiled.outcome);
  const values = new Map([...weights].map(([name, { data }]) => [name, data]));
  const files = await bundleOf(compilation, {
    source: compiled.source,
    weights: { kind: 'made', make: () => values },
    tokenizer,
    standalone: options.standalone ?? false,
  });
  const all = new Map([[MODEL_FILE, source], ...files]);
  await withStepBars((onStep) => writeFolder(options.output, all, onStep));
  if (!tokenizer) talk('There was no tokenizer.json: the model runs on token ids only.');
  give(
    { folder: options.output, files: [MODEL_FILE, ...files.keys()].sort(), weights: weights.size },
    () => `${options.output}: ${MODEL_FILE} and its bundle, ${weights.size} weights`,
  );
}
