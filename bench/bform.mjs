// bform itself as one of the engines: a workload's .bform file from its text to a session, timed as a user has it, with
// inputs and results in the caller's memory. Needs `npm run build`.
import { createRequire } from 'node:module';
import { profileReport } from '../dist/cli/profile/profile-report.js';
import { sizesOf } from '../dist/cli/report-model.js';
import { cost } from '../dist/compiler/compile.js';
import { openDevice, openSession } from '../dist/runtime/index.js';
import { weightPlaces } from '../dist/runtime/weights.js';
import { compiled } from './compiled.mjs';
import { countCalls, countsOfRun } from './dawn.mjs';
import { serve } from './serve.mjs';
import { resultShape } from './workloads.mjs';

/** The short names of weights (workloads.mjs) by how their paths end. */
const WEIGHTS = {
  'a_norm.scale': 'g1',
  'a_norm.b': 'b1',
  'a.wq.w': 'wq',
  'a.wk.w': 'wk',
  'a.wv.w': 'wv',
  'a.wo.w': 'wo',
  'f_norm.scale': 'g2',
  'f_norm.b': 'b2',
  'm_norm.scale': 'g',
  'm_norm.b': 'b',
  'router.w': 'router',
  'up.w': 'w1',
  'down.w': 'w2',
};

const set = ({ blocks, experts }) => ({
  ...(blocks && { depth: String(blocks) }),
  ...(experts && { experts: String(experts) }),
});

function weightsOf(manifest, { b, blocks }) {
  return new Map(
    Array.from(weightPlaces(manifest), ({ name }) => {
      if (!blocks) return [name, b];
      const block = blocks[Number(/^blocks\.(\d+)\./.exec(name)?.[1] ?? 0)];
      const ending = Object.keys(WEIGHTS).find((end) => name.endsWith(`.${end}`));
      return [name, block[WEIGHTS[ending]]];
    }),
  );
}

export async function open(workload, inputs) {
  // The Dawn that the runtime uses, not the one beside the other engines.
  const { globals } = createRequire(new URL('../package.json', import.meta.url))('webgpu');
  const counts = countCalls(globals);
  const device = await openDevice();
  const { compilation, manifest, kernels } = await compiled(device, workload.file, set(workload));
  const session = await openSession(device, manifest, {
    kernels,
    weights: weightsOf(manifest, inputs),
  });
  const given = { x: inputOf(workload, inputs, manifest) };
  let output;
  const run = async () => {
    output = (await session.run(given)).y.data;
  };
  return {
    session,
    given,
    compilation,
    run,
    read: () => output,
    facts: async () => ({
      ...(await countsOfRun(counts, run)),
      pipelines: counts.pipelines,
      activationBytes: session.memory.activations,
      ...(await timesOnDevice(session, given, compilation, resultShape(workload)[0])),
    }),
  };
}

/** Of a run and of each of its kernels, the longest first. */
async function timesOnDevice(session, given, compilation, seq) {
  const profile = await session.profile(given, { repeats: 5 });
  const costs = cost(compilation, sizesOf(compilation.graph, { batch: 1, seq }));
  const { run, kernels } = profileReport(costs, profile);
  return {
    deviceMs: run.deviceMs,
    kernels: kernels
      .map(({ label, ms, flops, bytes }) => ({ label, ms, flops, bytes }))
      .sort((a, b) => b.ms - a.ms),
  };
}

/** The result's rows and the input's are the same; a batch of one where the model has a batch. */
function inputOf(workload, { a, x }, manifest) {
  const data = a ?? x;
  const rows = resultShape(workload)[0];
  const batch = manifest.inputs[0].shape.length === 3 ? [1] : [];
  return { data, shape: [...batch, rows, data.length / rows] };
}

if (process.argv[2]) await serve(open);
