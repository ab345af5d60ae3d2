// How long each dispatch of a run takes, beside the wall clock of runs as they are. Where the device has a clock, all is
// submitted as a run is, in the same order and with the same buffers, but each dispatch in a pass of its own, whose
// beginning and end are timed. Elsewhere each dispatch is submitted alone and timed by the wall clock.
//
// Timing a dispatch by itself takes time too, above all where the device has to come to rest before its clock is read. So
// runs are also timed whole, by the same clock, and what the dispatches take longer than that is taken off them, the same
// of each, but for a tenth of its time. They then add up to what the device takes for a run.
import { type Dispatch, encodeAlone, type RunTiming, timedPasses } from './commands.ts';
import { guarded, untilLost } from './device-state.ts';
import { type Summary, summarize } from './measure/statistics.ts';
import {
  hasTimestamps,
  nanoseconds,
  openTimestamps,
  type PassTimes,
  resolutionOf,
  type Timestamps,
} from './measure/timestamps.ts';
import type { UnrolledDispatch } from './unroll.ts';

/** How to take times. */
export interface ProfileOptions {
  /** Of every measurement; 5 by default. One run to warm up goes before. */
  readonly repeats?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** One dispatch, each turn of a repeat one more. */
export interface DispatchTime {
  /** Index into `dispatchSteps(manifest.steps)`. */
  readonly step: number;
  /** Index into the manifest's kernels. */
  readonly kernel: number;
  /** Of the repeats around it, outermost first. */
  readonly turns: readonly number[];
  /** Milliseconds, less what timing it by itself adds. */
  readonly ms: Summary;
}

/** All times are milliseconds. */
export interface RunProfile {
  /** By the device's clock, or each dispatch submitted alone by the wall clock. */
  readonly method: 'timestamps' | 'wall clock';
  /** The step of the device's clock, in nanoseconds, as far as it shows. */
  readonly resolutionNs?: number;
  readonly repeats: number;
  readonly dispatches: readonly DispatchTime[];
  /** What timing a dispatch by itself adds, which has been taken off each. */
  readonly timingMs: number;
  /** The run of median length, of those that were timed whole; the dispatches add up to its `deviceMs` or to less. */
  readonly run: RunTimes;
  /** The least and the most wall clock of the whole runs. */
  readonly wallMs: { readonly least: number; readonly most: number };
}

/** Of one whole run, in milliseconds. */
export interface RunTimes {
  /** From the inputs in the caller's hands to the outputs there. */
  readonly wallMs: number;
  /** The part of it from the submit on. */
  readonly submitMs: number;
  /** The part of that in which the device computes, by the method's clock; by the wall clock it is all of it. */
  readonly deviceMs: number;
}

/** What the session does for its profile. */
export interface ProfiledRun {
  readonly unrolled: readonly UnrolledDispatch[];
  /** The same, as the device has them. */
  readonly dispatches: readonly Dispatch[];
  writeInputs(): void;
  /** A run as it is, perhaps timed on the device; tells its times by the wall clock. */
  run(timing?: RunTiming): Promise<Omit<RunTimes, 'deviceMs'>>;
}

/** Throws `DeviceLostError`, `OutOfMemoryError`, and what the run throws. */
export async function profileRun(
  device: GPUDevice,
  run: ProfiledRun,
  { repeats = 5, onProgress = () => {} }: ProfileOptions = {},
): Promise<RunProfile> {
  const clock = hasTimestamps(device) ? await deviceClock(device, run) : wallClock(device, run);
  const whole: RunTimes[] = [];
  const apart: number[][] = [];
  try {
    // The first run is slower: drivers compile at first use.
    await clock.whole();
    await clock.apart();
    for (let repeat = 0; repeat < repeats; repeat++) {
      onProgress(repeat, repeats);
      whole.push(await clock.whole());
      apart.push(await clock.apart());
    }
    onProgress(repeats, repeats);
  } finally {
    clock.destroy();
  }
  const sorted = whole.toSorted((a, b) => a.wallMs - b.wallMs);
  const typical = sorted[(repeats - 1) >> 1]!;
  const times = run.dispatches.map((_, index) => summarize(apart.map((all) => all[index]!)));
  const timingMs = excessOf(
    times.map(({ median }) => median),
    typical.deviceMs,
  );
  return {
    method: clock.method,
    ...(clock.method === 'timestamps' && { resolutionNs: clock.resolutionNs() }),
    repeats,
    dispatches: run.unrolled.map(({ step, kernel, turns }, index) => {
      const { median, least, most } = times[index]!;
      const of = (ms: number) => without(ms, timingMs);
      return { step, kernel, turns, ms: { median: of(median), least: of(least), most: of(most) } };
    }),
    timingMs,
    run: typical,
    wallMs: { least: sorted[0]!.wallMs, most: sorted.at(-1)!.wallMs },
  };
}

/** Nine tenths of a time may be due to its being taken. */
const without = (ms: number, excess: number): number => Math.max(ms / 10, ms - excess);

/** What to take off each time so that they add up to `total`; nothing where they are not longer. */
export function excessOf(times: readonly number[], total: number): number {
  const sumWithout = (excess: number) => times.reduce((sum, ms) => sum + without(ms, excess), 0);
  if (sumWithout(0) <= total) return 0;
  let [low, high] = [0, Math.max(...times)];
  for (let halvings = 0; halvings < 60; halvings++) {
    const middle = (low + high) / 2;
    if (sumWithout(middle) > total) low = middle;
    else high = middle;
  }
  return high;
}

interface Clock {
  readonly method: RunProfile['method'];
  /** Milliseconds of each dispatch of a run. */
  apart(): Promise<number[]>;
  whole(): Promise<RunTimes>;
  resolutionNs(): number;
  destroy(): void;
}

async function deviceClock(device: GPUDevice, run: ProfiledRun): Promise<Clock> {
  const open = (each: RunTiming['each']) =>
    openTimestamps(device, timedPasses(each, run.dispatches.length));
  const [dispatches, passes] = [await open('dispatch'), await open('pass')];
  const read: PassTimes[] = [];
  const timed = async (each: RunTiming['each'], timestamps: Timestamps) => {
    const times = await run.run({ each, timestamps });
    const passes = await timestamps.read();
    // Passes that did not run, for having nothing to do, have no times.
    read.push(...passes.filter(({ end }) => end > 0n));
    return { ...times, passes: passes.map((pass) => nanoseconds(pass) / 1e6) };
  };
  return {
    method: 'timestamps',
    apart: async () => (await timed('dispatch', dispatches)).passes,
    async whole() {
      const { passes: times, ...run } = await timed('pass', passes);
      return { ...run, deviceMs: times.reduce((sum, ms) => sum + ms, 0) };
    },
    resolutionNs: () => resolutionOf(read),
    destroy() {
      dispatches.destroy();
      passes.destroy();
    },
  };
}

function wallClock(device: GPUDevice, run: ProfiledRun): Clock {
  const alone = async (dispatch: Dispatch): Promise<number> => {
    if (dispatch.grid[0] === 0) return 0;
    const commands = await guarded(device, 'Running the model', () => {
      const encoder = device.createCommandEncoder();
      encodeAlone(encoder, dispatch);
      return encoder.finish();
    });
    const start = performance.now();
    device.queue.submit([commands]);
    await untilLost(device, device.queue.onSubmittedWorkDone());
    return performance.now() - start;
  };
  return {
    method: 'wall clock',
    async apart() {
      run.writeInputs();
      const times: number[] = [];
      for (const dispatch of run.dispatches) times.push(await alone(dispatch));
      return times;
    },
    async whole() {
      const times = await run.run();
      return { ...times, deviceMs: times.submitMs };
    },
    resolutionNs: () => 0,
    destroy() {},
  };
}
