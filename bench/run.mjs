// `npm run bench`: bform beside other engines on the same workloads and adapter. Prints a table and writes JSON lines. What
// it needs it installs and builds.
//
//   node bench/run.mjs [--engine bform,tfjs] [--workload W1a,W2] [--rounds 3] [--runs 3] [--adapter] [--out FILE]
//   node bench/run.mjs --list
//
// A run of all engines on all workloads writes bench/results.jsonl and the page docs/performance.md. A run of some only
// prints its table, or adds to the file that it is given, with `--adapter` also what the adapter could do;
// `node bench/write-page.mjs FILE` makes the page of it.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { compare } from './compare.mjs';
import { startEngine } from './engine-process.mjs';
import { ENGINES, versionOf } from './engines.mjs';
import { WORKLOADS } from './workloads.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const say = (text) => process.stderr.write(`${text}\n`);

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string' },
    workload: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '3' },
    out: { type: 'string' },
    adapter: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** Those of `all` that the option names, or all of them. */
function chosen(option, all) {
  const names = options[option]?.split(',') ?? all;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length === 0) return names;
  say(`There is no ${option} ${unknown.join(', ')}: ${all.join(', ')}.`);
  process.exit(2);
}

function positive(option) {
  const value = Number(options[option]);
  if (Number.isInteger(value) && value > 0) return value;
  say(`--${option} takes a whole number above 0, not ${options[option]}.`);
  process.exit(2);
}

if (options.list) {
  for (const [name, { title }] of Object.entries(WORKLOADS))
    console.log(`${name.padEnd(8)}${title}`);
  for (const { name, title } of ENGINES) console.log(`${name.padEnd(10)}${title}`);
  process.exit(0);
}

const names = chosen(
  'engine',
  ENGINES.map(({ name }) => name),
);
const engines = ENGINES.filter(({ name }) => names.includes(name));
const workloads = chosen('workload', Object.keys(WORKLOADS));
const [rounds, runs] = [positive('rounds'), positive('runs')];
const whole = !options.engine && !options.workload;
const out = options.out ?? (whole ? `${here}results.jsonl` : undefined);

if (engines.some(({ name }) => name !== 'bform') && !existsSync(`${here}node_modules`)) {
  say('Installing the other engines into bench/ ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(3);
}
await build({ say });

const env = await environment();
const records = [];
const keep = (record) => {
  records.push(record);
  if (out) appendFileSync(out, `${JSON.stringify(record)}\n`);
};
if (out && whole) writeFileSync(out, '');

if (whole || options.adapter) {
  say('Measuring the adapter ...');
  const measuring = { script: 'measure.mjs', title: 'the adapter' };
  const { first: adapter } = await startEngine(measuring, '', env);
  keep({
    adapter,
    date: new Date().toISOString().slice(0, 10),
    command: whole ? 'npm run bench' : ['node bench/run.mjs', ...process.argv.slice(2)].join(' '),
    node: process.version,
    processor: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
    versions: Object.fromEntries(engines.map((engine) => [engine.name, versionOf(engine)])),
    rounds,
    runs,
  });
}
for (const workload of workloads)
  for (const record of await compare(workload, engines, { rounds, runs, env, onStep: say }))
    keep(record);

const { resultTable } = await import('./result-table.mjs');
console.log(resultTable(records));
if (whole) await (await import('./write-page.mjs')).writePage(out);
const ours = records.filter(({ engine }) => engine === 'bform');
process.exit(ours.some(({ failed }) => failed) ? 1 : 0);

/** The same driver for all engines, which is not to remember kernels that it compiled for earlier runs. */
async function environment() {
  const { recordedChoice } = await import('../dist/runtime/node/drivers.js');
  const { icd, loader } = recordedChoice() ?? {};
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, LD_LIBRARY_PATH = '' } = process.env;
  return {
    MESA_SHADER_CACHE_DISABLE: 'true',
    ...(icd && !VK_DRIVER_FILES && !VK_ICD_FILENAMES && { VK_ICD_FILENAMES: icd }),
    ...(loader && { LD_LIBRARY_PATH: `${dirname(loader)}:${LD_LIBRARY_PATH}` }),
  };
}
