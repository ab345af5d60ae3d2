// A model of bench/workloads/ from its text to kernels, for the adapter of a device. Needs `npm run build`.
import { fileURLToPath } from 'node:url';
import { resultOf } from '../dist/cli/diagnostics.js';
import { fileAndModel } from '../dist/cli/options.js';
import { openEntry } from '../dist/cli/source-reader.js';
import { buildManifest } from '../dist/compiler/bundle/build-manifest.js';
import { compile } from '../dist/compiler/compile.js';
import { kernelTarget } from '../dist/runtime/kernel-target.js';

/** `place`: `decoder.bform:stack`; `args`: the model's parameters as text. */
export async function compiled(device, place, args) {
  const { file, model } = fileAndModel(
    fileURLToPath(new URL(`workloads/${place}`, import.meta.url)),
  );
  const { path, reader } = openEntry(file);
  const target = kernelTarget({ info: device.adapterInfo, features: device.features });
  const compilation = resultOf(
    compile(path, reader, {
      args,
      maxBindingBytes: device.limits.maxStorageBufferBindingSize,
      target,
      ...(model !== undefined && { model }),
    }),
  );
  return {
    compilation,
    manifest: { ...(await buildManifest(compilation)), files: {} },
    kernels: new Map(compilation.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text])),
  };
}
