// From a Hugging Face folder to a model of ours: source, weights under our path names, tokenizer.
// Writes no files and compiles nothing.
import { basename, resolve } from 'node:path';
import type { Manifest } from '../../runtime/manifest.ts';
import type { FloatTensor } from '../../runtime/safetensors.ts';
import { openTokenizer } from '../../runtime/text/tokenizer.ts';
import type { OnStep } from '../progress.ts';
import { convertWeights } from './convert-weights.ts';
import { planGpt2 } from './gpt2.ts';
import { type HfFolder, readHfFolder } from './hf-folder.ts';
import { ImportError, type ImportPlan } from './import-plan.ts';
import { planLlama } from './llama.ts';
import { planDeepseek, planMixtral } from './mixtures.ts';
import { modelName } from './model-text.ts';

export interface ImportedModel {
  readonly source: string;
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly tokenizer?: { readonly json: string; readonly text: NonNullable<Manifest['text']> };
}

/** @throws {ImportError}, `WeightsError`, `TokenizerError`: the folder is incomplete or not understood. */
export function importFolder(path: string, onStep?: OnStep): ImportedModel {
  const folder = readHfFolder(path, onStep);
  const plan = planOf(modelName(basename(resolve(path))), folder);
  const weights = convertWeights(plan, folder.tensors, onStep);
  if (folder.tokenizer === undefined) return { source: plan.source, weights };
  return {
    source: plan.source,
    weights,
    tokenizer: { json: folder.tokenizer, text: textOf(folder, folder.tokenizer) },
  };
}

function planOf(name: string, { config, tensors }: HfFolder): ImportPlan {
  const architectures = Array.isArray(config.architectures) ? config.architectures : [];
  switch (architectures[0]) {
    case 'LlamaForCausalLM':
    case 'MistralForCausalLM':
      return planLlama(name, config);
    case 'MixtralForCausalLM':
      return planMixtral(name, config);
    case 'DeepseekForCausalLM':
      return planDeepseek(name, config);
    case 'GPT2LMHeadModel':
      return planGpt2(name, config, tensors.has('wte.weight') ? '' : 'transformer.');
    default:
      throw new ImportError(
        `config.json names the architecture ${JSON.stringify(architectures[0] ?? null)}; ` +
          'known are LlamaForCausalLM, MistralForCausalLM, MixtralForCausalLM, DeepseekForCausalLM and GPT2LMHeadModel.',
      );
  }
}

/** Which ids frame a text: as the tokenizer itself frames it, else as its configuration says. */
function textOf(folder: HfFolder, json: string): NonNullable<Manifest['text']> {
  const tokenizer = openTokenizer(json);
  const added =
    folder.tokenizerConfig.add_bos_token === true ? ids(folder.config.bos_token_id) : [];
  const begin = tokenizer.frame[0] ?? added[0];
  // A token that begins a text also ends the one before: models trained on texts in a row say nothing else.
  const end = new Set([
    ...ids(folder.config.eos_token_id),
    ...ids(folder.generationConfig.eos_token_id),
    ...(begin === undefined ? [] : [begin]),
  ]);
  return {
    tokenizer: 'tokenizer.json',
    ...(begin !== undefined && { begin }),
    end: [...end].sort((a, b) => a - b),
  };
}

const ids = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (id): id is number => Number.isSafeInteger(id) && (id as number) >= 0,
  );
