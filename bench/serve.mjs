// The side of an engine's process: makes the engine ready, then runs it whenever it is asked to, and tells how long each
// run took and how far the result is from the reference. Used by every engine's script; bench/run.mjs asks.
//
// Time to the first result counts from the start of the process, with modules loaded, weights uploaded, kernels compiled
// and the result read back; not counted is the making of arrays, which stands for reading a file.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { referenceOf } from './reference.mjs';
import { inputsOf, WORKLOADS } from './workloads.mjs';

let uncountedMs = 0;

/** What `make` gives; its time is not part of the time to the first result. */
export function uncounted(make) {
  const start = performance.now();
  const made = make();
  uncountedMs += performance.now() - start;
  return made;
}

/**
 * Serves one workload, the process's first argument. `open(workload, inputs)` gives `run`, which ends when the results
 * are there, `read`, the results in the caller's memory, and perhaps `facts`, more to be told.
 */
export async function serve(open) {
  const name = process.argv[2];
  const workload = WORKLOADS[name];
  try {
    const inputs = uncounted(() => inputsOf(workload));
    const engine = await open(workload, inputs);
    await engine.run();
    const first = await engine.read();
    const coldMs = performance.now() - uncountedMs;
    process.send({ coldMs, error: largestError(first, referenceOf(name, workload)) });
    process.on('message', (message) => answer(engine, message));
  } catch (error) {
    fail(error);
  }
}

async function answer(engine, message) {
  try {
    if (message.runs) return process.send(await timed(engine, message));
    process.send((await engine.facts?.()) ?? {}, () => process.exit(0));
  } catch (error) {
    fail(error);
  }
}

/** Times in milliseconds of `runs` runs, after `warm` others. */
async function timed({ run }, { warm, runs }) {
  for (let at = 0; at < warm; at++) await run();
  const times = [];
  const before = cpuTimes();
  for (let at = 0; at < runs; at++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return { times, otherCpu: shareOfOthers(before, cpuTimes()) };
}

function fail(error) {
  const lines = String(error?.stack ?? error).split('\n');
  process.send({ failed: lines.slice(0, 3).join(' | ').slice(0, 500) }, () => process.exit(1));
}

/** NaN where the lengths differ or anything is not a number. */
function largestError(result, reference) {
  if (result.length !== reference.length) return Number.NaN;
  return reference.reduce((most, value, at) => {
    const error = Math.abs(result[at] - value);
    return error <= most ? most : error;
  }, 0);
}

/** Milliseconds of all cores and of this process; `undefined` where the system does not tell. */
function cpuTimes() {
  if (process.platform !== 'linux') return undefined;
  const [user, nice, system, , , irq, soft] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const own = process.cpuUsage();
  return {
    all: 10 * (user + nice + system + irq + soft),
    own: (own.user + own.system) / 1000,
    at: performance.now(),
  };
}

/** The share of the machine that other processes took meanwhile: 0 where it was quiet. */
function shareOfOthers(before, after) {
  if (!before || !after) return undefined;
  const others = after.all - before.all - (after.own - before.own);
  return Math.max(0, others / ((after.at - before.at) * availableParallelism()));
}
