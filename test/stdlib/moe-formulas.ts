// Mixtures of experts written out by hand, one token and one expert at a time: what the routers of the standard library
// are held to. Follows the papers' equations; knows nothing of groups or ragged products.
import { activations, dot, linear, type Matrix, type Vector } from './formulas.ts';

export const softmax = (x: Vector): Vector => {
  const most = Math.max(...x);
  const powers = x.map((v) => Math.exp(v - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};
export const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** The numbers of the `k` largest, the largest first, equal ones in order. */
export function largest(x: Vector, k: number): number[] {
  const order = x.map((_, i) => i).sort((a, b) => x[b]! - x[a]! || a - b);
  return order.slice(0, k);
}

/** The two matrices of an ungated expert, `w[expert]`. */
export interface Experts {
  readonly up: readonly Matrix[];
  readonly down: readonly Matrix[];
}

export const ffn = (x: Vector, { up, down }: Experts, expert: number): Vector =>
  linear(linear(x, up[expert]!).map(activations.gelu!), down[expert]!);

export interface TopKOptions {
  readonly k: number;
  readonly gates?: 'renormalised' | 'raw' | 'chosen_softmax';
  readonly affinity?: 'softmax' | 'sigmoid';
  readonly scale?: number;
  readonly bias?: Vector;
  /** The most tokens of an expert. */
  readonly capacity?: number;
}

/** Which experts each token passes, with their weights: in the order of its preference. */
export function topK(
  tokens: Matrix,
  router: Matrix,
  options: TopKOptions,
): { readonly expert: number; readonly weight: number }[][] {
  const { k, gates = 'renormalised', scale = 1, capacity = Number.POSITIVE_INFINITY } = options;
  const choices = tokens.map((token) => {
    const logits = linear(token, router);
    const affinities = options.affinity === 'sigmoid' ? logits.map(sigmoid) : softmax(logits);
    const chosen = largest(
      affinities.map((a, e) => a + (options.bias?.[e] ?? 0)),
      k,
    );
    const own = chosen.map((e) => affinities[e]!);
    const total = own.reduce((a, b) => a + b, 0);
    const weights = {
      renormalised: own.map((a) => a / total),
      raw: own,
      chosen_softmax: softmax(chosen.map((e) => logits[e]!)),
    }[gates];
    return chosen.map((expert, i) => ({ expert, weight: scale * weights[i]! }));
  });
  const load = new Map<number, number>();
  const kept = choices.map((): { expert: number; weight: number }[] => []);
  for (let choice = 0; choice < k; choice++) {
    choices.forEach((token, t) => {
      const { expert } = token[choice]!;
      const before = load.get(expert) ?? 0;
      load.set(expert, before + 1);
      if (before < capacity) kept[t]!.push(token[choice]!);
    });
  }
  return kept;
}

/** Each expert's `each` tokens of largest affinity, as the experts of each token. */
export function expertChoice(tokens: Matrix, router: Matrix, each: number) {
  const affinities = tokens.map((token) => softmax(linear(token, router)));
  const chosen = tokens.map((): { expert: number; weight: number }[] => []);
  for (let expert = 0; expert < router[0]!.length; expert++) {
    const column = affinities.map((row) => row[expert]!);
    for (const t of largest(column, each)) chosen[t]!.push({ expert, weight: column[t]! });
  }
  return chosen;
}

/** The sum of what a token's experts give, weighted. */
export function mixture(
  token: Vector,
  chosen: readonly { readonly expert: number; readonly weight: number }[],
  expert: (x: Vector, expert: number) => Vector,
): Vector {
  const parts = chosen.map(({ expert: e, weight }) => expert(token, e).map((v) => weight * v));
  return token.map((_, c) =>
    dot(
      parts.map((part) => part[c]!),
      parts.map(() => 1),
    ),
  );
}
