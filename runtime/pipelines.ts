// One compute pipeline for each kernel of a manifest, all made at once and asynchronously. Layouts follow the manifest
// and not the WGSL, so a kernel that disagrees with its manifest is refused here rather than misread.

import { scoped, untilLost } from './device-state.ts';
import { BformError, KernelError, ManifestError } from './errors.ts';
import { STAGE_COMPUTE } from './gpu-constants.ts';
import { dispatchSteps } from './load-manifest.ts';
import { countStep, type OnLoadProgress } from './load-progress.ts';
import type { Manifest } from './manifest.ts';

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** `sources`: WGSL by the manifest's file names. Throws `ManifestError` (a source is missing), `KernelError`. */
export async function createPipelines(
  device: GPUDevice,
  manifest: Manifest,
  sources: ReadonlyMap<string, string>,
  onProgress?: OnLoadProgress,
): Promise<Pipeline[]> {
  const missing = manifest.kernels.filter(({ file }) => !sources.has(file));
  if (missing.length > 0)
    throw new ManifestError(
      'Kernels are missing:',
      missing.map(({ file }) => file),
    );
  const withUniform = new Set<number>();
  for (const { kernel, params } of dispatchSteps(manifest.steps))
    if (params.length > 0) withUniform.add(kernel);

  const compiled = countStep('compile', manifest.kernels.length, onProgress);
  const { value: started, error } = await scoped(device, () =>
    manifest.kernels.map((kernel, index) => {
      const code = sources.get(kernel.file)!;
      const module = device.createShaderModule({ label: kernel.file, code });
      const layout = createLayout(device, kernel, withUniform.has(index));
      const pipeline = device.createComputePipelineAsync({
        label: kernel.file,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      // Failures are looked at below; until then they must not count as unhandled.
      pipeline.then(() => compiled(1)).catch(() => {});
      return { file: kernel.file, module, layout, pipeline };
    }),
  );
  const problems: string[] = [];
  const pipelines: Pipeline[] = [];
  for (const { file, module, layout, pipeline } of started) {
    try {
      pipelines.push({ layout, pipeline: await untilLost(device, pipeline) });
    } catch (cause) {
      if (cause instanceof BformError) throw cause;
      problems.push(...(await faultsOf(device, file, module, cause as Error)));
    }
  }
  if (problems.length > 0)
    throw new KernelError('The device refuses kernels of this bundle:', problems);
  if (error) throw error;
  return pipelines;
}

function createLayout(
  device: GPUDevice,
  kernel: Manifest['kernels'][number],
  uniform: boolean,
): GPUBindGroupLayout {
  const types: GPUBufferBindingType[] = kernel.bindings.map(({ access }) =>
    access === 'read' ? 'read-only-storage' : 'storage',
  );
  if (uniform) types.push('uniform');
  return device.createBindGroupLayout({
    label: kernel.file,
    entries: types.map((type, binding) => ({
      binding,
      visibility: STAGE_COMPUTE,
      buffer: { type },
    })),
  });
}

async function faultsOf(
  device: GPUDevice,
  file: string,
  module: GPUShaderModule,
  cause: Error,
): Promise<string[]> {
  const { messages } = await untilLost(device, module.getCompilationInfo());
  const faults = messages
    .filter(({ type }) => type === 'error')
    .map(({ lineNum, linePos, message }) => `${file}:${lineNum}:${linePos} ${message}`);
  return faults.length > 0 ? faults : [`${file}: ${cause.message}`];
}
