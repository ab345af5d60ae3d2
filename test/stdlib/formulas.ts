// The standard library's layers a second time, by hand: plain functions over nested arrays, one vector or one head at a
// time, written from the papers and not from stdlib/. What test/stdlib compares the float64 reference with.

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

const sum = (x: Vector): number => x.reduce((a, b) => a + b, 0);
export const dot = (x: Vector, y: Vector): number => sum(x.map((v, i) => v * y[i]!));

/** erf by its Taylor series; exact to about 1e-15 for |x| < 3, which is all the tests ask for. */
export function erf(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));

/** Every activation of stdlib/activations.bform, by name. */
export const activations: Readonly<Record<string, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  squared_relu: (x) => (x > 0 ? x * x : 0),
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  softplus,
  gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  gelu_tanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  quick_gelu: (x) => x * sigmoid(1.702 * x),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
};

export function layerNorm(x: Vector, scale: Vector, bias: Vector | undefined, eps: number): Vector {
  const mean = sum(x) / x.length;
  const variance = sum(x.map((v) => (v - mean) ** 2)) / x.length;
  return x.map((v, i) => ((v - mean) / Math.sqrt(variance + eps)) * scale[i]! + (bias?.[i] ?? 0));
}

export function rmsNorm(x: Vector, scale: Vector, eps: number): Vector {
  const rms = Math.sqrt(sum(x.map((v) => v * v)) / x.length + eps);
  return x.map((v, i) => (v / rms) * scale[i]!);
}

/** x w + b for one vector, `w` as `[in][out]`. */
export function linear(x: Vector, w: Matrix, b?: Vector): Vector {
  return w[0]!.map((_, out) => sum(x.map((v, i) => v * w[i]![out]!)) + (b?.[out] ?? 0));
}

/** Every channel on its own: `taps[i]` times the vector `i` positions before, nothing before the first. */
export function convolution(rows: Matrix, taps: Matrix): Matrix {
  return rows.map((row, t) =>
    row.map((_, c) => sum(taps.map((tap, i) => (t < i ? 0 : tap[c]! * rows[t - i]![c]!)))),
  );
}

/** Channel `c` of the sinusoidal vector of position `p`. */
export function sinusoid(p: number, c: number, d: number, theta = 10000): number {
  const pair = Math.floor(c / 2);
  const angle = p / theta ** ((2 * pair) / d);
  return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

/** The vector of position `p` turned as complex numbers x[first] + i x[second]. */
export function rope(
  x: Vector,
  p: number,
  layout: 'half_split' | 'interleaved',
  theta = 10000,
): Vector {
  const half = x.length / 2;
  const out = [...x];
  for (let pair = 0; pair < half; pair++) {
    const [first, second] =
      layout === 'half_split' ? [pair, pair + half] : [2 * pair, 2 * pair + 1];
    const angle = p * theta ** (-pair / half);
    out[first] = x[first]! * Math.cos(angle) - x[second]! * Math.sin(angle);
    out[second] = x[first]! * Math.sin(angle) + x[second]! * Math.cos(angle);
  }
  return out;
}

/** Bucket of `key - query`, as in the T5 paper's published program. */
export function t5Bucket(
  relative: number,
  bidirectional: boolean,
  buckets = 32,
  maxDistance = 128,
): number {
  let result = 0;
  let n = -relative;
  let count = buckets;
  if (bidirectional) {
    count = Math.floor(count / 2);
    if (n < 0) result += count;
    n = Math.abs(n);
  } else {
    n = Math.max(n, 0);
  }
  const exact = Math.floor(count / 2);
  if (n < exact) return result + n;
  const scaled = (Math.log(n / exact) / Math.log(maxDistance / exact)) * (count - exact);
  return result + Math.min(exact + Math.trunc(scaled), count - 1);
}

/** ALiBi's slopes for any number of heads, as in the paper's published program. */
export function alibiSlopes(heads: number): Vector {
  const powerOfTwo = (n: number): number[] => {
    const start = 2 ** -(2 ** -(Math.log2(n) - 3));
    return Array.from({ length: n }, (_, i) => start * start ** i);
  };
  if (Number.isInteger(Math.log2(heads))) return powerOfTwo(heads);
  const closest = 2 ** Math.floor(Math.log2(heads));
  const rest = alibiSlopes(2 * closest).filter((_, i) => i % 2 === 0);
  return [...powerOfTwo(closest), ...rest.slice(0, heads - closest)];
}

export interface AttendOptions {
  readonly scale: number;
  readonly sees?: (i: number, j: number) => boolean;
  readonly score?: (s: number, i: number, j: number) => number;
}

/** One head of attention: `q` as `[t][k]`, `k` as `[s][k]`, `v` as `[s][n]`. */
export function attend(q: Matrix, k: Matrix, v: Matrix, options: AttendOptions): Matrix {
  return q.map((query, i) => {
    const seen = k.flatMap((_, j) => ((options.sees?.(i, j) ?? j <= i) ? [j] : []));
    const scores = seen.map((j) => {
      const s = options.scale * dot(query, k[j]!);
      return options.score?.(s, i, j) ?? s;
    });
    const top = Math.max(...scores);
    const powers = scores.map((s) => Math.exp(s - top));
    const total = sum(powers);
    return v[0]!.map((_, n) => sum(seen.map((j, at) => (powers[at]! / total) * v[j]![n]!)));
  });
}
