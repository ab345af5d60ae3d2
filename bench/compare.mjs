// One workload on several engines: each in a process of its own, all of them ready before the first is timed, then taking
// turns. Gives a record for each; prints nothing.
import { startEngine } from './engine-process.mjs';

/** Runs as long as this need no other before them to warm caches. */
const LONG_MS = 500;

/**
 * Records of `{ workload, engine, ms, least, most, runs, coldMs, error, otherCpu, ... }`, or with `failed` in words.
 * `onStep` is told what happens.
 */
export async function compare(workload, engines, { rounds, runs, env, onStep }) {
  const started = [];
  const records = [];
  const fail = (engine, error) =>
    records.push({ workload, engine: engine.name, failed: error.message });
  for (const engine of engines) {
    onStep(`${workload}: starting ${engine.title}`);
    try {
      const process = await startEngine(engine, workload, env);
      started.push({ engine, process, times: [], otherCpu: [] });
    } catch (error) {
      fail(engine, error);
    }
  }
  const dropped = new Set();
  for (let round = 0; round < rounds; round++)
    for (const one of started) {
      if (dropped.has(one)) continue;
      onStep(`${workload}: round ${round + 1} of ${rounds}, ${one.engine.title}`);
      const warm = Math.min(...one.times, Number.POSITIVE_INFINITY) > LONG_MS && round > 0 ? 0 : 1;
      try {
        const { times, otherCpu } = await one.process.time(runs, warm);
        one.times.push(...times);
        one.otherCpu.push(otherCpu);
      } catch (error) {
        dropped.add(one);
        fail(one.engine, error);
      }
    }
  for (const one of started) {
    if (dropped.has(one)) continue;
    onStep(`${workload}: asking ${one.engine.title} for its facts`);
    try {
      records.push({
        workload,
        engine: one.engine.name,
        ...summary(one.times),
        ...one.process.first,
        otherCpu: median(one.otherCpu),
        ...(await one.process.facts()),
      });
    } catch (error) {
      fail(one.engine, error);
    }
  }
  return records;
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const summary = (times) => ({
  ms: median(times),
  least: Math.min(...times),
  most: Math.max(...times),
  runs: times.length,
});
