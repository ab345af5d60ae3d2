// What is measured: shapes, arrays from seeds, and how much arithmetic each workload is. Every engine gets the same arrays.
// Linear layers are x[T, in] @ W[in, out] without biases; norms are layer norms (eps 1e-5); gelu is tanh's.
import { seeded } from './arrays.mjs';

const LAYER = { T: 256, d: 512, ff: 2048, heads: 8 };
const MIXTURE = { kind: 'mixture', T: 1024, d: 512, ff: 1024, chosen: 2 };

export const WORKLOADS = {
  W1a: {
    kind: 'matmul',
    title: 'matmul 768 x 768 x 768',
    M: 768,
    K: 768,
    N: 768,
    file: 'matmul.bform:square',
  },
  W1b: {
    kind: 'matmul',
    title: 'matmul 256 x 1024 x 4096',
    M: 256,
    K: 1024,
    N: 4096,
    file: 'matmul.bform:wide',
  },
  W2: {
    kind: 'ffn',
    title: 'FFN sub-layer, 256 tokens, 512 -> 2048',
    ...LAYER,
    file: 'decoder.bform:ffn_alone',
  },
  W3: {
    kind: 'attention',
    title: 'causal attention sub-layer, 256 tokens',
    ...LAYER,
    file: 'decoder.bform:attention_alone',
  },
  W3long: {
    kind: 'attention',
    title: 'causal attention sub-layer, 2,048 tokens',
    ...LAYER,
    T: 2048,
    file: 'decoder.bform:attention_alone',
  },
  W4a: {
    kind: 'stack',
    title: 'decoder block, 256 tokens',
    blocks: 1,
    ...LAYER,
    file: 'decoder.bform:stack',
  },
  W4b: {
    kind: 'stack',
    title: 'stack of 4 decoder blocks, 256 tokens',
    blocks: 4,
    ...LAYER,
    file: 'decoder.bform:stack',
  },
  M8: {
    title: 'MoE sub-layer, 1,024 tokens, 2 of 8 experts',
    experts: 8,
    ...MIXTURE,
    file: 'mixture.bform',
  },
  M64: {
    title: 'MoE sub-layer, 1,024 tokens, 2 of 64 experts',
    experts: 64,
    ...MIXTURE,
    file: 'mixture.bform',
  },
  E1: { kind: 'chain', title: 'element-wise chain, 32 MiB', T: 8192, d: 1024, file: 'chain.bform' },
};

/** Shapes of a block's weights by short names; of the parts that the workload has. */
export function weightShapes({ kind, d, ff, experts }) {
  const attention = { g1: [d], b1: [d], wq: [d, d], wk: [d, d], wv: [d, d], wo: [d, d] };
  const ffn = { g2: [d], b2: [d], w1: [d, ff], w2: [ff, d] };
  if (kind === 'attention') return attention;
  if (kind === 'ffn') return ffn;
  if (kind === 'stack') return { ...attention, ...ffn };
  if (kind === 'mixture')
    return { g: [d], b: [d], router: [d, experts], w1: [experts, d, ff], w2: [experts, ff, d] };
  return {};
}

/** `{ a, b }` of a product, else `{ x, blocks }` with the weights of each block. */
export function inputsOf(workload) {
  const { kind, M, K, N, T, d, blocks = 1 } = workload;
  if (kind === 'matmul') return { a: seeded(1, M * K), b: seeded(2, K * N, { std: K ** -0.5 }) };
  return {
    x: seeded(3, T * d),
    blocks: Array.from({ length: blocks }, (_, block) => blockWeights(workload, 100 * (block + 1))),
  };
}

function blockWeights(workload, seed) {
  return Object.fromEntries(
    Object.entries(weightShapes(workload)).map(([name, shape], index) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const norm = { std: 0.1, mean: name.startsWith('g') ? 1 : 0 };
      const matrix = { std: shape.at(-2) ** -0.5 };
      return [name, seeded(seed + index, length, shape.length === 1 ? norm : matrix)];
    }),
  );
}

/** The shape of the result. */
export const resultShape = ({ kind, M, N, T, d }) => (kind === 'matmul' ? [M, N] : [T, d]);

/** FLOPs of products and attention, two a multiply-add; of attention the pairs that the mask keeps. */
export function flopsOf({ kind, M, K, N, T, d, ff, blocks = 1, chosen, experts }) {
  const attention = 2 * (4 * T * d * d + T * (T + 1) * d);
  const ffn = 2 * 2 * T * d * ff;
  switch (kind) {
    case 'matmul':
      return 2 * M * K * N;
    case 'ffn':
      return ffn;
    case 'attention':
      return attention;
    case 'stack':
      return blocks * (attention + ffn);
    case 'mixture':
      return chosen * ffn + 2 * T * d * experts;
    default:
      return 0;
  }
}
