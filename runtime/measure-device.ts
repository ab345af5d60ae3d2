// Measures a device: multiply-adds, bytes moved, launches. Each figure is the median of its repeats, given with the least
// and the most of them. Nothing else should run on the device meanwhile. Opens no device and keeps nothing on it.
import {
  type AdapterIdentity,
  type DeviceClass,
  identityOf,
  type MeasuredProfile,
  PROFILE_VERSION,
} from './device-profile.ts';
import { isSoftware } from './kernel-target.ts';
import { COPY_STEPS, measureCopies } from './measure/copies.ts';
import { LAUNCH_STEPS, measureLaunches } from './measure/launches.ts';
import { MULTIPLY_ADD_STEPS, measureMultiplyAdds } from './measure/multiply-adds.ts';
import { type Summary, summarize } from './measure/statistics.ts';
import { openTimer } from './measure/timer.ts';

export interface MeasureOptions {
  /** Of each figure; 7 by default. */
  readonly repeats?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Takes some ten seconds. Throws `DeviceLostError`, `OutOfMemoryError`, `KernelError`. */
export async function measureDevice(
  device: GPUDevice,
  { repeats = 7, onProgress = () => {} }: MeasureOptions = {},
): Promise<MeasuredProfile> {
  const half = device.features.has('shader-f16');
  const total = (half ? 2 : 1) * MULTIPLY_ADD_STEPS + COPY_STEPS + LAUNCH_STEPS;
  let done = 0;
  const onStep = () => onProgress(++done, total);
  const timer = await openTimer(device);
  try {
    const f32 = await measureMultiplyAdds(device, timer, 'f32', repeats, onStep);
    const f16 = half ? await measureMultiplyAdds(device, timer, 'f16', repeats, onStep) : undefined;
    const copies = await measureCopies(device, timer, repeats, onStep);
    const launches = await measureLaunches(device, timer, repeats, onStep);
    const figures = {
      flops: summarize(f32.samples),
      ...(f16 && { flopsF16: summarize(f16.samples) }),
      bytesPerSecond: summarize(copies.samples),
      dispatchMs: summarize(launches.dispatchMs),
      submitMs: summarize(launches.submitMs),
    };
    const adapter = identityOf(device.adapterInfo);
    const known = classOf(device.adapterInfo);
    return {
      format: 'bform-device',
      version: PROFILE_VERSION,
      kind: 'measured',
      name: nameOf(adapter),
      ...(known && { class: known }),
      adapter,
      ...mapFigures(figures, ({ median }) => median),
      timing: timer.timing,
      spread: { repeats, ...mapFigures(figures, ({ least, most }) => ({ least, most })) },
      by: {
        flops: f32.kernel,
        ...(f16 && { flopsF16: f16.kernel }),
        bytesPerSecond: copies.kernel,
      },
      date: new Date().toISOString(),
    };
  } finally {
    timer.destroy();
  }
}

type Figures<T> = {
  flops: T;
  flopsF16?: T;
  bytesPerSecond: T;
  dispatchMs: T;
  submitMs: T;
};

const mapFigures = <T>(figures: Figures<Summary>, of: (figure: Summary) => T): Figures<T> => ({
  flops: of(figures.flops),
  ...(figures.flopsF16 && { flopsF16: of(figures.flopsF16) }),
  bytesPerSecond: of(figures.bytesPerSecond),
  dispatchMs: of(figures.dispatchMs),
  submitMs: of(figures.submitMs),
});

const nameOf = ({ device, description, architecture, vendor }: AdapterIdentity): string =>
  device.replace(/-+$/, '') || description || [vendor, architecture].join(' ').trim() || 'adapter';

/** WebGPU tells of software alone; that of Apple is always on the processor's own chip. */
function classOf(info: GPUAdapterInfo): DeviceClass | undefined {
  if (isSoftware(info)) return 'software';
  return info.vendor === 'apple' ? 'integrated' : undefined;
}
