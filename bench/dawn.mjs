// WebGPU for engines that expect a browser: Dawn's globals and `navigator.gpu` in Node, with calls counted, and with the
// same waiting as bform's own: without it Dawn polls without a pause, which takes a core from a software adapter's threads.

/** Milliseconds of each pause; 0 turns them off, as a GPU of its own may want. */
const PAUSE_MS = Number(process.env.DAWN_SLEEP_MS ?? 0.5);

/** Counts calls on the prototypes of a set of WebGPU globals. */
export function countCalls(globals) {
  const counts = { dispatches: 0, submits: 0, passes: 0, pipelines: 0, buffers: 0, errors: [] };
  const count = (type, method, key) => {
    const { prototype } = globals[type];
    const original = prototype[method];
    prototype[method] = function (...given) {
      counts[key]++;
      return original.apply(this, given);
    };
  };
  count('GPUComputePassEncoder', 'dispatchWorkgroups', 'dispatches');
  count('GPUComputePassEncoder', 'dispatchWorkgroupsIndirect', 'dispatches');
  count('GPUCommandEncoder', 'beginComputePass', 'passes');
  count('GPUQueue', 'submit', 'submits');
  count('GPUDevice', 'createComputePipeline', 'pipelines');
  count('GPUDevice', 'createComputePipelineAsync', 'pipelines');
  count('GPUDevice', 'createBuffer', 'buffers');
  return counts;
}

/** Must run before the engine is imported. Gives the counts, and the devices that were asked for. */
export async function installWebGPU() {
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const counts = countCalls(globals);
  const devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    devices.push(device, this);
    device.addEventListener('uncapturederror', ({ error }) => counts.errors.push(error?.message));
    return device;
  };
  pauseBetweenPolls();
  // A collected GPU object would end the process.
  const gpu = create([]);
  globalThis.keptForDawn = gpu;
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    writable: true,
    value: {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64) node',
      platform: 'Linux x86_64',
      hardwareConcurrency: 2,
      gpu,
    },
  });
  return { counts, devices };
}

function pauseBetweenPolls() {
  const { setImmediate } = globalThis;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  if (PAUSE_MS)
    globalThis.setImmediate = (callback, ...given) =>
      setImmediate(() => {
        Atomics.wait(cell, 0, 0, PAUSE_MS);
        callback(...given);
      });
  // Keeps the event loop alive: else Node may block in the platform's drain of tasks, for half a minute, and not poll.
  setInterval(() => {}, 1000);
}

/** How many calls one run makes, by a run: `dispatches`, `submits`, `buffers`. */
export async function countsOfRun(counts, run) {
  const before = { ...counts };
  await run();
  const made = (key) => counts[key] - before[key];
  return { dispatches: made('dispatches'), submits: made('submits'), buffers: made('buffers') };
}
