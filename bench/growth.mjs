// How a model's time grows with tokens, depth, experts and width, beside what its cost report and the adapter's measured
// roofline predict: a table, and a plot of each as docs/growth-*.svg, both axes logarithmic. Needs `npm run build`.
//
//   node bench/growth.mjs [--only tokens,depth] [--runs 5] [--no-plots]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sizesOf } from '../dist/cli/report-model.js';
import { writeFiles } from '../dist/cli/write-files.js';
import { cost } from '../dist/compiler/compile.js';
import { predictTimes } from '../dist/compiler/cost/predict-times.js';
import { rooflineOf } from '../dist/runtime/device-profile.js';
import { openDevice, openSession } from '../dist/runtime/index.js';
import { initializeWeights } from '../dist/runtime/initialize.js';
import { measureDevice } from '../dist/runtime/measure-device.js';
import { seeded } from './arrays.mjs';
import { median } from './compare.mjs';
import { compiled } from './compiled.mjs';
import { growthPlot } from './growth-plot.mjs';

/** Powers of two from one to the other. */
const doubled = (from, to) => {
  const values = [];
  for (let value = from; value <= to; value *= 2) values.push(value);
  return values;
};

/** Each grows one size of a small model; the width's heads stay 8. */
const SERIES = {
  tokens: {
    title: 'A decoder block 128 wide, by tokens',
    values: doubled(128, 8192),
    at: (t) => ({ place: 'decoder.bform:stack', args: { d: '128', depth: '1' }, t, d: 128 }),
  },
  depth: {
    title: 'Decoder blocks 64 wide on 128 tokens, by their number',
    values: [2, 4, 8, 16, 32, 64, 96],
    at: (depth) => ({
      place: 'decoder.bform:stack',
      args: { d: '64', depth: String(depth) },
      t: 128,
      d: 64,
    }),
  },
  experts: {
    title: 'A mixture 128 wide on 512 tokens, 2 experts a token, by experts',
    values: doubled(2, 256),
    at: (experts) => ({
      place: 'mixture.bform',
      args: { d: '128', experts: String(experts) },
      t: 512,
      d: 128,
    }),
  },
  width: {
    title: 'A decoder block on 128 tokens, by width',
    values: doubled(64, 2048),
    at: (d) => ({ place: 'decoder.bform:stack', args: { d: String(d), depth: '1' }, t: 128, d }),
  },
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    plots: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const RUNS = Number(options.runs);
const names = options.only?.split(',') ?? Object.keys(SERIES);
const unknown = names.filter((name) => !SERIES[name]);
if (unknown.length > 0 || !(RUNS > 0)) {
  process.stderr.write(`Known are ${Object.keys(SERIES).join(', ')}; runs are above 0.\n`);
  process.exit(2);
}

/** Measured and predicted milliseconds of a run, and the FLOPs of its report. */
async function point(device, roofline, { place, args, t, d }) {
  const { compilation, manifest, kernels } = await compiled(device, place, args);
  const weights = initializeWeights(manifest, 1);
  const session = await openSession(device, manifest, { kernels, weights });
  try {
    const inputs = { x: { data: seeded(3, t * d), shape: [1, t, d] } };
    await session.run(inputs);
    const times = [];
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      await session.run(inputs);
      times.push(performance.now() - start);
    }
    const report = cost(compilation, sizesOf(compilation.graph, { batch: 1, seq: t }));
    return { measured: median(times), predicted: predictTimes(report, roofline).ms };
  } finally {
    session.dispose();
  }
}

const device = await openDevice();
const profile = await measureDevice(device);
const roofline = rooflineOf(profile);
for (const name of names) {
  const { title, values, at } = SERIES[name];
  console.log(
    `\n${title}\n${name.padStart(8)}  measured, ms  predicted, ms  ratio  grew by  predicted to`,
  );
  const points = [];
  for (const value of values) {
    const { measured, predicted } = await point(device, roofline, at(value));
    const before = points.at(-1);
    points.push({ value, measured, predicted });
    console.log(
      [
        String(value).padStart(8),
        measured.toFixed(2).padStart(12),
        predicted.toFixed(2).padStart(13),
        (measured / predicted).toFixed(1).padStart(5),
        before ? (measured / before.measured).toFixed(2).padStart(7) : '',
        before ? (predicted / before.predicted).toFixed(2).padStart(12) : '',
      ].join('  '),
    );
  }
  if (!options.plots) continue;
  const file = fileURLToPath(new URL(`../docs/growth-${name}.svg`, import.meta.url));
  const plot = growthPlot({ title, axis: name, points, adapter: profile.adapter.description });
  await writeFiles(new Map([[file, [new TextEncoder().encode(plot)]]]));
}
device.destroy();
