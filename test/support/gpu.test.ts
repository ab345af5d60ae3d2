import { afterAll, describe, expect, it } from 'vitest';
import { closeGpu, gpuDevice, read, runKernel, write } from './gpu.ts';

afterAll(closeGpu);

describe('the test device', () => {
  it('runs a kernel with a uniform and reads its result back', async () => {
    const code = `
      @group(0) @binding(0) var<storage, read> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;
      struct Params { n: u32, by: u32 }
      @group(0) @binding(2) var<uniform> p: Params;
      @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
        if (id.x < p.n) { y[id.x] = x[id.x] * f32(p.by); }
      }`;
    const [y] = await runKernel({
      code,
      bindings: [read(Float32Array.of(1, 2, 3, 4, 5)), write(5)],
      params: [5, 3],
      workgroups: [2],
    });
    expect([...y!]).toEqual([3, 6, 9, 12, 15]);
  });

  it('throws the compiler message of a faulty kernel', async () => {
    await expect(
      runKernel({
        code: '@compute @workgroup_size(1) fn main() { y = 1; }',
        bindings: [],
        workgroups: [1],
      }),
    ).rejects.toThrow(/unresolved value 'y'/);
  });

  it('says which adapter it is', async () => {
    const { adapterInfo } = await gpuDevice();
    console.log(
      `GPU tests on: ${adapterInfo.description || adapterInfo.device || adapterInfo.vendor}`,
    );
  });
});
