// GPT-2-type checkpoints (GPT2LMHeadModel) as a .bform model and the origins of its weights.
// Linear maps are saved as [in, out] there ("Conv1D"), queries, keys and values side by side in one.
import { z } from 'zod';
import { activation, readConfig } from './hf-config.ts';
import { type ImportPlan, same, transposed, type WeightOrigin } from './import-plan.ts';
import { type Argument, call, decoderText, float } from './model-text.ts';

const size = z.number('must be a whole number').int('must be a whole number').min(1);

const schema = z.object({
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_positions: size,
  n_inner: size.optional(),
  vocab_size: size,
  layer_norm_epsilon: z.number('must be a number').positive().default(1e-5),
  activation_function: z.string('must be a name').default('gelu_new'),
  tie_word_embeddings: z.boolean('must be true or false').default(true),
  scale_attn_weights: z.literal(true, 'must be true').default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false, 'must be false').default(false),
  add_cross_attention: z.literal(false, 'must be false').default(false),
});

type Config = z.infer<typeof schema>;

/** `prefix` is what the checkpoint's names begin with: `transformer.`, or nothing in the oldest files. */
export function planGpt2(
  name: string,
  config: Readonly<Record<string, unknown>>,
  prefix: 'transformer.' | '',
): ImportPlan {
  const parsed = readConfig(config, schema);
  return {
    source: writeSource(name, parsed),
    weights: listWeights(parsed, prefix),
    ignored: /\.attn\.(masked_)?bias$/,
    copies: parsed.tie_word_embeddings
      ? [{ name: 'lm_head.weight', of: `${prefix}wte.weight` }]
      : [],
  };
}

function writeSource(name: string, config: Config): string {
  const act = activation(config.activation_function);
  const norm = call(
    'layer_norm',
    [],
    config.layer_norm_epsilon === 1e-5 ? [] : [['eps', float(config.layer_norm_epsilon)]],
  );
  const attention: Argument[] = [
    ['heads', config.n_head],
    ['bias', true],
  ];
  const ffn: Argument[] = [
    ['act', act],
    ['bias', true],
  ];
  const hidden = config.n_inner ?? 4 * config.n_embd;
  return decoderText({
    comment: [
      'A model of the GPT-2 family, imported from a Hugging Face checkpoint.',
      'Change it and compile it again: weights are found by their path names and must keep their shapes.',
    ],
    name,
    blocks: [
      {
        name: 'decoder',
        doc: 'Attention and a feed-forward network with biases, each behind a layer_norm.',
        attention: call('attention', [], attention),
        other: ['f', call('ffn', [hidden === 4 * config.n_embd ? '4 * d' : hidden], ffn)],
        stage: 'blocks',
        count: config.n_layer,
      },
    ],
    norm,
    d: config.n_embd,
    vocab: config.vocab_size,
    context: config.n_positions,
    positions: ['learned_positions'],
    unembed: config.tie_word_embeddings ? 'unembed(tied: true)' : 'unembed',
    uses: ['ffn', act, 'layer_norm', 'learned_positions'],
  });
}

function listWeights(config: Config, prefix: string): WeightOrigin[] {
  const { n_embd: d, vocab_size: vocab } = config;
  const hidden = config.n_inner ?? 4 * d;
  const norm = (ours: string, theirs: string) => [
    same(`${ours}.scale`, `${prefix}${theirs}.weight`, [d]),
    same(`${ours}.b`, `${prefix}${theirs}.bias`, [d]),
  ];
  const linear = (ours: string, theirs: string, rows: number, columns: number) => [
    same(`${ours}.w`, `${prefix}${theirs}.weight`, [rows, columns]),
    same(`${ours}.b`, `${prefix}${theirs}.bias`, [columns]),
  ];
  const third = (ours: string, theirs: string, index: number): WeightOrigin[] => {
    const layout = { kind: 'columns', start: index * d } as const;
    const from = (part: string) => [`${prefix}${theirs}.${part}`];
    return [
      { name: `${ours}.w`, shape: [d, d], from: from('weight'), stored: [d, 3 * d], layout },
      { name: `${ours}.b`, shape: [d], from: from('bias'), stored: [3 * d], layout },
    ];
  };

  const weights = [
    same('embed.table', `${prefix}wte.weight`, [vocab, d]),
    same('learned_positions.table', `${prefix}wpe.weight`, [config.n_positions, d]),
    ...norm('layer_norm', 'ln_f'),
  ];
  if (!config.tie_word_embeddings)
    weights.push(transposed('unembed.w', 'lm_head.weight', [d, vocab]));
  for (let i = 0; i < config.n_layer; i++) {
    const [ours, theirs] = [`blocks.${i}`, `h.${i}`];
    weights.push(
      ...norm(`${ours}.a_norm`, `${theirs}.ln_1`),
      ...['q', 'k', 'v'].flatMap((part, index) =>
        third(`${ours}.a.w${part}`, `${theirs}.attn.c_attn`, index),
      ),
      ...linear(`${ours}.a.wo`, `${theirs}.attn.c_proj`, d, d),
      ...norm(`${ours}.f_norm`, `${theirs}.ln_2`),
      ...linear(`${ours}.f.up`, `${theirs}.mlp.c_fc`, d, hidden),
      ...linear(`${ours}.f.down`, `${theirs}.mlp.c_proj`, hidden, d),
    );
  }
  return weights;
}
