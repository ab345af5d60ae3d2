// Checkpoints of LLaMA's form whose feed-forward layers are mixtures of experts: Mixtral (MixtralForCausalLM) and
// DeepSeekMoE (DeepseekForCausalLM) as .bform models and the origins of their weights. Each expert is saved by itself, as
// linear maps [out, in]; ours are stacked along a first axis. Losses of training are not imported.
import { z } from 'zod';
import { readConfig } from './hf-config.ts';
import {
  ImportError,
  type ImportPlan,
  stacked,
  transposed,
  type WeightOrigin,
} from './import-plan.ts';
import {
  attentionText,
  attentionWeights,
  decoderSchema,
  ffnWeights,
  flag,
  gatedFfn,
  planDecoder,
  size,
} from './llama.ts';
import { type BlockText, call } from './model-text.ts';

const mixtralSchema = decoderSchema.extend({
  intermediate_size: size,
  num_local_experts: size.min(2, 'must be 2 or more'),
  num_experts_per_tok: size,
  sliding_window: size.optional(),
});

/** Weights by a softmax over the chosen scores, which is what a softmax over all becomes when it is renormalised. */
export function planMixtral(name: string, json: Readonly<Record<string, unknown>>): ImportPlan {
  const config = readConfig(json, mixtralSchema);
  const { num_local_experts: experts, num_experts_per_tok: k, intermediate_size: hidden } = config;
  checkChoice(k, experts);
  const blocks: BlockText = {
    name: 'decoder',
    doc: 'Rotary attention and a mixture of gated feed-forward networks, each behind an rms_norm.',
    attention: attentionText(config),
    other: ['g', moe('moe', [gatedFfn(hidden, config)], experts, k, 'chosen_softmax')],
    stage: 'blocks',
    count: config.num_hidden_layers,
  };
  const uses = ['gated_ffn', 'moe', 'top_k'];
  return planDecoder(name, 'Mixtral', config, [blocks], uses, (layer) => {
    const [ours, theirs] = [`blocks.${layer}`, `model.layers.${layer}`];
    const { hidden_size: d } = config;
    const saved = `${theirs}.block_sparse_moe`;
    return [
      ...attentionWeights(config, ours, theirs, 'g'),
      transposed(`${ours}.g.router.w`, `${saved}.gate.weight`, [d, experts]),
      ...expertWeights(`${ours}.g.expert`, saved, ['w1', 'w3', 'w2'], experts, [d, hidden]),
    ];
  });
}

const deepseekSchema = decoderSchema.extend({
  intermediate_size: size,
  moe_intermediate_size: size,
  n_routed_experts: size.min(2, 'must be 2 or more'),
  n_shared_experts: size.optional(),
  num_experts_per_tok: size,
  first_k_dense_replace: z.number('must be a whole number').int().min(0).default(0),
  moe_layer_freq: z.literal(1, 'must be 1').default(1),
  norm_topk_prob: flag.default(false),
  scoring_func: z.literal('softmax', 'must be "softmax"').default('softmax'),
});

/** Shared experts are saved as one network of their total width. The first layers have dense networks. */
export function planDeepseek(name: string, json: Readonly<Record<string, unknown>>): ImportPlan {
  const config = readConfig(json, deepseekSchema);
  const { n_routed_experts: experts, num_experts_per_tok: k, hidden_size: d } = config;
  const { moe_intermediate_size: hidden, n_shared_experts: shared = 0 } = config;
  const { first_k_dense_replace: dense, num_hidden_layers: layers } = config;
  checkChoice(k, experts);
  if (dense >= layers)
    throw new ImportError(
      `config.json has ${layers} layers, of which the first ${dense} are dense: none is a mixture.`,
    );
  const gates = config.norm_topk_prob && k > 1 ? 'renormalised' : 'raw';
  const expert = gatedFfn(hidden, config);
  const mixture =
    shared > 0
      ? moe('shared_moe', [gatedFfn(shared * hidden, config), expert], experts, k, gates)
      : moe('moe', [expert], experts, k, gates);
  const attention = attentionText(config);
  const first: BlockText = {
    name: 'dense_decoder',
    doc: 'Rotary attention and a gated feed-forward network, each behind an rms_norm.',
    attention,
    other: ['f', gatedFfn(config.intermediate_size, config)],
    stage: 'dense',
    count: dense,
  };
  const others: BlockText = {
    name: 'decoder',
    doc: `Rotary attention and a mixture of experts${shared > 0 ? ', some of them shared' : ''}, each behind an rms_norm.`,
    attention,
    other: ['g', mixture],
    stage: 'blocks',
    count: layers - dense,
  };
  const blocks = dense > 0 ? [first, others] : [others];
  const uses = ['gated_ffn', shared > 0 ? 'shared_moe' : 'moe', 'top_k'];
  return planDecoder(name, 'DeepSeekMoE', config, blocks, uses, (layer) => {
    const theirs = `model.layers.${layer}`;
    const saved = `${theirs}.mlp`;
    if (layer < dense) {
      const ours = `dense.${layer}`;
      return [
        ...attentionWeights(config, ours, theirs, 'f'),
        ...ffnWeights(config, config.intermediate_size, `${ours}.f`, saved),
      ];
    }
    const ours = `blocks.${layer - dense}`;
    const parts = ['gate_proj', 'up_proj', 'down_proj'] as const;
    return [
      ...attentionWeights(config, ours, theirs, 'g'),
      transposed(`${ours}.g.router.w`, `${saved}.gate.weight`, [d, experts]),
      ...expertWeights(`${ours}.g.expert`, saved, parts, experts, [d, hidden]),
      ...(shared > 0
        ? ffnWeights(config, shared * hidden, `${ours}.g.shared`, `${saved}.shared_experts`)
        : []),
    ];
  });
}

function checkChoice(k: number, experts: number): void {
  if (k <= experts) return;
  throw new ImportError(`config.json gives a token ${k} of ${experts} experts.`);
}

function moe(
  layer: 'moe' | 'shared_moe',
  networks: readonly string[],
  experts: number,
  k: number,
  gates: 'chosen_softmax' | 'renormalised' | 'raw',
): string {
  // `top_k` renormalises by default.
  const route = call('top_k', [k], gates === 'renormalised' ? [] : [['gates', gates]]);
  const named = [
    ['experts', experts],
    ['route', route],
  ] as const;
  return call(layer, networks, named);
}

/** `parts` are the checkpoint's names of gate, up and down. */
function expertWeights(
  ours: string,
  saved: string,
  [gate, up, down]: readonly [string, string, string],
  experts: number,
  [d, hidden]: readonly [number, number],
): WeightOrigin[] {
  const each = (part: string) =>
    Array.from({ length: experts }, (_, expert) => `${saved}.experts.${expert}.${part}.weight`);
  return [
    stacked(`${ours}.gate.w`, each(gate), [d, hidden]),
    stacked(`${ours}.up.w`, each(up), [d, hidden]),
    stacked(`${ours}.down.w`, each(down), [hidden, d]),
  ];
}
