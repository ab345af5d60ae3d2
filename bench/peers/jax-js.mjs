// jax-js (JAX in JavaScript) on its WebGPU backend, with Dawn. Every use of one of its arrays takes a reference; `.ref`
// makes one more.
import { countsOfRun, installWebGPU } from '../dawn.mjs';
import { serve } from '../serve.mjs';
import { weightShapes } from '../workloads.mjs';
import { groupByExpert } from './group-by-expert.mjs';
import './iterator-helpers.mjs';

const { counts } = await installWebGPU();
const jax = await import('@jax-js/jax');
await jax.init('webgpu');
jax.defaultDevice('webgpu');
const { numpy: np, nn, jit, tree } = jax;

const array = (values, shape, options) => np.array(values, options).reshape(shape);

async function ready(values) {
  await jax.blockUntilReady(values);
  await jax.getWebGPUDevice().queue.onSubmittedWorkDone();
}

const norm = (x, scale, shift) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale).add(shift);

function attention(x, p, { T, d, heads }) {
  const normed = norm(x.ref, p.g1, p.b1);
  const split = (rows, weight) => np.matmul(rows, weight).reshape([T, heads, d / heads]);
  const mixed = nn.dotProductAttention(
    split(normed.ref, p.wq),
    split(normed.ref, p.wk),
    split(normed, p.wv),
    { isCausal: true },
  );
  return x.add(np.matmul(mixed.reshape([T, d]), p.wo));
}

const ffn = (x, p) => x.ref.add(np.matmul(nn.gelu(np.matmul(norm(x, p.g2, p.b2), p.w1)), p.w2));

async function upload(weights, workload) {
  const shapes = weightShapes(workload);
  const arrays = Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, array(values, shapes[name])]),
  );
  await jax.blockUntilReady(arrays);
  return arrays;
}

/** `step` gives the result's array, or the promise of it. */
function engine(step) {
  let y;
  const run = async () => {
    const next = await step();
    y?.dispose();
    y = next;
    await ready(y);
  };
  return { run, read: () => y.ref.data(), facts: () => countsOfRun(counts, run) };
}

function compiled(f, args) {
  const step = jit(f);
  return engine(() => step(...tree.ref(args)));
}

/**
 * Scores go to the host, which groups tokens. Shapes are part of jax-js's kernels, so every expert gets the same number of
 * rows, as many as the fullest one needs; rows beyond its own are computed and dropped.
 */
function mixture(x, p, { T, d, experts, chosen }) {
  const begin = jit((x, p) => {
    const normed = norm(x, p.g, p.b);
    return [normed.ref, np.matmul(normed, p.router)];
  });
  const end = jit((x, normed, w1, w2, rows, places, gates) => {
    const capacity = rows.shape[1];
    const given = np.take(normed, rows.reshape([experts * capacity]), 0);
    const hidden = nn.gelu(np.matmul(given.reshape([experts, capacity, d]), w1));
    const all = np.matmul(hidden, w2).reshape([experts * capacity, d]);
    const back = np.take(all, places, 0).reshape([chosen, T, d]);
    return x.add(back.mul(gates).sum(0));
  });
  return engine(async () => {
    const [normed, scores] = begin(x.ref, tree.ref({ g: p.g, b: p.b, router: p.router }));
    const { rows, starts, places, gates } = groupByExpert(await scores.data(), T, experts, chosen);
    const most = Math.max(...starts.subarray(1).map((end, e) => end - starts[e]));
    const capacity = 8 * Math.ceil(most / 8);
    const padded = new Int32Array(experts * capacity);
    const moved = new Int32Array(rows.length);
    for (let e = 0; e < experts; e++)
      for (let at = starts[e]; at < starts[e + 1]; at++) {
        moved[at] = e * capacity + at - starts[e];
        padded[moved[at]] = rows[at];
      }
    const index = (values, shape) => array(Int32Array.from(values), shape, { dtype: np.int32 });
    return end(
      x.ref,
      normed,
      p.w1.ref,
      p.w2.ref,
      index(padded, [experts, capacity]),
      index(
        places.flatMap((of) => Array.from(of, (place) => moved[place])),
        [chosen * T],
      ),
      array(Float32Array.from(gates.flatMap((of) => [...of])), [chosen, T, 1]),
    );
  });
}

await serve(async (workload, inputs) => {
  const { kind, T, d, M, K, N } = workload;
  if (kind === 'matmul') {
    const [a, b] = [array(inputs.a, [M, K]), array(inputs.b, [K, N])];
    await ready([a, b]);
    return compiled((a, b) => np.matmul(a, b), [a, b]);
  }
  const x = array(inputs.x, [T, d]);
  await ready(x);
  if (kind === 'chain')
    return compiled(
      (x) => {
        const y = x.ref.mul(nn.sigmoid(x.ref)).mul(0.5).add(x);
        return np.maximum(y.ref, y.mul(0.1)).sub(0.25);
      },
      [x],
    );
  const blocks = [];
  for (const weights of inputs.blocks) blocks.push(await upload(weights, workload));
  if (kind === 'mixture') return mixture(x, blocks[0], workload);
  const step = (x, blocks) =>
    blocks.reduce((stream, p) => {
      const mixed = p.wq ? attention(stream, p, workload) : stream;
      return p.w1 ? ffn(mixed, p) : mixed;
    }, x);
  return compiled(step, [x, blocks]);
});
