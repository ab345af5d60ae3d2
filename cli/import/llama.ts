// LLaMA-type checkpoints (LlamaForCausalLM, MistralForCausalLM) as a .bform model and the origins of its weights.
// Rotary positions are half-split there: Hugging Face's conversion has permuted q and k to fit, so they are taken as
// they are. Linear maps are saved as [out, in].
import { z } from 'zod';
import { activation, readConfig } from './hf-config.ts';
import {
  ImportError,
  type ImportPlan,
  same,
  transposed,
  type WeightOrigin,
} from './import-plan.ts';
import { type Argument, call, decoderText, float } from './model-text.ts';

const size = z.number('must be a whole number').int('must be a whole number').min(1);
const flag = z.boolean('must be true or false');
const positive = z.number('must be a number').positive('must be above 0');

const plainRope = (key: string) =>
  z.literal('default', `must be "default": ${key} of other kinds is not supported`).optional();

const schema = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.optional(),
  head_dim: size.optional(),
  vocab_size: size,
  max_position_embeddings: size,
  rms_norm_eps: positive.default(1e-6),
  rope_theta: positive.optional(),
  rope_scaling: z
    .strictObject({ rope_type: plainRope('rope scaling'), type: plainRope('rope scaling') })
    .optional(),
  rope_parameters: z
    .strictObject({ rope_type: plainRope('rope scaling'), rope_theta: positive.optional() })
    .optional(),
  hidden_act: z.string('must be a name').default('silu'),
  tie_word_embeddings: flag.default(false),
  attention_bias: flag.default(false),
  mlp_bias: flag.default(false),
});

const mistralSchema = schema.extend({ sliding_window: size.optional() });

type Config = z.infer<typeof mistralSchema>;

export function planLlama(name: string, config: Readonly<Record<string, unknown>>): ImportPlan {
  const mistral = config.model_type === 'mistral';
  const parsed: Config = readConfig(config, mistral ? mistralSchema : schema);
  return {
    source: writeSource(name, mistral ? 'Mistral' : 'LLaMA', parsed),
    weights: listWeights(parsed),
    ignored: /\.rotary_emb\.inv_freq$/,
    copies: parsed.tie_word_embeddings
      ? [{ name: 'lm_head.weight', of: 'model.embed_tokens.weight' }]
      : [],
  };
}

const kvHeads = (config: Config): number =>
  config.num_key_value_heads ?? config.num_attention_heads;

function headDim({ head_dim, hidden_size, num_attention_heads }: Config): number {
  const channels = head_dim ?? hidden_size / num_attention_heads;
  if (Number.isInteger(channels)) return channels;
  throw new ImportError(
    `config.json splits hidden_size ${hidden_size} over ${num_attention_heads} heads, which does not come out even.`,
  );
}

function writeSource(name: string, family: string, config: Config): string {
  const theta = config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10000;
  const window = config.sliding_window ?? config.max_position_embeddings;
  const slides = window < config.max_position_embeddings;
  const act = activation(config.hidden_act);
  const norm = call(
    'rms_norm',
    [],
    config.rms_norm_eps === 1e-5 ? [] : [['eps', float(config.rms_norm_eps)]],
  );
  const attention: Argument[] = [['heads', config.num_attention_heads]];
  if (kvHeads(config) !== config.num_attention_heads) attention.push(['kv_heads', kvHeads(config)]);
  if (headDim(config) * config.num_attention_heads !== config.hidden_size)
    attention.push(['head_dim', headDim(config)]);
  if (config.attention_bias) attention.push(['bias', true]);
  attention.push(['position', theta === 10000 ? 'rope' : `rope(theta: ${float(theta)})`]);
  if (slides) attention.push(['mask', `sliding_window(${window})`]);
  const ffn: Argument[] = [];
  if (act !== 'silu') ffn.push(['act', act]);
  if (config.mlp_bias) ffn.push(['bias', true]);

  return decoderText({
    comment: [
      `A model of the ${family} family, imported from a Hugging Face checkpoint.`,
      'Change it and compile it again: weights are found by their path names and must keep their shapes.',
    ],
    name,
    block: {
      doc: 'Rotary attention and a gated feed-forward network, each behind an rms_norm.',
      attention: call('attention', [], attention, '  let a = '.length),
      ffn: call('gated_ffn', [config.intermediate_size], ffn, '  let f = '.length),
    },
    norm,
    d: config.hidden_size,
    layers: config.num_hidden_layers,
    vocab: config.vocab_size,
    context: config.max_position_embeddings,
    positions: [],
    unembed: config.tie_word_embeddings ? 'unembed(tied: true)' : 'unembed',
    uses: [
      'gated_ffn',
      'rms_norm',
      'rope',
      ...(slides ? ['sliding_window'] : []),
      ...(act === 'silu' ? [] : [act]),
    ],
  });
}

function listWeights(config: Config): WeightOrigin[] {
  const { hidden_size: d, intermediate_size: hidden, vocab_size: vocab } = config;
  const weights = [
    same('embed.table', 'model.embed_tokens.weight', [vocab, d]),
    same('rms_norm.scale', 'model.norm.weight', [d]),
  ];
  if (!config.tie_word_embeddings)
    weights.push(transposed('unembed.w', 'lm_head.weight', [d, vocab]));

  const q = config.num_attention_heads * headDim(config);
  const kv = kvHeads(config) * headDim(config);
  const linears = [
    ['a.wq', 'self_attn.q_proj', d, q, config.attention_bias],
    ['a.wk', 'self_attn.k_proj', d, kv, config.attention_bias],
    ['a.wv', 'self_attn.v_proj', d, kv, config.attention_bias],
    ['a.wo', 'self_attn.o_proj', q, d, config.attention_bias],
    ['f.gate', 'mlp.gate_proj', d, hidden, config.mlp_bias],
    ['f.up', 'mlp.up_proj', d, hidden, config.mlp_bias],
    ['f.down', 'mlp.down_proj', hidden, d, config.mlp_bias],
  ] as const;
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const [ours, theirs] = [`blocks.${i}`, `model.layers.${i}`];
    weights.push(
      same(`${ours}.a_norm.scale`, `${theirs}.input_layernorm.weight`, [d]),
      same(`${ours}.f_norm.scale`, `${theirs}.post_attention_layernorm.weight`, [d]),
    );
    for (const [to, from, rows, columns, bias] of linears) {
      weights.push(transposed(`${ours}.${to}.w`, `${theirs}.${from}.weight`, [rows, columns]));
      if (bias) weights.push(same(`${ours}.${to}.b`, `${theirs}.${from}.bias`, [columns]));
    }
  }
  return weights;
}
