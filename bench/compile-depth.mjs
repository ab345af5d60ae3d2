// How long compiling takes at 2 layers and at 96: taking turns in one process, medians. Needs `npm run build`.
//
//   node bench/compile-depth.mjs [repeats]
import { fileURLToPath } from 'node:url';
import { sourceReader } from '../dist/cli/source-reader.js';
import { compile } from '../dist/compiler/compile.js';

const REPEATS = Number(process.argv[2] ?? 15);
const DEPTHS = [2, 96];
const reader = sourceReader(fileURLToPath(new URL('..', import.meta.url)));

const model = (layers) => `
use std.{embed, llama_block, rms_norm, unembed}
model m {
  vocab: 512
  context: 512
  let blocks = llama_block(256, heads: 8, kv_heads: 4)
  embed(256) -> blocks * ${layers} -> rms_norm -> unembed
}`;

function timed(layers) {
  const source = { ...reader, read: () => model(layers) };
  const start = performance.now();
  const { result } = compile('model.bform', source);
  const milliseconds = performance.now() - start;
  return { milliseconds, kernels: result.kernels.map(({ id }) => id).join() };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

for (const layers of DEPTHS) timed(layers);
const runs = DEPTHS.map(() => []);
for (let i = 0; i < REPEATS; i++)
  for (const [at, layers] of DEPTHS.entries()) runs[at].push(timed(layers));
const medians = runs.map((times) => median(times.map(({ milliseconds }) => milliseconds)));
for (const [at, layers] of DEPTHS.entries()) {
  console.log(
    `${String(layers).padStart(3)} layers: ${medians[at].toFixed(1)} ms (median of ${REPEATS})`,
  );
}
console.log(
  `ratio ${(medians[1] / medians[0]).toFixed(2)}, the same kernels: ${runs[0][0].kernels === runs[1][0].kernels}`,
);
