// Profiles of sessions: a time for each dispatch, which add up to no more than the run; by the device's clock and without.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findAdapter } from '../../runtime/device-node.ts';
import { DisposedError, InputError } from '../../runtime/errors.ts';
import { excessOf, type RunProfile } from '../../runtime/profile.ts';
import { openSession } from '../../runtime/session.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

let device: GPUDevice;
let clockless: GPUDevice;
beforeAll(async () => {
  device = await gpuDevice();
  // A device has the features that it was opened with, and no others.
  clockless = await (await findAdapter()).requestDevice();
});
afterAll(() => {
  clockless.destroy();
  return closeGpu();
});

const tokens = [[4, 10, 0, 3]];

function open(turns: number, on = device) {
  const bundle = tinyBundle({ turns });
  return openSession(on, bundle.manifest, bundle);
}

const sumOf = ({ dispatches }: RunProfile): number =>
  dispatches.reduce((sum, { ms }) => sum + ms.median, 0);

describe('a profile by the clock of the device', () => {
  it('has a time for every dispatch, in the order of the run, with its turn', async () => {
    using session = await open(3);
    const { method, dispatches, repeats } = await session.profile({ tokens }, { repeats: 2 });
    expect([method, repeats]).toEqual(['timestamps', 2]);
    expect(dispatches.map(({ step, kernel, turns }) => [step, kernel, turns])).toEqual([
      [0, 0, []],
      [1, 1, [0]],
      [1, 1, [1]],
      [1, 1, [2]],
    ]);
    for (const { ms } of dispatches) {
      expect(ms.least).toBeGreaterThan(0);
      expect(ms.median).toBeGreaterThanOrEqual(ms.least);
      expect(ms.most).toBeGreaterThanOrEqual(ms.median);
    }
  });

  it('adds up to what the device takes for a run, or to less, which is within the wall clock', async () => {
    using session = await open(5);
    const profile = await session.profile({ tokens });
    const { deviceMs, submitMs, wallMs } = profile.run;
    expect(sumOf(profile)).toBeLessThanOrEqual(deviceMs * (1 + 1e-9));
    expect(deviceMs).toBeLessThanOrEqual(submitMs);
    expect(submitMs).toBeLessThanOrEqual(wallMs);
    expect(wallMs).toBeGreaterThanOrEqual(profile.wallMs.least);
    expect(wallMs).toBeLessThanOrEqual(profile.wallMs.most);
  });

  it('comes from a clock that is not rounded to 65,536 ns', async () => {
    using session = await open(5);
    const { resolutionNs } = await session.profile({ tokens });
    expect(resolutionNs).toBeGreaterThan(0);
    expect(resolutionNs).toBeLessThanOrEqual(1000);
  });

  it('takes more dispatches than a set of queries and a command buffer hold', async () => {
    using session = await open(2500);
    const profile = await session.profile({ tokens }, { repeats: 1 });
    expect(profile.dispatches).toHaveLength(2501);
    expect(profile.dispatches.filter(({ ms }) => !(ms.median > 0))).toEqual([]);
    expect(sumOf(profile)).toBeLessThanOrEqual(profile.run.deviceMs * (1 + 1e-9));
  });

  it('leaves the session as it was, and tells how far it is', async () => {
    const bundle = tinyBundle({ turns: 3 });
    using session = await openSession(device, bundle.manifest, bundle);
    await session.run({ tokens });
    const { memory } = session;
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number) => told.push([done, total]);
    const profiling = session.profile({ tokens }, { repeats: 2, onProgress });
    const [, { y }] = await Promise.all([profiling, session.run({ tokens })]);
    expect(Array.from(y!.data)).toEqual(bundle.expected(tokens));
    expect(session.memory).toEqual(memory);
    expect(told).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  it('is refused as a run is', async () => {
    const session = await open(1);
    await expect(session.profile({ tokens: [[11]] })).rejects.toBeInstanceOf(InputError);
    session.dispose();
    await expect(session.profile({ tokens })).rejects.toBeInstanceOf(DisposedError);
  });
});

describe('a profile on a device without a clock', () => {
  it('times each dispatch by the wall clock, and says so', async () => {
    using session = await open(3, clockless);
    const profile = await session.profile({ tokens }, { repeats: 3 });
    expect(profile.method).toBe('wall clock');
    expect(profile.resolutionNs).toBeUndefined();
    expect(profile.dispatches).toHaveLength(4);
    expect(profile.dispatches.filter(({ ms }) => !(ms.median > 0))).toEqual([]);
    expect(profile.run.deviceMs).toBe(profile.run.submitMs);
    expect(sumOf(profile)).toBeLessThanOrEqual(profile.run.deviceMs * (1 + 1e-9));
  });
});

describe('what timing adds', () => {
  const after = (times: readonly number[], total: number) => {
    const excess = excessOf(times, total);
    return times.map((ms) => Math.max(ms / 10, ms - excess));
  };

  it('is nothing where the times are not longer than the run', () => {
    expect(excessOf([1, 2, 3], 6)).toBe(0);
    expect(excessOf([1, 2, 3], 7)).toBe(0);
    expect(excessOf([], 0)).toBe(0);
  });

  it('is the same of each time, so that they add up to the run', () => {
    expect(excessOf([2, 3, 4], 6)).toBeCloseTo(1, 9);
  });

  it('is at most nine tenths of a time', () => {
    const times = after([0.5, 5, 5], 6.05);
    expect(times[0]).toBe(0.05);
    expect(times[1]).toBeCloseTo(3, 9);
    expect(times[2]).toBeCloseTo(3, 9);
  });
});
