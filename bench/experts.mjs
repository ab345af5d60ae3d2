// How long a layer of experts takes with 8 of them and with 64, two for each token, none dropped: taking turns in one
// process on one device, medians. What a token costs should not depend on how many experts there are.
// Needs `npm run build`.
//
//   node bench/experts.mjs [repeats] [tokens]
import { buildManifest } from '../dist/compiler/bundle/build-manifest.js';
import { buildGraph } from '../dist/compiler/graph/builder.js';
import { runPasses } from '../dist/compiler/graph/passes/run-passes.js';
import { schedule } from '../dist/compiler/schedule/schedule-graph.js';
import { constant, mul, symbol } from '../dist/compiler/shapes/dim.js';
import { emitKernels } from '../dist/compiler/wgsl/emit-kernels.js';
import { openDevice, openSession } from '../dist/runtime/index.js';
import { randomStream } from '../dist/runtime/random.js';

const REPEATS = Number(process.argv[2] ?? 15);
const TOKENS = Number(process.argv[3] ?? 1024);
const EXPERTS = [8, 64];
const [WIDTH, HIDDEN, CHOSEN] = [512, 1024, 2];

/** x [t, d] through a router and experts with gate, up and down; each token's results weighed and added up. */
const layer = (experts) =>
  buildGraph(`${experts} experts`, { t: {} }, (g) => {
    const x = g.input('x', ['t', WIDTH]);
    const logits = g.dot('t d, d e -> t e', x, g.weight('router', [WIDTH, experts]));
    const places = g.topK(logits, CHOSEN);
    const chosen = g.gather(logits, g.like(g.iota('t'), places, [0]), places);
    const power = g.unary('exp', chosen);
    const gates = g.div(power, g.like(g.reduce('sum', power, [1]), power, [0]));

    const count = mul(symbol('t'), constant(CHOSEN));
    const sorted = (gives) => g.group(gives, g.reshape(places, [count]), experts);
    const starts = sorted('starts');
    const rows = g.gather(x, g.div(sorted('order'), CHOSEN));
    const times = (name, left, from, to) =>
      g.raggedDot('r d, e d h -> r h', left, g.weight(name, [experts, from, to]), starts);
    const [gate, up] = ['gate', 'up'].map((name) => times(name, rows, WIDTH, HIDDEN));
    const hidden = g.mul(g.mul(gate, g.unary('sigmoid', gate)), up);
    const down = times('down', hidden, HIDDEN, WIDTH);
    const back = g.reshape(g.gather(down, sorted('place')), ['t', CHOSEN, WIDTH]);
    return { y: g.reduce('sum', g.mul(back, g.like(gates, back, [0, 1])), [1]) };
  });

async function open(device, experts) {
  const graph = runPasses(layer(experts));
  const scheduled = schedule(graph);
  const emitted = { graph, schedule: scheduled, ...emitKernels(scheduled) };
  const weights = graph.weights.map(({ name, shape }) => {
    const random = randomStream(1, name);
    const length = shape.reduce((a, b) => a * b);
    return [name, Float32Array.from({ length }, () => 0.1 * (random.uniform() - 0.5))];
  });
  return openSession(
    device,
    { ...(await buildManifest(emitted)), files: {} },
    {
      kernels: new Map(emitted.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text])),
      weights: new Map(weights),
    },
  );
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const device = await openDevice();
const random = randomStream(1, 'x');
const data = Float32Array.from({ length: TOKENS * WIDTH }, () => random.uniform() - 0.5);
const timed = async (session) => {
  const start = performance.now();
  await session.run({ x: { data, shape: [TOKENS, WIDTH] } });
  return performance.now() - start;
};
const sessions = [];
for (const experts of EXPERTS) sessions.push(await open(device, experts));
for (const session of sessions) await timed(session);
const runs = EXPERTS.map(() => []);
for (let i = 0; i < REPEATS; i++)
  for (const [at, session] of sessions.entries()) runs[at].push(await timed(session));
const medians = runs.map(median);
for (const [at, experts] of EXPERTS.entries()) {
  const { weights, activations } = sessions[at].memory;
  const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  console.log(
    `${String(experts).padStart(3)} experts: ${medians[at].toFixed(1)} ms (median of ${REPEATS}, ${TOKENS} tokens), ` +
      `weights ${megabytes(weights)}, activations ${megabytes(activations)}`,
  );
}
console.log(`ratio ${(medians[1] / medians[0]).toFixed(2)}`);
for (const session of sessions) session.dispose();
device.destroy();
