// Measuring the adapter at hand: with its own clock, and with the processor's where it has none.
import { afterAll, describe, expect, it } from 'vitest';
import { findAdapter } from '../../runtime/device-node.ts';
import { measuredProfileSchema } from '../../runtime/device-profile.ts';
import { measureDevice } from '../../runtime/measure-device.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';

afterAll(closeGpu);

describe('measureDevice', () => {
  it('gives a whole profile, and tells how far it is', async () => {
    const device = await gpuDevice();
    const steps: [number, number][] = [];
    const profile = await measureDevice(device, {
      repeats: 2,
      onProgress: (done, total) => steps.push([done, total]),
    });
    expect(measuredProfileSchema.parse(profile)).toEqual(profile);
    expect(profile.adapter.description).toBe(device.adapterInfo.description);
    expect(profile.timing).toBe('timestamps');
    expect(profile.flopsF16 !== undefined).toBe(device.features.has('shader-f16'));
    const total = steps.length;
    expect(steps).toEqual(Array.from({ length: total }, (_, step) => [step + 1, total]));
  });

  it('gives medians that lie within their spread', async () => {
    const { spread, ...profile } = await measureDevice(await gpuDevice(), { repeats: 3 });
    for (const figure of ['flops', 'bytesPerSecond', 'dispatchMs', 'submitMs'] as const) {
      expect(profile[figure]).toBeGreaterThanOrEqual(spread[figure].least);
      expect(profile[figure]).toBeLessThanOrEqual(spread[figure].most);
    }
    expect(spread.repeats).toBe(3);
  });

  it('takes the wall clock, and no f16, where a device was opened without those features', async () => {
    const device = await (await findAdapter()).requestDevice();
    try {
      const profile = await measureDevice(device, { repeats: 1 });
      expect(profile.timing).toBe('wall clock');
      expect(profile.flopsF16).toBeUndefined();
      expect(profile.spread.flops.least).toBe(profile.flops);
      expect(profile.submitMs).toBeGreaterThan(0);
    } finally {
      device.destroy();
    }
  });
});
