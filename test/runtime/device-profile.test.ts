// The schema of device profiles, and the roofline that is read off one.
import { describe, expect, it } from 'vitest';
import { predict, type Roofline } from '../../compiler/cost/roofline.ts';
import {
  type DeviceProfile,
  deviceProfileSchema,
  type MeasuredProfile,
  rooflineOf,
} from '../../runtime/device-profile.ts';

const measured: MeasuredProfile = {
  format: 'bform-device',
  version: 1,
  kind: 'measured',
  name: 'a software driver',
  class: 'software',
  adapter: { vendor: 'mesa', architecture: 'software', device: 'llvmpipe', description: 'Mesa 25' },
  flops: 4e10,
  flopsF16: 1e10,
  bytesPerSecond: 8e9,
  dispatchMs: 0.03,
  submitMs: 0.6,
  timing: 'timestamps',
  spread: {
    repeats: 5,
    flops: { least: 3.9e10, most: 4.1e10 },
    flopsF16: { least: 1e10, most: 1e10 },
    bytesPerSecond: { least: 7e9, most: 8e9 },
    dispatchMs: { least: 0.02, most: 0.04 },
    submitMs: { least: 0.5, most: 0.7 },
  },
  by: { flops: 'f32, 12 chains, fma', flopsF16: 'f16, 8 chains, fma', bytesPerSecond: 'a kernel' },
  date: '2026-01-02T03:04:05.678Z',
};

const sheet: DeviceProfile = {
  format: 'bform-device',
  version: 1,
  kind: 'data sheet',
  name: 'a card',
  flops: 1e13,
  bytesPerSecond: 1e12,
  source: 'its data sheet',
};

const accepts = (value: unknown) => deviceProfileSchema.safeParse(value).success;

describe('a device profile', () => {
  it('survives JSON, measured or from a data sheet', () => {
    for (const profile of [measured, sheet])
      expect(deviceProfileSchema.parse(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
  });

  it('is refused with figures that cannot be, of another version, or with something unknown', () => {
    expect(accepts({ ...measured, flops: 0 })).toBe(false);
    expect(accepts({ ...measured, bytesPerSecond: Number.POSITIVE_INFINITY })).toBe(false);
    expect(accepts({ ...measured, dispatchMs: -1 })).toBe(false);
    expect(accepts({ ...measured, version: 2 })).toBe(false);
    expect(accepts({ ...measured, colour: 'green' })).toBe(false);
    expect(accepts({ ...measured, spread: undefined })).toBe(false);
    expect(accepts({ ...measured, date: 'yesterday' })).toBe(false);
  });

  it('has a source where it was not measured', () => {
    expect(accepts({ ...sheet, source: undefined })).toBe(false);
    expect(accepts({ ...sheet, source: '' })).toBe(false);
  });

  it('gives a roofline for each type of numbers', () => {
    const roofline: Roofline = rooflineOf(measured);
    expect(roofline).toEqual({
      flops: 4e10,
      bytesPerSecond: 8e9,
      dispatchMs: 0.03,
      submitMs: 0.6,
    });
    expect(rooflineOf(measured, 'f16').flops).toBe(1e10);
    expect(predict({ flops: 4e10, bytes: 0, dispatches: 0 }, roofline).ms).toBe(1000);
  });

  it('knows no launch costs from a data sheet, and takes f16 for as fast as f32 where there is none', () => {
    expect(rooflineOf(sheet, 'f16')).toEqual({
      flops: 1e13,
      bytesPerSecond: 1e12,
      dispatchMs: 0,
      submitMs: 0,
    });
  });
});
