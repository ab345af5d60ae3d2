// Seconds and peak memory of `bform report` on large models, each a process of its own. Needs `npm run build`.
//
//   node bench/report-large.mjs                                  the largest of stdlib/papers
//   node bench/report-large.mjs FILE[:MODEL] [--set name=value]  one model
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const MODELS =
  given.length > 0
    ? [given]
    : [
        ['stdlib/papers/llama.bform'],
        ['stdlib/papers/glam.bform:glam_8b_64e'],
        ['stdlib/papers/brainformer.bform:brainformer_1_8b'],
        ['stdlib/papers/glam.bform:glam_64b_64e'],
      ];

/** Writes the process's largest resident set, in KiB, as the last line of stderr. */
const MEASURE = `data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))`;

for (const model of MODELS) {
  const start = performance.now();
  const args = ['--import', MEASURE, 'dist/cli/main.js', 'report', ...model, '--format', 'json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(stderr);
  const { params } = JSON.parse(stdout);
  const megabytes = (Number(stderr.trim().split('\n').at(-1)) * 1024) / 1e6;
  const billions = (count) => `${(count / 1e9).toFixed(1)} billion`;
  console.log(
    `${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB: ${model.join(' ')} (${billions(params.total)} parameters, ${billions(params.activated)} activated)`,
  );
}
