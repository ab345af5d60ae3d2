// TensorFlow.js on its WebGPU backend, with Dawn.
import { countsOfRun, installWebGPU } from '../dawn.mjs';
import { serve } from '../serve.mjs';
import { weightShapes } from '../workloads.mjs';
import { groupByExpert } from './group-by-expert.mjs';

// Before the imports that follow: the backend registers itself only where it finds WebGPU.
const { counts } = await installWebGPU();
const tf = await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
await tf.setBackend('webgpu');
await tf.ready();
tf.enableProdMode();
const backend = tf.backend();

/** What the backend itself does before it reads back, without reading back. */
async function finished() {
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.device.queue.onSubmittedWorkDone();
}

function norm(x, scale, shift) {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(scale).add(shift);
}

const gelu = (x) =>
  x.mul(0.5).mul(
    x
      .add(x.mul(x).mul(x).mul(0.044715))
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  );

const causal = (T) =>
  tf.tensor2d(
    Float32Array.from({ length: T * T }, (_, at) => (at % T > Math.floor(at / T) ? -1e9 : 0)),
    [T, T],
  );

function attention(x, p, { T, d, heads }, mask) {
  const normed = norm(x, p.g1, p.b1);
  const split = (weight) =>
    tf
      .matMul(normed, weight)
      .reshape([T, heads, d / heads])
      .transpose([1, 0, 2]);
  const scores = tf
    .matMul(split(p.wq), split(p.wk), false, true)
    .mul((d / heads) ** -0.5)
    .add(mask);
  const mixed = tf.matMul(tf.softmax(scores), split(p.wv)).transpose([1, 0, 2]).reshape([T, d]);
  return x.add(tf.matMul(mixed, p.wo));
}

const ffn = (x, p) => x.add(tf.matMul(gelu(tf.matMul(norm(x, p.g2, p.b2), p.w1)), p.w2));

const upload = (weights, workload) => {
  const shapes = weightShapes(workload);
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, tf.tensor(values, shapes[name])]),
  );
};

/** `step` gives the result's tensor, or the promise of it. */
function engine(step) {
  let y;
  const run = async () => {
    const next = await step();
    y?.dispose();
    y = next;
    await finished();
  };
  return { run, read: () => y.data(), facts: () => countsOfRun(counts, run) };
}

/** Scores go to the host, which groups tokens; each expert then computes its own rows, however many they are. */
function mixture(x, p, workload) {
  const { T, experts, chosen } = workload;
  const part = (weights) => tf.unstack(weights);
  const [w1, w2] = [part(p.w1), part(p.w2)];
  return async () => {
    const [normed, scores] = tf.tidy(() => {
      const normed = norm(x, p.g, p.b);
      return [normed, tf.matMul(normed, p.router)];
    });
    const { rows, starts, places, gates } = groupByExpert(await scores.data(), T, experts, chosen);
    const y = tf.tidy(() => {
      const outputs = [];
      for (let e = 0; e < experts; e++) {
        if (starts[e] === starts[e + 1]) continue;
        const own = tf.tensor1d(rows.subarray(starts[e], starts[e + 1]), 'int32');
        outputs.push(tf.matMul(gelu(tf.matMul(tf.gather(normed, own), w1[e])), w2[e]));
      }
      const all = tf.concat(outputs);
      return gates.reduce((sum, gate, rank) => {
        const back = tf.gather(all, tf.tensor1d(places[rank], 'int32'));
        return sum.add(back.mul(tf.tensor2d(gate, [T, 1])));
      }, x);
    });
    tf.dispose([normed, scores]);
    return y;
  };
}

await serve((workload, inputs) => {
  const { kind, T, d, M, K, N } = workload;
  if (kind === 'matmul') {
    const [a, b] = [tf.tensor(inputs.a, [M, K]), tf.tensor(inputs.b, [K, N])];
    return engine(() => tf.matMul(a, b));
  }
  const x = tf.tensor(inputs.x, [T, d]);
  if (kind === 'chain')
    return engine(() =>
      tf.tidy(() => {
        const y = x.mul(x.sigmoid()).mul(0.5).add(x);
        return tf.maximum(y, y.mul(0.1)).sub(0.25);
      }),
    );
  const blocks = inputs.blocks.map((weights) => upload(weights, workload));
  if (kind === 'mixture') return engine(mixture(x, blocks[0], workload));
  const mask = kind === 'ffn' ? undefined : causal(T);
  return engine(() =>
    tf.tidy(() =>
      blocks.reduce((stream, p) => {
        const mixed = p.wq ? attention(stream, p, workload, mask) : stream;
        return p.w1 ? ffn(mixed, p) : mixed;
      }, x),
    ),
  );
});
