// GPT-2's forward pass in float64, straight from the tensors of a Hugging Face checkpoint, as plain loops over one row of
// tokens. Shares nothing with the compiler: what imports are held to.
import type { Config, Tensors } from './hf-folders.ts';

type Matrix = number[][];

/** Logits [tokens, vocab]. */
export function gpt2Logits(config: Config, tensors: Tensors, tokens: readonly number[]): Matrix {
  const [heads, layers] = [config.n_head as number, config.n_layer as number];
  const get = (name: string): Matrix => rows(tensors, `transformer.${name}`);
  const linear = (x: Matrix, name: string): Matrix => {
    const [weight, [bias]] = [get(`${name}.weight`), get(`${name}.bias`)];
    return x.map((row) =>
      bias!.map(
        (b, n) =>
          b +
          dot(
            row,
            weight.map((w) => w[n]!),
          ),
      ),
    );
  };
  const norm = (x: Matrix, name: string): Matrix => {
    const [[scale], [shift]] = [get(`${name}.weight`), get(`${name}.bias`)];
    return x.map((row) => {
      const mean = sum(row) / row.length;
      const variance = sum(row.map((v) => (v - mean) ** 2)) / row.length;
      return row.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * scale![i]! + shift![i]!);
    });
  };

  const [table, places] = [get('wte.weight'), get('wpe.weight')];
  let x = tokens.map((id, t) => table[id]!.map((v, i) => v + places[t]![i]!));
  for (let layer = 0; layer < layers; layer++) {
    const at = `h.${layer}`;
    const mixed = attention(linear(norm(x, `${at}.ln_1`), `${at}.attn.c_attn`), heads);
    x = plus(x, linear(mixed, `${at}.attn.c_proj`));
    const up = linear(norm(x, `${at}.ln_2`), `${at}.mlp.c_fc`);
    const act = up.map((row) => row.map(geluNew));
    x = plus(x, linear(act, `${at}.mlp.c_proj`));
  }
  return norm(x, 'ln_f').map((row) => table.map((vector) => dot(row, vector)));
}

/** Causal attention on queries, keys and values side by side. */
function attention(qkv: Matrix, heads: number): Matrix {
  const d = qkv[0]!.length / 3;
  const width = d / heads;
  return qkv.map((row, i) => {
    const mixed: number[] = [];
    for (let head = 0; head < heads; head++) {
      const part = (of: readonly number[], third: number) =>
        of.slice(third * d + head * width, third * d + (head + 1) * width);
      const seen = qkv.slice(0, i + 1);
      const scores = seen.map((other) => dot(part(row, 0), part(other, 1)) / Math.sqrt(width));
      const most = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - most));
      const total = sum(weights);
      for (let c = 0; c < width; c++)
        mixed.push(sum(seen.map((other, j) => (weights[j]! / total) * part(other, 2)[c]!)));
    }
    return mixed;
  });
}

const geluNew = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]): number =>
  sum(a.map((value, i) => value * b[i]!));
const plus = (a: Matrix, b: Matrix): Matrix =>
  a.map((row, t) => row.map((value, i) => value + b[t]![i]!));

function rows(tensors: Tensors, name: string): Matrix {
  const { data, shape } = tensors.get(name)!;
  const width = shape.at(-1)!;
  return Array.from({ length: data.length / width }, (_, r) =>
    Array.from(data.subarray(r * width, (r + 1) * width)),
  );
}
