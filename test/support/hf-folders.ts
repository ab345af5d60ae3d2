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

export const MIXTRAL_CONFIG: Config = {
  architectures: ['MixtralForCausalLM'],
  model_type: 'mixtral',
  hidden_act: 'silu',
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_local_experts: 4,
  num_experts_per_tok: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 1e6,
  router_aux_loss_coef: 0.02,
  output_router_logits: false,
  sliding_window: null,
  vocab_size: 29,
  tie_word_embeddings: false,
};

export const DEEPSEEK_CONFIG: Config = {
  architectures: ['DeepseekForCausalLM'],
  auto_map: { AutoConfig: 'configuration_deepseek.DeepseekConfig' },
  model_type: 'deepseek',
  hidden_act: 'silu',
  hidden_size: 16,
  intermediate_size: 20,
  moe_intermediate_size: 6,
  n_routed_experts: 6,
  n_shared_experts: 2,
  num_experts_per_tok: 3,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
  norm_topk_prob: false,
  scoring_func: 'softmax',
  aux_loss_alpha: 0.001,
  seq_aux: true,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  rope_scaling: null,
  vocab_size: 29,
  tie_word_embeddings: false,
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
  return decoderTensors(config, (_, d) => {
    const hidden = config.intermediate_size as number;
    return gated('mlp', ['gate_proj', 'up_proj', 'down_proj'], d, hidden, config.mlp_bias);
  });
}

/** Each expert by itself, as all checkpoints have them. */
export function mixtralTensors(config: Config = MIXTRAL_CONFIG): Tensors {
  const [experts, hidden] = [config.num_local_experts, config.intermediate_size] as number[];
  return decoderTensors(config, (_, d) => [
    ['block_sparse_moe.gate.weight', [experts!, d]],
    ...Array.from({ length: experts! }, (_, e) =>
      gated(`block_sparse_moe.experts.${e}`, ['w1', 'w3', 'w2'], d, hidden!),
    ).flat(),
  ]);
}

export function deepseekTensors(config: Config = DEEPSEEK_CONFIG): Tensors {
  const size = (key: string) => (config[key] as number | undefined) ?? 0;
  const [experts, hidden] = [size('n_routed_experts'), size('moe_intermediate_size')];
  const parts = ['gate_proj', 'up_proj', 'down_proj'] as const;
  return decoderTensors(config, (layer, d) => {
    if (layer < size('first_k_dense_replace'))
      return gated('mlp', parts, d, size('intermediate_size'));
    const shared = size('n_shared_experts') * hidden;
    return [
      ['mlp.gate.weight', [experts, d]],
      ...Array.from({ length: experts }, (_, e) =>
        gated(`mlp.experts.${e}`, parts, d, hidden),
      ).flat(),
      ...(shared > 0 ? gated('mlp.shared_experts', parts, d, shared) : []),
    ];
  });
}

type Shapes = [name: string, shape: readonly number[]][];

/** Maps saved as [out, in]: gate, up and down. */
function gated(
  at: string,
  [gate, up, down]: readonly [string, string, string],
  d: number,
  hidden: number,
  bias: unknown = false,
): Shapes {
  const maps = [
    [gate, hidden, d],
    [up, hidden, d],
    [down, d, hidden],
  ] as const;
  return maps.flatMap(
    ([name, out, inner]): Shapes => [
      [`${at}.${name}.weight`, [out, inner]],
      ...(bias ? ([[`${at}.${name}.bias`, [out]]] satisfies Shapes) : []),
    ],
  );
}

/** Embeddings, norms and attention, and in each layer what is given, by names after the layer's. */
function decoderTensors(config: Config, inLayer: (layer: number, d: number) => Shapes): Tensors {
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
    for (const [name, out, inner] of [
      ['self_attn.q_proj', q, d],
      ['self_attn.k_proj', kv, d],
      ['self_attn.v_proj', kv, d],
      ['self_attn.o_proj', d, q],
    ] as const) {
      shapes.set(`${layer}.${name}.weight`, [out, inner]);
      if (config.attention_bias) shapes.set(`${layer}.${name}.bias`, [out]);
    }
    for (const [name, shape] of inLayer(i, d)) shapes.set(`${layer}.${name}`, shape);
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
