// Opens a WebGPU device in Node through Dawn: a fresh adapter each time, all useful features, all of its limits.
// Does not install drivers, does not compile or run anything.

import { waitWith } from './device-state.ts';
import { AdapterError } from './errors.ts';
import { selectDriver } from './node/drivers.ts';
import { waitPolitely } from './node/wait.ts';

/** Dawn ends the process if this object is collected while a device lives, so it is kept for ever. */
let gpu: GPU | undefined;

/**
 * Without this Dawn rounds the device's timestamps to 65,536 ns, as it must where pages spy on each other. Here they only
 * time the user's own kernels.
 */
const DAWN_OPTIONS = ['disable-dawn-features=timestamp_quantization'];

const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxBindGroups',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** What the device is to be like, and who is told of its errors. */
export interface OpenDeviceOptions {
  /** Told of errors that no scope caught; the default writes them to stderr. */
  readonly onError?: (message: string) => void;
  /** Keep WebGPU's default limits instead of raising them to the adapter's. */
  readonly defaultLimits?: boolean;
}

/** Dawn's entry object, made once per process. Throws `AdapterError` where Dawn's binary cannot be loaded. */
export async function loadGpu(): Promise<GPU> {
  if (gpu) return gpu;
  selectDriver();
  try {
    const { create } = await import('webgpu');
    gpu = create(DAWN_OPTIONS) as GPU;
    return gpu;
  } catch (error) {
    throw new AdapterError(
      `Dawn could not be loaded: ${error instanceof Error ? error.message : String(error)}. Run: bform doctor`,
    );
  }
}

/** The adapter that `openDevice` would take now. Throws `AdapterError` where none answers. */
export async function findAdapter(): Promise<GPUAdapter> {
  const adapter = await (await loadGpu()).requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new AdapterError(
    'No graphics adapter was found, neither a GPU nor a software driver. Run: bform doctor',
  );
}

/**
 * A device on a fresh adapter. `destroy()` it when done, or the process may hang or fault at its end.
 * @throws AdapterError where no adapter answers, or Dawn's binary cannot be loaded
 */
export async function openDevice(options: OpenDeviceOptions = {}): Promise<GPUDevice> {
  const adapter = await findAdapter();
  const requiredLimits: Record<string, number> = {};
  if (!options.defaultLimits)
    for (const name of WANTED_LIMITS) requiredLimits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits,
  });
  const report = options.onError ?? ((message) => process.stderr.write(`WebGPU: ${message}\n`));
  device.addEventListener('uncapturederror', (event) =>
    report((event as GPUUncapturedErrorEvent).error.message),
  );
  waitWith(device, waitPolitely);
  return device;
}
