// Makes a device tell the truth: error scopes around work, and a flag for loss, because after a loss the API reports
// success for calls that did nothing. All GPU work of the runtime goes through `guarded` and `untilLost`.
import { DeviceLostError, KernelError, OutOfMemoryError } from './errors.ts';

/** How to wait for a promise of the device's; it settles as the promise does. */
export type Wait = <T>(promise: Promise<T>) => Promise<T>;

interface DeviceState {
  wait: Wait;
  lost: DeviceLostError | undefined;
  /** Ends of waits under way. A race against `device.lost` itself would leak a reaction with every wait. */
  readonly waiting: Set<(error: DeviceLostError) => void>;
}

const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;
const states = new WeakMap<GPUDevice, DeviceState>();

function stateOf(device: GPUDevice): DeviceState {
  const known = states.get(device);
  if (known) return known;
  const state: DeviceState = {
    wait: (promise) => promise,
    lost: undefined,
    waiting: new Set(),
  };
  states.set(device, state);
  device.lost.then(({ reason, message }) => {
    state.lost = new DeviceLostError(
      reason === 'destroyed'
        ? 'The device was destroyed while it was still needed.'
        : `The device was lost: ${message || 'no reason given'}.`,
    );
    for (const end of state.waiting) end(state.lost);
    state.waiting.clear();
  });
  return state;
}

/** Sets how the runtime waits for this device; it just awaits otherwise. */
export function waitWith(device: GPUDevice, wait: Wait): void {
  stateOf(device).wait = wait;
}

/** Throws `DeviceLostError` if the device is known to be gone. */
export function checkAlive(device: GPUDevice): void {
  const { lost } = stateOf(device);
  if (lost) throw lost;
}

/** The promise's value, or a rejection with `DeviceLostError` as soon as the device is lost. */
export async function untilLost<T>(device: GPUDevice, promise: Promise<T>): Promise<T> {
  checkAlive(device);
  const { waiting, wait } = stateOf(device);
  let end: ((error: DeviceLostError) => void) | undefined;
  const ended = new Promise<T>((resolve, reject) => {
    end = reject;
    waiting.add(reject);
    promise.then(resolve, reject);
  });
  try {
    return await wait(ended);
  } catch (error) {
    // A lost device fails its promises with empty messages just before it says that it is lost.
    await new Promise((resolve) => setTimeout(resolve));
    throw error;
  } finally {
    if (end) waiting.delete(end);
    checkAlive(device);
  }
}

/** Does `work`, which must finish its calls to the device at once; gives its value and the error it caused, if any. */
export async function scoped<T>(
  device: GPUDevice,
  work: () => T,
): Promise<{ value: T; error: KernelError | OutOfMemoryError | undefined }> {
  checkAlive(device);
  for (const filter of SCOPES) device.pushErrorScope(filter);
  let popped: Promise<(GPUError | null)[]> | undefined;
  let value: T;
  try {
    value = work();
  } finally {
    popped = Promise.all(SCOPES.map(() => device.popErrorScope()));
  }
  const [internal, memory, validation] = await untilLost(device, popped);
  const error = memory
    ? new OutOfMemoryError(memory.message)
    : internal || validation
      ? new KernelError((internal ?? validation)!.message)
      : undefined;
  return { value, error };
}

/** Like `scoped`, but throws the error. `what` begins its message: "Placing the weights". */
export async function guarded<T>(device: GPUDevice, what: string, work: () => T): Promise<T> {
  const { value, error } = await scoped(device, work);
  if (error instanceof OutOfMemoryError)
    throw new OutOfMemoryError(`${what}: the device has no memory left. ${error.message}`);
  if (error) throw new KernelError(`${what} was refused by the device: ${error.message}`);
  return value;
}
