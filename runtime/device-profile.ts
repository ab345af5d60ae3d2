// What is known of a device's speed, as plain JSON: measured here (`bform probe`) or read off a public data sheet.
// The schema is the authority. Measures nothing and reads no files.
import * as z from 'zod';

/** Raised by one whenever an older reader could misread a newer profile. */
export const PROFILE_VERSION = 1;

const positive = z.number().positive();
const notNegative = z.number().min(0);

/** The least and the most of the repeats of which the figure is the median. */
const spread = z.strictObject({ least: notNegative, most: notNegative });

/** As WebGPU's `GPUAdapterInfo` has it; empty where the driver does not tell. */
const adapter = z.strictObject({
  vendor: z.string(),
  architecture: z.string(),
  device: z.string(),
  /** Mostly the driver and its version. */
  description: z.string(),
});

const deviceClass = z.enum(['software', 'integrated', 'discrete']);

const speed = {
  format: z.literal('bform-device'),
  version: z.literal(PROFILE_VERSION),
  name: z.string().min(1),
  /** Absent where nobody has told. */
  class: deviceClass.optional(),
  /** FLOP/s of fused multiply-adds on f32, each of which is 2 FLOPs; without matrix units. */
  flops: positive,
  /** The same on f16; absent where the device has none. */
  flopsF16: positive.optional(),
  /** Bytes read and written, together, in a second. */
  bytesPerSecond: positive,
};

export const measuredProfileSchema = z.strictObject({
  ...speed,
  kind: z.literal('measured'),
  adapter,
  /** Milliseconds that one more dispatch in a pass takes, when it does next to nothing. */
  dispatchMs: notNegative,
  /** Milliseconds from submitting next to nothing to knowing that it is done. */
  submitMs: notNegative,
  /** How kernels were timed: by the device's own clock, or by that of the processor, launch included. */
  timing: z.enum(['timestamps', 'wall clock']),
  /** Of each figure above. */
  spread: z.strictObject({
    repeats: z.number().int().min(1),
    flops: spread,
    flopsF16: spread.optional(),
    bytesPerSecond: spread,
    dispatchMs: spread,
    submitMs: spread,
  }),
  /** What reached the figures: the kernel that was fastest of several. */
  by: z.strictObject({
    flops: z.string(),
    flopsF16: z.string().optional(),
    bytesPerSecond: z.string(),
  }),
  /** When it was measured, ISO 8601. */
  date: z.iso.datetime(),
});

export const dataSheetProfileSchema = z.strictObject({
  ...speed,
  kind: z.literal('data sheet'),
  /** What the figures were read off. */
  source: z.string().min(1),
});

export const deviceProfileSchema = z.discriminatedUnion('kind', [
  measuredProfileSchema,
  dataSheetProfileSchema,
]);

export type MeasuredProfile = z.infer<typeof measuredProfileSchema>;
export type DataSheetProfile = z.infer<typeof dataSheetProfileSchema>;
export type DeviceProfile = z.infer<typeof deviceProfileSchema>;
export type DeviceClass = z.infer<typeof deviceClass>;
export type AdapterIdentity = z.infer<typeof adapter>;
export type Spread = z.infer<typeof spread>;

/**
 * The figures that bound the speed on one type of numbers (`Roofline` of compiler/cost/roofline.ts). f16 on a device
 * that has none is as fast as f32. A data sheet knows no cost of dispatches and submits: both are 0.
 */
export function rooflineOf(profile: DeviceProfile, dtype: 'f32' | 'f16' = 'f32') {
  const { flops, flopsF16 = flops, bytesPerSecond } = profile;
  const { dispatchMs, submitMs } =
    profile.kind === 'measured' ? profile : { dispatchMs: 0, submitMs: 0 };
  return { flops: dtype === 'f16' ? flopsF16 : flops, bytesPerSecond, dispatchMs, submitMs };
}

/** Who an adapter is, of what WebGPU tells about it. */
export function identityOf(info: GPUAdapterInfo): AdapterIdentity {
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description };
}

/** Equal for the same adapter with the same driver. */
export const identityKey = ({ vendor, architecture, device, description }: AdapterIdentity) =>
  JSON.stringify([vendor, architecture, device, description]);
