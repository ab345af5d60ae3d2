// The forward passes of Mixtral and DeepSeekMoE in float64, as published (arXiv 2401.04088, 2401.06066), straight from the
// tensors of a Hugging Face checkpoint, as plain loops over one row of tokens. Shares nothing with the compiler.
import type { Config, Tensors } from './hf-folders.ts';

type Vector = readonly number[];

/** Logits [tokens, vocab]. */
export function mixtureLogits(
  config: Config,
  tensors: Tensors,
  tokens: readonly number[],
): number[][] {
  const number = (key: string) => config[key] as number;
  const [heads, keyHeads] = [number('num_attention_heads'), number('num_key_value_heads')];
  const width = number('hidden_size') / heads;
  const isMixtral = config.model_type === 'mixtral';

  /** A linear map saved as [out, in]. */
  const linear = (x: Vector, name: string): number[] => {
    const { data, shape } = tensors.get(`${name}.weight`)!;
    const [out, inner] = shape as [number, number];
    return Array.from({ length: out }, (_, o) => {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += data[o * inner + i]! * x[i]!;
      return sum;
    });
  };
  const norm = (x: Vector, name: string): number[] => {
    const square = x.reduce((sum, v) => sum + v * v, 0) / x.length;
    const scale = tensors.get(`${name}.weight`)!.data;
    return x.map((v, i) => (v / Math.sqrt(square + number('rms_norm_eps'))) * scale[i]!);
  };
  const swiglu = (x: Vector, [gate, up, down]: readonly [string, string, string]): number[] => {
    const raised = linear(x, up);
    const hidden = linear(x, gate).map((v, i) => (v / (1 + Math.exp(-v))) * raised[i]!);
    return linear(hidden, down);
  };
  /** Pairs (i, i + half) of a head are turned by position * theta^(-2 i / width). */
  const turned = (head: Vector, position: number): number[] => {
    const half = width / 2;
    return head.map((v, i) => {
      const angle = position * number('rope_theta') ** ((-2 * (i % half)) / width);
      const other = i < half ? -head[i + half]! : head[i - half]!;
      return v * Math.cos(angle) + other * Math.sin(angle);
    });
  };

  function attention(x: readonly Vector[], at: string): number[][] {
    const split = (row: Vector, count: number) =>
      Array.from({ length: count }, (_, h) => row.slice(h * width, (h + 1) * width));
    const queries = x.map((row, t) =>
      split(linear(row, `${at}.q_proj`), heads).map((q) => turned(q, t)),
    );
    const keys = x.map((row, t) =>
      split(linear(row, `${at}.k_proj`), keyHeads).map((k) => turned(k, t)),
    );
    const values = x.map((row) => split(linear(row, `${at}.v_proj`), keyHeads));
    return x.map((_, t) => {
      const mixed = queries[t]!.flatMap((q, h) => {
        const shared = Math.floor(h / (heads / keyHeads));
        const weights = softmax(
          keys.slice(0, t + 1).map((k) => dot(q, k[shared]!) / Math.sqrt(width)),
        );
        return Array.from({ length: width }, (_, c) =>
          weights.reduce((sum, weight, s) => sum + weight * values[s]![shared]![c]!, 0),
        );
      });
      return linear(mixed, `${at}.o_proj`);
    });
  }

  /** The k best experts' results, each by its weight. */
  function mixture(x: Vector, at: string, parts: readonly [string, string, string]): number[] {
    const logits = linear(x, `${at}.gate`);
    const chosen = logits
      .map((_, expert) => expert)
      .sort((a, b) => logits[b]! - logits[a]!)
      .slice(0, number('num_experts_per_tok'));
    const all = softmax(logits);
    const picked = isMixtral ? softmax(chosen.map((e) => logits[e]!)) : chosen.map((e) => all[e]!);
    const total = config.norm_topk_prob ? picked.reduce((a, b) => a + b, 0) : 1;
    let sum: number[] = x.map(() => 0);
    chosen.forEach((expert, i) => {
      const [gate, up, down] = parts.map((part) => `${at}.experts.${expert}.${part}`);
      const result = swiglu(x, [gate!, up!, down!]);
      sum = plus(
        sum,
        result.map((v) => (v * picked[i]!) / total),
      );
    });
    return sum;
  }

  function feedForward(x: Vector, layer: number): number[] {
    const at = `model.layers.${layer}`;
    if (isMixtral) return mixture(x, `${at}.block_sparse_moe`, ['w1', 'w3', 'w2']);
    const named = (of: string): [string, string, string] => [
      `${of}.gate_proj`,
      `${of}.up_proj`,
      `${of}.down_proj`,
    ];
    if (layer < number('first_k_dense_replace')) return swiglu(x, named(`${at}.mlp`));
    const routed = mixture(x, `${at}.mlp`, ['gate_proj', 'up_proj', 'down_proj']);
    return config.n_shared_experts
      ? plus(routed, swiglu(x, named(`${at}.mlp.shared_experts`)))
      : routed;
  }

  const { data: table } = tensors.get('model.embed_tokens.weight')!;
  const d = number('hidden_size');
  let x: number[][] = tokens.map((id) => Array.from(table.subarray(id * d, (id + 1) * d)));
  for (let layer = 0; layer < number('num_hidden_layers'); layer++) {
    const at = `model.layers.${layer}`;
    const mixed = attention(
      x.map((row) => norm(row, `${at}.input_layernorm`)),
      `${at}.self_attn`,
    );
    x = x.map((row, t) => plus(row, mixed[t]!));
    x = x.map((row) => plus(row, feedForward(norm(row, `${at}.post_attention_layernorm`), layer)));
  }
  return x.map((row) => linear(norm(row, 'model.norm'), 'lm_head'));
}

function softmax(x: Vector): number[] {
  const most = Math.max(...x);
  const powers = x.map((v) => Math.exp(v - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / total);
}

const dot = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const plus = (a: Vector, b: Vector): number[] => a.map((v, i) => v + b[i]!);
