// What every engine's results are held against: the workloads in float64, with plain loops.
import { kept } from './arrays.mjs';
import { inputsOf } from './workloads.mjs';

const EPS = 1e-5;

/** The result in float64, computed once on a machine; the name says what of the workload it depends on. */
export const referenceOf = (name, workload) => kept(name, () => evaluate(workload));

function evaluate(workload) {
  const inputs = inputsOf(workload);
  const { kind, M, K, N } = workload;
  if (kind === 'matmul') return matmul(wide(inputs.a), wide(inputs.b), M, K, N);
  let x = wide(inputs.x);
  if (kind === 'chain') return x.map(chain);
  for (const block of inputs.blocks) {
    const p = Object.fromEntries(
      Object.entries(block).map(([name, values]) => [name, wide(values)]),
    );
    if (kind === 'mixture') x = mixture(x, p, workload);
    if (p.wq) x = attention(x, p, workload);
    if (p.g2) x = ffn(x, p, workload);
  }
  return x;
}

const wide = (values) => Float64Array.from(values);

/** a[M, K] @ b[K, N] */
function matmul(a, b, M, K, N) {
  const c = new Float64Array(M * N);
  for (let i = 0; i < M; i++) {
    const row = c.subarray(i * N, (i + 1) * N);
    for (let k = 0; k < K; k++) {
      const value = a[i * K + k];
      const other = b.subarray(k * N, (k + 1) * N);
      for (let j = 0; j < N; j++) row[j] += value * other[j];
    }
  }
  return c;
}

function norm(x, scale, shift, d) {
  const y = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += d) {
    const row = x.subarray(at, at + d);
    const mean = row.reduce((sum, value) => sum + value, 0) / d;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / d;
    const by = 1 / Math.sqrt(variance + EPS);
    for (let i = 0; i < d; i++) y[at + i] = (row[i] - mean) * by * scale[i] + shift[i];
  }
  return y;
}

const gelu = (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));

function chain(v) {
  const y = (v / (1 + Math.exp(-v))) * 0.5 + v;
  return Math.max(y, 0.1 * y) - 0.25;
}

function attention(x, p, { T, d, heads }) {
  const width = d / heads;
  const normed = norm(x, p.g1, p.b1, d);
  const [q, k, v] = [p.wq, p.wk, p.wv].map((weight) => matmul(normed, weight, T, d, d));
  const mixed = new Float64Array(T * d);
  const scores = new Float64Array(T);
  for (let head = 0; head < d; head += width)
    for (let i = 0; i < T; i++) {
      let most = -Infinity;
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let c = head; c < head + width; c++) dot += q[i * d + c] * k[j * d + c];
        scores[j] = dot / Math.sqrt(width);
        most = Math.max(most, scores[j]);
      }
      let total = 0;
      for (let j = 0; j <= i; j++) total += scores[j] = Math.exp(scores[j] - most);
      for (let j = 0; j <= i; j++)
        for (let c = head; c < head + width; c++)
          mixed[i * d + c] += (scores[j] / total) * v[j * d + c];
    }
  return matmul(mixed, p.wo, T, d, d).map((value, at) => x[at] + value);
}

function ffn(x, p, { T, d, ff }) {
  const hidden = matmul(norm(x, p.g2, p.b2, d), p.w1, T, d, ff).map(gelu);
  return matmul(hidden, p.w2, T, ff, d).map((value, at) => x[at] + value);
}

/** Each token's two best experts, weighed by a softmax over their two scores. */
function mixture(x, p, { T, d, ff, experts, chosen }) {
  const normed = norm(x, p.g, p.b, d);
  const scores = matmul(normed, p.router, T, d, experts);
  const y = Float64Array.from(x);
  for (let t = 0; t < T; t++) {
    const own = scores.subarray(t * experts, (t + 1) * experts);
    const best = Array.from(own.keys())
      .sort((a, b) => own[b] - own[a] || a - b)
      .slice(0, chosen);
    const powers = best.map((e) => Math.exp(own[e] - own[best[0]]));
    const total = powers.reduce((sum, power) => sum + power, 0);
    for (const [rank, e] of best.entries()) {
      const w1 = p.w1.subarray(e * d * ff, (e + 1) * d * ff);
      const w2 = p.w2.subarray(e * d * ff, (e + 1) * d * ff);
      const hidden = matmul(normed.subarray(t * d, (t + 1) * d), w1, 1, d, ff).map(gelu);
      const row = matmul(hidden, w2, 1, ff, d);
      for (let i = 0; i < d; i++) y[t * d + i] += (powers[rank] / total) * row[i];
    }
  }
  return y;
}
