// Reads entries of a Hugging Face config.json. An entry that is not understood is refused by name, never ignored:
// it may change what the model computes.
import type { z } from 'zod';
import { ImportError } from './import-plan.ts';

/** Entries that say nothing about what is computed from tokens to logits. */
const HARMLESS = new Set([
  '_name_or_path',
  '_attn_implementation',
  '_attn_implementation_autoset',
  '_num_labels',
  'architectures',
  'attention_dropout',
  'attn_pdrop',
  'auto_map',
  'aux_loss_alpha',
  'bos_token_id',
  'decoder_start_token_id',
  'dtype',
  'embd_pdrop',
  'eos_token_id',
  'finetuning_task',
  'gradient_checkpointing',
  'id2label',
  'initializer_range',
  'is_decoder',
  'is_llama_config',
  'label2id',
  'max_sequence_length',
  'model_type',
  'n_ctx',
  'output_attentions',
  'output_hidden_states',
  'output_past',
  'output_router_logits',
  'pad_token_id',
  'pretraining_tp',
  'problem_type',
  'reorder_and_upcast_attn',
  'resid_pdrop',
  'return_dict',
  'router_aux_loss_coef',
  'router_jitter_noise',
  'sep_token_id',
  'seq_aux',
  'summary_activation',
  'summary_first_dropout',
  'summary_proj_to_labels',
  'summary_type',
  'summary_use_proj',
  'task_specific_params',
  'torch_dtype',
  'torchscript',
  'transformers.js_config',
  'transformers_version',
  'unk_token_id',
  'use_cache',
]);

/** Activations by the names that configs use; the layers' names in the standard library. */
const ACTIVATIONS: ReadonlyMap<string, string> = new Map([
  ['gelu', 'gelu'],
  ['gelu_fast', 'gelu_tanh'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['mish', 'mish'],
  ['quick_gelu', 'quick_gelu'],
  ['relu', 'relu'],
  ['relu2', 'squared_relu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
]);

/**
 * The entries that the schema describes.
 * @throws {ImportError} listing all entries that are missing, of a value that is not supported, or not known.
 */
export function readConfig<Schema extends z.ZodObject>(
  config: Readonly<Record<string, unknown>>,
  schema: Schema,
): z.infer<Schema> {
  const known = new Set(Object.keys(schema.shape));
  const unknown = Object.keys(config)
    .filter((key) => !known.has(key) && !HARMLESS.has(key))
    .filter((key) => config[key] !== null && config[key] !== false)
    .map((key) => `${key}: not known to the importer; remove it if it changes nothing`);
  const entries = Object.fromEntries([...known].map((key) => [key, config[key] ?? undefined]));
  const parsed = schema.safeParse(entries);
  const wrong = (parsed.error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}, not ${shown(entries, path)}`,
  );
  if (!parsed.success || unknown.length > 0)
    throw new ImportError('config.json has entries that cannot be imported:', [
      ...wrong,
      ...unknown,
    ]);
  return parsed.data;
}

function shown(entries: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): string {
  let value: unknown = entries;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** @throws {ImportError} for an activation that has no counterpart. */
export function activation(name: string): string {
  const ours = ACTIVATIONS.get(name);
  if (ours) return ours;
  throw new ImportError(
    `config.json names the activation "${name}"; known are ${[...ACTIVATIONS.keys()].join(', ')}.`,
  );
}
