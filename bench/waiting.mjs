// What waiting for the device costs: CPU time of Node's thread during one long dispatch, in shares of a core. The bar is 10 %.
// On a software adapter the driver's own threads compute in the same process: they are left out, where Linux tells threads
// apart; elsewhere the whole process is counted. Needs `npm run build`.
//
//   node bench/waiting.mjs [repeats]
import { readFileSync } from 'node:fs';
import { openDevice } from '../dist/runtime/index.js';
import { waitPolitely } from '../dist/runtime/node/wait.js';

const REPEATS = Number(process.argv[2] ?? 5);
const WORKGROUPS = 64;
const THREADS = 64;
const CODE = `
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(${THREADS}) fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = f32(id.x);
  for (var i = 0u; i < 200000u; i++) { sum = fma(sum, 0.999, 1.0); }
  y[id.x] = sum;
}`;

const device = await openDevice();
const pipeline = await device.createComputePipelineAsync({
  layout: 'auto',
  compute: { module: device.createShaderModule({ code: CODE }) },
});
const STORAGE = 0x80;
const buffer = device.createBuffer({ size: 4 * WORKGROUPS * THREADS, usage: STORAGE });
const bindings = device.createBindGroup({
  layout: pipeline.getBindGroupLayout(0),
  entries: [{ binding: 0, resource: { buffer } }],
});

async function dispatch(wait) {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(WORKGROUPS);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await wait(device.queue.onSubmittedWorkDone());
}

/** Milliseconds of CPU time: of this thread, in steps of 10 ms, or of the process. */
function cpuMs() {
  if (process.platform === 'linux') {
    const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1];
    const [user, system] = stat.split(' ').slice(11, 13).map(Number);
    return 10 * (user + system);
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const WAITS = { polling: (promise) => promise, bform: waitPolitely };
for (const [name, wait] of Object.entries(WAITS)) {
  await dispatch(wait);
  const [cpu, start] = [cpuMs(), performance.now()];
  for (let repeat = 0; repeat < REPEATS; repeat++) await dispatch(wait);
  const ms = performance.now() - start;
  const share = (cpuMs() - cpu) / ms;
  console.log(
    `${name.padEnd(8)} ${(100 * share).toFixed(1).padStart(5)} % of a core while a dispatch of ` +
      `${(ms / REPEATS).toFixed(0)} ms runs (${REPEATS} times)`,
  );
}
buffer.destroy();
device.destroy();
