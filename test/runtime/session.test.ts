import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDevice } from '../../runtime/device-node.ts';
import {
  DeviceLostError,
  DisposedError,
  InputError,
  KernelError,
  LimitError,
  WeightsError,
} from '../../runtime/errors.ts';
import { openSession } from '../../runtime/session.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await gpuDevice();
});
afterAll(closeGpu);

const open = (options = {}, bundle = tinyBundle()) =>
  openSession(device, bundle.manifest, bundle, options);

const rows = (b: number, t: number, vocab = 11): number[][] =>
  Array.from({ length: b }, (_, i) => Array.from({ length: t }, (_, j) => (7 * i + 3 * j) % vocab));

const flat = (data: ArrayLike<number>) => Array.from(data);

describe('a session', () => {
  it('runs any batch and length, growing and shrinking', async () => {
    const bundle = tinyBundle();
    using session = await open({}, bundle);
    for (const [b, t] of [
      [1, 1],
      [2, 7],
      [3, 129],
      [1, 7],
      [5, 1],
      [4, 300],
    ] as const) {
      const { y } = await session.run({ tokens: rows(b, t) });
      expect(y!.shape).toEqual([b, t, 3]);
      expect(flat(y!.data)).toEqual(bundle.expected(rows(b, t)));
    }
  });

  it.each([0, 1, 2, 5])('follows swapped slots through %i turns', async (turns) => {
    const bundle = tinyBundle({ turns });
    using session = await open({}, bundle);
    const { y } = await session.run({ tokens: [[4, 10, 0]] });
    expect(flat(y!.data)).toEqual(bundle.expected([[4, 10, 0]]));
  });

  it('folds more than 65,535 workgroups', async () => {
    const bundle = tinyBundle({ width: 1, turns: 1 });
    using session = await open({}, bundle);
    const t = 65_536 * 8 + 13;
    const tokens = Int32Array.from({ length: t }, (_, i) => i % 11);
    const { y } = await session.run({ tokens: { data: tokens, shape: [1, t] } });
    const expected = bundle.expected([flat(tokens)]);
    expect(y!.data.length).toBe(t);
    expect(flat(y!.data).findIndex((value, i) => value !== expected[i])).toBe(-1);
  });

  it('queues overlapping runs and gives each its own result', async () => {
    const bundle = tinyBundle();
    using session = await open({}, bundle);
    const inputs = Array.from({ length: 8 }, (_, i) => rows(1 + (i % 3), 2 + i));
    const results = await Promise.all(inputs.map((tokens) => session.run({ tokens })));
    for (const [i, { y }] of results.entries())
      expect(flat(y!.data)).toEqual(bundle.expected(inputs[i]!));
  });

  it('allocates nothing while sizes stay within what it has', async () => {
    using session = await open({ capacity: { b: 2, t: 64 } });
    await session.run({ tokens: rows(2, 64) });
    const before = session.memory;
    const created = [
      vi.spyOn(device, 'createBuffer'),
      vi.spyOn(device, 'createBindGroup'),
      vi.spyOn(device, 'createBindGroupLayout'),
      vi.spyOn(device, 'createShaderModule'),
      vi.spyOn(device, 'createPipelineLayout'),
      vi.spyOn(device, 'createComputePipelineAsync'),
      vi.spyOn(device, 'createComputePipeline'),
    ];
    for (const t of [64, 1, 33, 64, 64]) await session.run({ tokens: rows(2, t) });
    for (const spy of created) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
    expect(session.memory).toEqual(before);
  });

  it('submits one command buffer a run, its outputs among the rest, however many turns it has', async () => {
    using session = await open({ capacity: { b: 2, t: 64 } }, tinyBundle({ turns: 1500 }));
    await session.run({ tokens: rows(2, 64) });
    const encoders = vi.spyOn(device, 'createCommandEncoder');
    const submits = vi.spyOn(device.queue, 'submit');
    for (let run = 0; run < 3; run++) await session.run({ tokens: rows(2, 64) });
    expect(submits.mock.calls.map(([buffers]) => [...buffers].length)).toEqual([1, 1, 1]);
    expect(encoders).toHaveBeenCalledTimes(3);
    submits.mockRestore();
    encoders.mockRestore();
  });

  it('counts its bytes on the device', async () => {
    using session = await open({ capacity: { b: 2, t: 8 } });
    // Two swapped slots of 2*8*3 f32; the table, then three copies of a pack of 65 at multiples of 256 bytes.
    expect(session.memory.activations).toBe(2 * 192);
    expect(session.memory.inputs).toBe(64);
    expect(session.memory.weights).toBe(256 + 2 * 512 + 272);
  });

  it('grows in doubling steps as a text gets longer', async () => {
    using session = await open({ capacity: { b: 1, t: 4 } });
    await session.run({ tokens: rows(1, 4) });
    const created = vi.spyOn(device, 'createBuffer');
    for (let t = 5; t <= 64; t++) await session.run({ tokens: rows(1, t) });
    expect(created.mock.calls.length / 5).toBeLessThanOrEqual(4);
    created.mockRestore();
  });

  it.each([
    ['a missing input', {}, /tokens is missing/],
    ['an unknown input', { tokens: [[1]], mask: [[1]] }, /mask is unknown/],
    [
      'a token out of range',
      {
        tokens: [
          [1, 2],
          [3, 11],
        ],
      },
      /tokens\[1\]\[1\] = 11 is outside 0 to 10/,
    ],
    ['a token that is not whole', { tokens: [[1.5]] }, /tokens\[0\]\[0\] must be a whole/],
    ['a token that is NaN', { tokens: [[Number.NaN]] }, /tokens\[0\]\[0\] must be a whole/],
    ['ragged rows', { tokens: [[1, 2], [3]] }, /tokens\[1\] has 1 entries .* have 2/],
    ['too few axes', { tokens: [1, 2] }, /tokens\[0\] is no list/],
    ['too many axes', { tokens: [[[1]]] }, /tokens\[0\]\[0\] is a list/],
    ['an empty batch', { tokens: [] }, /b = 0 is below its minimum 1/],
    [
      'a shape that differs from the data',
      { tokens: { data: [1, 2], shape: [1, 3] } },
      /needs 3 values, got 2/,
    ],
    [
      'a shape of another rank',
      { tokens: { data: [1, 2], shape: [2] } },
      /must have the shape \[b, t\]/,
    ],
    ['text instead of numbers', { tokens: [['a']] }, /tokens\[0\]\[0\] must be a whole/],
    ['a length over the limit', { tokens: rows(1, 17) }, /t = 17 is over the model's limit of 16/],
  ])('refuses %s', async (_, inputs, message) => {
    using session = await open({}, tinyBundle({ maxT: 16 }));
    const result = session.run(inputs as never);
    await expect(result).rejects.toThrow(InputError);
    await expect(result).rejects.toThrow(message);
    const { y } = await session.run({ tokens: [[1]] });
    expect(y!.data.length).toBe(3);
  });

  it('lists all weights that do not fit', async () => {
    const { manifest, kernels, weights } = tinyBundle();
    weights.delete('blocks.1.scale');
    weights.set('table', new Float32Array(4));
    weights.set('extra', new Float32Array(1));
    const opening = openSession(device, manifest, { kernels, weights });
    await expect(opening).rejects.toThrow(WeightsError);
    await expect(opening).rejects.toMatchObject({
      problems: [
        'table [11,3] needs 33 values, got 4',
        'blocks.1.scale [] is missing',
        'extra is unknown',
      ],
    });
  });

  it('names file, line and column of a kernel that does not compile', async () => {
    const bundle = tinyBundle();
    const [file, text] = [...bundle.kernels][0]!;
    bundle.kernels.set(file, text.replace('i % sizes.width', 'i % sizes.height'));
    const opening = open({}, bundle);
    await expect(opening).rejects.toThrow(KernelError);
    await expect(opening).rejects.toThrow(/kernels\/[0-9a-f]{16}\.wgsl:\d+:\d+ .*height/);
  });

  it('refuses sizes beyond the device before it allocates', async () => {
    using session = await open({}, tinyBundle({ width: 100_000 }));
    const created = vi.spyOn(device, 'createBuffer');
    const { maxStorageBufferBindingSize } = device.limits;
    const t = Math.ceil(maxStorageBufferBindingSize / 400_000);
    await expect(session.run({ tokens: rows(1, t) })).rejects.toThrow(LimitError);
    expect(created).not.toHaveBeenCalled();
    created.mockRestore();
  });

  it('refuses what goes over the memory limit, and still runs what does not', async () => {
    await expect(open({ memoryLimit: 100 })).rejects.toThrow(/weights need \d+ bytes/);
    using session = await open({ memoryLimit: 10_000 });
    await expect(session.run({ tokens: rows(8, 100) })).rejects.toThrow(/memory limit/);
    expect((await session.run({ tokens: rows(1, 2) })).y!.shape).toEqual([1, 2, 3]);
  });

  it('rejects runs after it is disposed, also those under way', async () => {
    const session = await open();
    const underWay = session.run({ tokens: rows(2, 5) });
    session.dispose();
    session.dispose();
    await expect(underWay).rejects.toThrow(DisposedError);
    await expect(session.run({ tokens: [[1]] })).rejects.toThrow(DisposedError);
  });

  it('reports a lost device in every call, and never a result', async () => {
    const doomed = await openDevice();
    const bundle = tinyBundle();
    const session = await openSession(doomed, bundle.manifest, bundle);
    await session.run({ tokens: [[1]] });
    const underWay = session.run({ tokens: rows(2, 500) });
    underWay.catch(() => {});
    await Promise.resolve();
    doomed.destroy();
    await expect(underWay).rejects.toThrow(DeviceLostError);
    await expect(session.run({ tokens: [[1]] })).rejects.toThrow(DeviceLostError);
    await expect(openSession(doomed, bundle.manifest, bundle)).rejects.toThrow(DeviceLostError);
    session.dispose();
  });
});
