// What a report says of memory is what a session allocates: every example and every paper's model that fits is opened,
// with a device that counts.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '../../compiler/ast/ast.ts';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { compile, cost, load } from '../../compiler/compile.ts';
import type { Manifest } from '../../runtime/manifest.ts';
import { memoryNeed } from '../../runtime/memory-need.ts';
import { openSession } from '../../runtime/session.ts';
import { weightPlaces } from '../../runtime/weights.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { sources } from '../support/sources.ts';

/** Larger ones would only fill the machine's memory. */
const MOST_BYTES = 2 ** 29;

let device: GPUDevice;
beforeAll(async () => {
  device = await gpuDevice();
});
afterAll(closeGpu);

/** Runs `work` with the device, and gives the bytes of the buffers that are there at its end. */
async function allocatedBy<T>(work: () => Promise<T>): Promise<{ value: T; bytes: number }> {
  const alive = new Map<GPUBuffer, number>();
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    alive.set(buffer, descriptor.size);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      alive.delete(buffer);
      return destroy();
    };
    return buffer;
  };
  try {
    const value = await work();
    return { value, bytes: [...alive.values()].reduce((a, b) => a + b, 0) };
  } finally {
    device.createBuffer = createBuffer;
  }
}

interface Candidate {
  readonly name: string;
  readonly text: string;
  readonly model: string;
}

function modelsIn(name: string, url: URL): Candidate[] {
  const text = readFileSync(url, 'utf8');
  const { result } = load(name, sources({ [name]: text }));
  return result!.entry.ast.items
    .filter((item): item is Model => item.kind === 'model')
    .map(({ name: { text: model } }) => ({ name, text, model }));
}

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const CANDIDATES: readonly Candidate[] = [
  ...readdirSync(at('examples/'))
    .filter((folder) => folder !== 'text')
    .flatMap((folder) => modelsIn(`${folder}.bform`, at(`examples/${folder}/model.bform`))),
  ...readdirSync(at('stdlib/papers/'))
    .filter((name) => name.endsWith('.bform'))
    .flatMap((name) => modelsIn(name, at(`stdlib/papers/${name}`))),
];

function compiled({ name, text, model }: Candidate) {
  const { result } = compile(name, sources({ [name]: text }), {
    model,
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
  });
  return result!;
}

const largestBinding = (manifest: Manifest): number =>
  Math.max(...manifest.packs.map(({ elements }) => 4 * elements));

const opened = new Set<string>();

test.each(CANDIDATES.map((one) => [`${one.name}:${one.model}`, one] as const))(
  '%s',
  async (name, candidate) => {
    const compilation = compiled(candidate);
    const manifest = { ...(await buildManifest(compilation)), files: {} };
    const sizes = {
      b: 2,
      t: Math.min(64, manifest.symbols.find((s) => s.name === 't')?.max ?? 64),
    };
    const need = memoryNeed(manifest, sizes);
    expect(Number(cost(compilation, sizes).activations.peak)).toBe(need.activations);
    const limit = device.limits.maxStorageBufferBindingSize;
    if (need.total > MOST_BYTES || largestBinding(manifest) > limit) return;

    const { value: session, bytes } = await allocatedBy(() =>
      openSession(
        device,
        manifest,
        {
          kernels: new Map(compilation.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text])),
          weights: new Map(
            [...weightPlaces(manifest)].map(({ name, elements }) => [
              name,
              new Float32Array(elements),
            ]),
          ),
        },
        { capacity: sizes },
      ),
    );
    expect(session.memory).toEqual(need);
    expect(bytes).toBe(need.total);
    session.dispose();
    opened.add(name);
  },
  60_000,
);

test('every file was opened but for those whose only model fits no common device', () => {
  const files = new Set([...opened].map((name) => name.split(':')[0]!));
  const left = CANDIDATES.map(({ name }) => name).filter((name) => !files.has(name));
  // GPT-2's embedding is larger than 128 MiB, LLaMA has 7 billion parameters.
  expect(['gpt2.bform', 'llama.bform']).toEqual(expect.arrayContaining(left));
});

test('a run allocates nothing beyond it', async () => {
  const compilation = compiled(CANDIDATES.find(({ name }) => name === 'mixture.bform')!);
  const manifest = { ...(await buildManifest(compilation)), files: {} };
  const need = memoryNeed(manifest, { b: 1, t: 9 });
  const { value: session, bytes } = await allocatedBy(async () => {
    const made = await openSession(device, manifest, {
      kernels: new Map(compilation.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text])),
      weights: new Map(
        [...weightPlaces(manifest)].map(({ name, elements }) => [name, new Float32Array(elements)]),
      ),
    });
    await made.run({ tokens: [Array.from({ length: 9 }, (_, i) => i)] });
    return made;
  });
  expect(bytes).toBe(need.total);
  expect(session.memory).toEqual(need);
  session.dispose();
});
