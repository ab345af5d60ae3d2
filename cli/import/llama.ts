// LLaMA-type checkpoints (LlamaForCausalLM, MistralForCausalLM) as a .bform model and the origins of its weights, and
// what checkpoints of LLaMA's form with other feed-forward layers share with them (mixtures.ts).
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
import { type Argument, type BlockText, call, decoderText, float } from './model-text.ts';

export const size = z.number('must be a whole number').int('must be a whole number').min(1);
export const flag = z.boolean('must be true or false');
const positive = z.number('must be a number').positive('must be above 0');

const plainRope = (key: string) =>
  z.literal('default', `must be "default": ${key} of other kinds is not supported`).optional();

/** What all models of LLaMA's form have. */
export const decoderSchema = z.object({
  hidden_size: size,
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
});

const schema = decoderSchema.extend({ intermediate_size: size, mlp_bias: flag.default(false) });
const mistralSchema = schema.extend({ sliding_window: size.optional() });

export type DecoderConfig = z.infer<typeof decoderSchema> & {
  readonly sliding_window?: number | undefined;
};
type Config = z.infer<typeof mistralSchema>;

export function planLlama(name: string, config: Readonly<Record<string, unknown>>): ImportPlan {
  const mistral = config.model_type === 'mistral';
  const parsed: Config = readConfig(config, mistral ? mistralSchema : schema);
  const ffn = gatedFfn(parsed.intermediate_size, parsed, parsed.mlp_bias);
  const blocks: BlockText = {
    name: 'decoder',
    doc: 'Rotary attention and a gated feed-forward network, each behind an rms_norm.',
    attention: attentionText(parsed),
    other: ['f', ffn],
    stage: 'blocks',
    count: parsed.num_hidden_layers,
  };
  return planDecoder(name, mistral ? 'Mistral' : 'LLaMA', parsed, [blocks], ['gated_ffn'], (i) => [
    ...attentionWeights(parsed, `blocks.${i}`, `model.layers.${i}`, 'f'),
    ...ffnWeights(parsed, parsed.intermediate_size, `blocks.${i}.f`, `model.layers.${i}.mlp`),
  ]);
}

/** The plan of a decoder whose blocks are given; `layerWeights` are those of one layer of the checkpoint. */
export function planDecoder(
  name: string,
  family: string,
  config: DecoderConfig,
  blocks: readonly BlockText[],
  uses: readonly string[],
  layerWeights: (layer: number) => readonly WeightOrigin[],
): ImportPlan {
  const { hidden_size: d, vocab_size: vocab, tie_word_embeddings: tied } = config;
  const act = activation(config.hidden_act);
  const eps: Argument[] = config.rms_norm_eps === 1e-5 ? [] : [['eps', float(config.rms_norm_eps)]];
  const source = decoderText({
    comment: [
      `A model of the ${family} family, imported from a Hugging Face checkpoint.`,
      'Change it and compile it again: weights are found by their path names and must keep their shapes.',
    ],
    name,
    blocks,
    norm: call('rms_norm', [], eps),
    d,
    vocab,
    context: config.max_position_embeddings,
    positions: [],
    unembed: tied ? 'unembed(tied: true)' : 'unembed',
    uses: [
      ...uses,
      'rms_norm',
      'rope',
      ...(windowOf(config) === undefined ? [] : ['sliding_window']),
      ...(act === 'silu' ? [] : [act]),
    ],
  });
  const layers = Array.from({ length: config.num_hidden_layers }, (_, i) => layerWeights(i));
  return {
    source,
    weights: [
      same('embed.table', 'model.embed_tokens.weight', [vocab, d]),
      same('rms_norm.scale', 'model.norm.weight', [d]),
      ...(tied ? [] : [transposed('unembed.w', 'lm_head.weight', [d, vocab])]),
      ...layers.flat(),
    ],
    ignored: /\.rotary_emb\.inv_freq$/,
    copies: tied ? [{ name: 'lm_head.weight', of: 'model.embed_tokens.weight' }] : [],
  };
}

const kvHeads = (config: DecoderConfig): number =>
  config.num_key_value_heads ?? config.num_attention_heads;

function headDim({ head_dim, hidden_size, num_attention_heads }: DecoderConfig): number {
  const channels = head_dim ?? hidden_size / num_attention_heads;
  if (Number.isInteger(channels)) return channels;
  throw new ImportError(
    `config.json splits hidden_size ${hidden_size} over ${num_attention_heads} heads, which does not come out even.`,
  );
}

/** The window of attention, where it hides anything. */
function windowOf(config: DecoderConfig): number | undefined {
  const window = config.sliding_window ?? config.max_position_embeddings;
  return window < config.max_position_embeddings ? window : undefined;
}

export function attentionText(config: DecoderConfig): string {
  const theta = config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10000;
  const window = windowOf(config);
  const attention: Argument[] = [['heads', config.num_attention_heads]];
  if (kvHeads(config) !== config.num_attention_heads) attention.push(['kv_heads', kvHeads(config)]);
  if (headDim(config) * config.num_attention_heads !== config.hidden_size)
    attention.push(['head_dim', headDim(config)]);
  if (config.attention_bias) attention.push(['bias', true]);
  attention.push(['position', theta === 10000 ? 'rope' : `rope(theta: ${float(theta)})`]);
  if (window !== undefined) attention.push(['mask', `sliding_window(${window})`]);
  return call('attention', [], attention);
}

export function gatedFfn(hidden: number, { hidden_act }: DecoderConfig, bias = false): string {
  const act = activation(hidden_act);
  const ffn: Argument[] = [];
  if (act !== 'silu') ffn.push(['act', act]);
  if (bias) ffn.push(['bias', true]);
  return call('gated_ffn', [hidden], ffn);
}

/** Of attention and of both norms; `other` is the label of the second sub-layer. */
export function attentionWeights(
  config: DecoderConfig,
  ours: string,
  theirs: string,
  other: 'f' | 'g',
): WeightOrigin[] {
  const { hidden_size: d, attention_bias: bias } = config;
  const [q, kv] = [config.num_attention_heads, kvHeads(config)].map((n) => n * headDim(config));
  return [
    same(`${ours}.a_norm.scale`, `${theirs}.input_layernorm.weight`, [d]),
    same(`${ours}.${other}_norm.scale`, `${theirs}.post_attention_layernorm.weight`, [d]),
    ...linear(`${ours}.a.wq`, `${theirs}.self_attn.q_proj`, [d, q!], bias),
    ...linear(`${ours}.a.wk`, `${theirs}.self_attn.k_proj`, [d, kv!], bias),
    ...linear(`${ours}.a.wv`, `${theirs}.self_attn.v_proj`, [d, kv!], bias),
    ...linear(`${ours}.a.wo`, `${theirs}.self_attn.o_proj`, [q!, d], bias),
  ];
}

export function ffnWeights(
  config: DecoderConfig & { readonly mlp_bias?: boolean },
  hidden: number,
  ours: string,
  theirs: string,
): WeightOrigin[] {
  const { hidden_size: d, mlp_bias: bias = false } = config;
  return [
    ...linear(`${ours}.gate`, `${theirs}.gate_proj`, [d, hidden], bias),
    ...linear(`${ours}.up`, `${theirs}.up_proj`, [d, hidden], bias),
    ...linear(`${ours}.down`, `${theirs}.down_proj`, [hidden, d], bias),
  ];
}

const linear = (
  ours: string,
  theirs: string,
  shape: readonly [number, number],
  bias: boolean,
): WeightOrigin[] => [
  transposed(`${ours}.w`, `${theirs}.weight`, shape),
  ...(bias ? [same(`${ours}.b`, `${theirs}.bias`, [shape[1]])] : []),
];
