// What the roofline of this adapter predicts for runs of models, beside what they take: the examples, and a decoder of 4
// blocks that is 512 wide. The device is measured first, in the same process. Needs `npm run build`.
//
//   node bench/profile.mjs [tokens] [repeats]
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel, readWithSource } from '../dist/cli/open-model.js';
import { profileReport } from '../dist/cli/profile/profile-report.js';
import { randomInputs } from '../dist/cli/random-inputs.js';
import { sizesOf } from '../dist/cli/report-model.js';
import { cost } from '../dist/compiler/compile.js';
import { alignedLines } from '../dist/compiler/report/aligned.js';
import { duration, percent, withPrefix } from '../dist/compiler/report/quantities.js';
import { rooflineOf } from '../dist/runtime/device-profile.js';
import { openDevice } from '../dist/runtime/index.js';
import { measureDevice } from '../dist/runtime/measure-device.js';

const TOKENS = Number(process.argv[2] ?? 128);
const REPEATS = Number(process.argv[3] ?? 7);

const DECODER = `use std.{embed, llama_block, rms_norm, unembed}

model decoder_512 {
  vocab: 4096
  context: 1024
  let blocks = llama_block(512, heads: 8, kv_heads: 8)

  embed(512) -> blocks * 4 -> rms_norm -> unembed(tied: true)
}
`;

async function measureThis() {
  const device = await openDevice();
  try {
    return await measureDevice(device);
  } finally {
    device.destroy();
  }
}

async function reportOf(place, roofline) {
  const { parts, compilation } = await readWithSource(place);
  const sizes = sizesOf(compilation.graph, { batch: 1, seq: TOKENS });
  const session = await openModel(parts);
  try {
    const profile = await session.profile(randomInputs(compilation, sizes, 0), {
      repeats: REPEATS,
    });
    return profileReport(cost(compilation, sizes), profile, roofline);
  } finally {
    session.dispose();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bform-bench-'));
const decoder = join(folder, 'decoder.bform');
writeFileSync(decoder, DECODER);
try {
  const device = await measureThis();
  const roofline = rooflineOf(device);
  console.log(
    `${device.adapter.description}: ${withPrefix(roofline.flops, 'FLOP/s')}, ` +
      `${withPrefix(roofline.bytesPerSecond, 'B/s')}, ${duration(roofline.dispatchMs)} a dispatch, ` +
      `${duration(roofline.submitMs)} a submit`,
  );
  const places = readdirSync('examples')
    .map((name) => join('examples', name, 'model.bform'))
    .filter((place) => existsSync(place));
  const kinds = new Map();
  const rows = [];
  for (const place of [...places, decoder]) {
    const report = await reportOf(place, roofline);
    const { model, kernels, run, betweenMs, predictedMs } = report;
    rows.push([
      model,
      String(kernels.reduce((sum, { dispatches }) => sum + dispatches.length, 0)),
      duration(run.wallMs),
      duration(betweenMs),
      duration(predictedMs),
      (run.wallMs / predictedMs).toFixed(1),
    ]);
    for (const { label, ms, predicted } of kernels) {
      const kind = label.split(' ').at(-1);
      const [measured, guessed] = kinds.get(kind) ?? [0, 0];
      kinds.set(kind, [measured + ms, guessed + predicted.ms]);
    }
  }
  const table = (titles, body) =>
    alignedLines({ titles, numeric: titles.map((_, at) => at > 0), rows: body }).join('\n');
  console.log(`\nOne forward run of ${TOKENS} tokens, medians of ${REPEATS}:\n`);
  console.log(
    table(['model', 'dispatches', 'wall clock', 'between kernels', 'predicted', 'ratio'], rows),
  );
  console.log('\nAll kernels of a kind:\n');
  const all = [...kinds.values()].reduce((sum, [measured]) => sum + measured, 0);
  console.log(
    table(
      ['kind', 'measured', 'share', 'predicted', 'ratio'],
      [...kinds].map(([kind, [measured, guessed]]) => [
        kind,
        duration(measured),
        percent(measured / all),
        duration(guessed),
        (measured / guessed).toFixed(1),
      ]),
    ),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
