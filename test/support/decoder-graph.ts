// Graphs of GPT-2- and LLaMA-like decoders, written by hand from core operations, with the same facts as the
// blocks of the standard library. For tests of stages that see only graphs.
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';

export interface DecoderShape {
  readonly vocab: number;
  readonly context: number;
  readonly layers: number;
  readonly d: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly hidden: number;
  /** Keys that a query sees, itself included; all earlier ones by default. */
  readonly window?: number;
}

/** Pre-norm LLaMA: RMSNorm, grouped-query causal attention without positions, SwiGLU, tied output. */
export function llamaGraph(shape: DecoderShape): Graph {
  const { vocab, context, layers, d, hidden } = shape;
  return buildGraph('llama', { b: {}, t: { max: context } }, (g) => {
    const tokens = g.input('tokens', ['b', 't'], 'i32', [0, vocab - 1]);
    const table = g.weight('embed.table', [vocab, d], { embedding: true });
    const x = g.at('embed', 'embed', () => g.gather(table, tokens));
    const y = g.repeat(layers, x, (x) => {
      const a = g.add(x, attention(g, rmsNorm(g, x, 'blocks.{0}.a_norm'), shape));
      return g.add(a, swiglu(g, rmsNorm(g, a, 'blocks.{0}.f_norm'), hidden));
    });
    const normed = rmsNorm(g, y, 'rms_norm');
    return {
      logits: g.at('unembed', 'unembed', () => g.dot('b t d, v d -> b t v', normed, table)),
    };
  });
}

function rmsNorm(g: GraphBuilder, x: Value, path: string): Value {
  return g.at(path, 'rms_norm', () => {
    const d = x.type.shape[2]!;
    const squares = g.reduce('sum', g.mul(x, x), [2]);
    const mean = g.div(squares, g.like(g.cast('f32', g.size(d)), squares));
    const scale = g.weight(`${path}.scale`, [Number(d.text)], { init: { kind: 'ones' } });
    const normed = g.mul(x, g.like(g.unary('rsqrt', g.add(mean, 1e-5)), x, [0, 1]));
    return g.mul(normed, g.like(scale, x));
  });
}

function linear(g: GraphBuilder, x: Value, out: number, path: string): Value {
  return g.at(path, 'linear', () => {
    const w = g.weight(`${path}.w`, [Number(x.type.shape[2]!.text), out]);
    return g.dot('b t d, d h -> b t h', x, w);
  });
}

function attention(g: GraphBuilder, x: Value, shape: DecoderShape): Value {
  const path = 'blocks.{0}.a';
  const { d, heads, kvHeads, window } = shape;
  const k = d / heads;
  const split = (y: Value, count: number) =>
    g.transpose(g.reshape(y, ['b', 't', count, k]), [0, 2, 1, 3]);
  const [q, key, value] = [
    linear(g, x, d, `${path}.wq`),
    linear(g, x, kvHeads * k, `${path}.wk`),
    linear(g, x, kvHeads * k, `${path}.wv`),
  ];
  const mixed = g.at(path, 'attention', () => {
    const y = g.attend(split(q, heads), split(key, kvHeads), split(value, kvHeads), {
      scale: 1 / Math.sqrt(k),
      mask: (_b, _h, i, j) => {
        const causal = g.binary('le', j, i);
        if (window === undefined) return causal;
        return g.binary('and', causal, g.binary('lt', g.sub(i, j), window));
      },
    });
    return g.reshape(g.transpose(y, [0, 2, 1, 3]), ['b', 't', d]);
  });
  return linear(g, mixed, d, `${path}.wo`);
}

function swiglu(g: GraphBuilder, x: Value, hidden: number): Value {
  const path = 'blocks.{0}.f';
  const gate = linear(g, x, hidden, `${path}.gate`);
  const up = linear(g, x, hidden, `${path}.up`);
  const gated = g.at(path, 'ffn', () => g.mul(g.mul(gate, g.unary('sigmoid', gate)), up));
  return linear(g, gated, Number(x.type.shape[2]!.text), `${path}.down`);
}
