// Checkpoint folders as Hugging Face writes them, of toy size, with random weights: written into a folder of the test's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../runtime/random.ts';
import { type FloatTensor, writeSafetensors } from '../../runtime/safetensors.ts';

export type Tensors = Map<string, FloatTensor>;
export type Config = Record<string, unknown>;

export const GPT2_CONFIG: Config = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  activation_function: 'gelu_new',
  n_embd: 12,
  n_layer: 2,
  n_head: 3,
  n_positions: 16,
  vocab_size: 29,
  layer_norm_epsilon: 1e-5,
  resid_pdrop: 0.1,
  eos_token_id: 28,
};

export const LLAMA_CONFIG: Config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_act: 'silu',
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-6,
  rope_theta: 500000,
  vocab_size: 29,
  tie_word_embeddings: false,
  eos_token_id: [27, 28],
};

/** Normal values of a scale that leaves no term of the computation without effect. */
function fill(shapes: ReadonlyMap<string, readonly number[]>): Tensors {
  const tensors: Tensors = new Map();
  for (const [name, shape] of shapes) {
    const { normal } = randomStream(1, name);
    const elements = shape.reduce((a, b) => a * b, 1);
    const centre = /norm|ln_/.test(name) && name.endsWith('weight') ? 1 : 0;
    tensors.set(name, {
      shape,
      data: Float32Array.from({ length: elements }, () => centre + 0.3 * normal()),
    });
  }
  return tensors;
}

export function gpt2Tensors(config: Config = GPT2_CONFIG, prefix = 'transformer.'): Tensors {
  const [d, vocab] = [config.n_embd as number, config.vocab_size as number];
  const hidden = (config.n_inner as number | undefined) ?? 4 * d;
  const shapes = new Map<string, readonly number[]>([
    ['wte.weight', [vocab, d]],
    ['wpe.weight', [config.n_positions as number, d]],
    ['ln_f.weight', [d]],
    ['ln_f.bias', [d]],
  ]);
  for (let i = 0; i < (config.n_layer as number); i++) {
    for (const norm of ['ln_1', 'ln_2'])
      for (const part of ['weight', 'bias']) shapes.set(`h.${i}.${norm}.${part}`, [d]);
    for (const [name, rows, columns] of [
      ['attn.c_attn', d, 3 * d],
      ['attn.c_proj', d, d],
      ['mlp.c_fc', d, hidden],
      ['mlp.c_proj', hidden, d],
    ] as const) {
      shapes.set(`h.${i}.${name}.weight`, [rows, columns]);
      shapes.set(`h.${i}.${name}.bias`, [columns]);
    }
  }
  return fill(new Map([...shapes].map(([name, shape]) => [prefix + name, shape])));
}

export function llamaTensors(config: Config = LLAMA_CONFIG): Tensors {
  const size = (key: string) => config[key] as number;
  const d = size('hidden_size');
  const head = (config.head_dim as number | undefined) ?? d / size('num_attention_heads');
  const [q, kv] = [size('num_attention_heads') * head, size('num_key_value_heads') * head];
  const shapes = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [size('vocab_size'), d]],
    ['model.norm.weight', [d]],
  ]);
  if (!config.tie_word_embeddings) shapes.set('lm_head.weight', [size('vocab_size'), d]);
  for (let i = 0; i < size('num_hidden_layers'); i++) {
    const layer = `model.layers.${i}`;
    shapes.set(`${layer}.input_layernorm.weight`, [d]);
    shapes.set(`${layer}.post_attention_layernorm.weight`, [d]);
    for (const [name, out, inner, bias] of [
      ['self_attn.q_proj', q, d, config.attention_bias],
      ['self_attn.k_proj', kv, d, config.attention_bias],
      ['self_attn.v_proj', kv, d, config.attention_bias],
      ['self_attn.o_proj', d, q, config.attention_bias],
      ['mlp.gate_proj', size('intermediate_size'), d, config.mlp_bias],
      ['mlp.up_proj', size('intermediate_size'), d, config.mlp_bias],
      ['mlp.down_proj', d, size('intermediate_size'), config.mlp_bias],
    ] as const) {
      shapes.set(`${layer}.${name}.weight`, [out, inner]);
      if (bias) shapes.set(`${layer}.${name}.bias`, [out]);
    }
  }
  return fill(shapes);
}

/** Writes the folder; `files` are further ones, by name. */
export function writeHfFolder(
  folder: string,
  config: Config,
  tensors: Tensors,
  files: Readonly<Record<string, unknown>> = {},
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}
