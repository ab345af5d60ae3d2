// Tries a driver for real: a child process opens Dawn on it, runs one kernel and reports. A driver that crashes or hangs
// takes only the child with it.
import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { type Driver, dawnPackage } from './drivers.ts';

const PROBE_MILLISECONDS = 60_000;

export interface AdapterReport {
  readonly description: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A processor pretending to be a GPU. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

export type ProbeResult =
  | { readonly works: true; readonly adapter: AdapterReport }
  | { readonly works: false; readonly why: string };

/** Plain script, because the child has no loader for TypeScript. Its argument: { webgpu, loader?, nodelete }. */
const CHILD = `
const { webgpu, loader, flags } = JSON.parse(process.argv[1]);
if (loader) try { process.dlopen({ exports: {} }, loader, flags); } catch {}
const { create } = await import(webgpu);
const gpu = (globalThis.kept = create([]));
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) throw new Error('Dawn finds no adapter that it accepts');
const { info } = adapter;
const limits = {};
for (const name in Object.getPrototypeOf(adapter.limits)) {
  const value = adapter.limits[name];
  if (typeof value === 'number') limits[name] = value;
}
const device = await adapter.requestDevice();
const code = '@group(0) @binding(0) var<storage, read_write> y: array<u32>; @compute @workgroup_size(1) fn main() { y[0] = 42; }';
const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });
const buffer = device.createBuffer({ size: 16, usage: 0x84 });
const result = device.createBuffer({ size: 16, usage: 0x9 });
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(pipeline);
pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] }));
pass.dispatchWorkgroups(1);
pass.end();
encoder.copyBufferToBuffer(buffer, 0, result, 0, 16);
device.queue.submit([encoder.finish()]);
await result.mapAsync(1);
const answer = new Uint32Array(result.getMappedRange().slice(0))[0];
device.destroy();
if (answer !== 42) throw new Error('it computes wrongly');
const report = {
  description: info.description || info.device, vendor: info.vendor, architecture: info.architecture,
  software: info.isFallbackAdapter || /llvmpipe|swiftshader/i.test(info.description),
  features: [...adapter.features].sort(), limits,
};
process.stdout.write('\\n<report>' + JSON.stringify(report));
`;

/** `driver` absent: whatever the system offers by itself. Never throws. */
export function probe(driver?: Driver): Promise<ProbeResult> {
  const dawn = dawnPackage();
  if (!dawn)
    return Promise.resolve({ works: false, why: 'the npm package webgpu is not installed' });
  const { VK_DRIVER_FILES: _, VK_ICD_FILENAMES: __, ...env } = process.env;
  const argument = JSON.stringify({
    webgpu: pathToFileURL(dawn.entry).href,
    loader: driver?.loader,
    flags: (constants.dlopen?.RTLD_NOW ?? 0) | 0x1000,
  });
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', CHILD, argument],
      {
        env: { ...env, ...(driver?.icd && { VK_ICD_FILENAMES: driver.icd }) },
        timeout: PROBE_MILLISECONDS,
        killSignal: 'SIGKILL',
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const report = stdout.split('<report>')[1];
        if (report) resolve({ works: true, adapter: JSON.parse(report) });
        else resolve({ works: false, why: reasonOf(error, stderr) });
      },
    );
  });
}

function reasonOf(
  error: { killed?: boolean; signal?: string | null } | null,
  stderr: string,
): string {
  if (error?.killed) return `no answer within ${PROBE_MILLISECONDS / 1000} s`;
  const thrown = /^\w*Error: (.+)$/m.exec(stderr)?.[1];
  return thrown ?? (error?.signal ? `it crashes Dawn (${error.signal})` : 'Dawn gave no answer');
}
