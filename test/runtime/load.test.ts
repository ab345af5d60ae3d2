import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BformError, ManifestError, WeightsError } from '../../runtime/errors.ts';
import { loadBundle, loadModel } from '../../runtime/load-node.ts';
import type { LoadProgress } from '../../runtime/load-progress.ts';
import type { Manifest } from '../../runtime/manifest.ts';
import { randomStream } from '../../runtime/random.ts';
import { type FloatTensor, writeSafetensors } from '../../runtime/safetensors.ts';
import { weightPlaces } from '../../runtime/weights.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

const bundle = tinyBundle();
let folder: string;

/** Writes the tiny bundle, with weights as changed. */
function writeBundle(change: (tensors: Map<string, FloatTensor>) => void = () => {}): void {
  const tensors = new Map<string, FloatTensor>();
  for (const { name, shape } of weightPlaces(bundle.manifest))
    tensors.set(name, { shape, data: bundle.weights.get(name)! });
  change(tensors);
  const weights = writeSafetensors(tensors);
  const manifest: Manifest = {
    ...bundle.manifest,
    files: {
      ...bundle.manifest.files,
      'weights.safetensors': {
        bytes: weights.length,
        sha256: createHash('sha256').update(weights).digest('hex'),
      },
    },
  };
  mkdirSync(join(folder, 'kernels'));
  for (const [file, text] of bundle.kernels) writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, 'weights.safetensors'), weights);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

const kernelFile = () => join(folder, bundle.manifest.kernels[0]!.file);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bform-load-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(closeGpu);

describe('loading a bundle', () => {
  it('gives a model that runs, from a path or a URL', async () => {
    writeBundle();
    for (const place of [folder, pathToFileURL(`${folder}/`)]) {
      using model = await loadModel(place);
      const { y } = await model.run({ tokens: [[1, 2]] });
      expect(Array.from(y!.data)).toEqual(bundle.expected([[1, 2]]));
    }
  });

  it('leaves a device that was given alone, and destroys one of its own', async () => {
    writeBundle();
    const device = await gpuDevice();
    (await loadModel(folder, { device })).dispose();
    using again = await loadModel(folder, { device });
    expect((await again.run({ tokens: [[3]] })).y!.shape).toEqual([1, 1, 3]);
  });

  it('tells how far each of its steps is, up to the end', async () => {
    writeBundle();
    const told: LoadProgress[] = [];
    const device = await gpuDevice();
    (await loadModel(folder, { device, onProgress: (progress) => told.push(progress) })).dispose();
    const last = new Map<string, LoadProgress>();
    for (const progress of told) {
      expect(progress.done).toBeGreaterThan(last.get(progress.step)?.done ?? 0);
      last.set(progress.step, progress);
    }
    expect([...last.keys()]).toEqual(['read', 'compile', 'upload']);
    const { read, compile, upload } = Object.fromEntries(last);
    expect(compile!.done).toBe(bundle.manifest.kernels.length);
    for (const { done, total } of [read!, compile!]) expect(done).toBe(total);
    // Padding between packs is not written.
    expect(upload!.done).toBeLessThanOrEqual(upload!.total);
  });

  it('draws weights from a seed where there are none', async () => {
    writeBundle();
    rmSync(join(folder, 'weights.safetensors'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(bundle.manifest));
    await expect(loadModel(folder)).rejects.toThrow(/no weights\.safetensors; give a seed/);
    using a = await loadModel(folder, { seed: 5 });
    using b = await loadModel(folder, { seed: 5 });
    using c = await loadModel(folder, { seed: 6 });
    const [x, y, z] = await Promise.all(
      [a, b, c].map(async (model) => (await model.run({ tokens: [[1]] })).y!.data),
    );
    expect(x).toEqual(y);
    expect(x).not.toEqual(z);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a folder that is not there',
      () => rmSync(join(folder, 'manifest.json')),
      /manifest\.json is missing/,
    ],
    ['a missing kernel', () => rmSync(kernelFile()), /kernels\/[0-9a-f]+\.wgsl is missing/],
    ['a file that is cut short', () => writeFileSync(kernelFile(), 'x'), /has 1 bytes instead of/],
    [
      'a file of the right length but other bytes',
      () => {
        const bytes = readFileSync(kernelFile());
        bytes[40]! ^= 1;
        writeFileSync(kernelFile(), bytes);
      },
      /is damaged: its SHA-256 differs/,
    ],
    [
      'a link in place of a file',
      () => {
        renameSync(kernelFile(), join(folder, 'elsewhere'));
        symlinkSync(join(folder, 'elsewhere'), kernelFile());
      },
      /is a link/,
    ],
    [
      'a folder in place of a file',
      () => {
        rmSync(kernelFile());
        mkdirSync(kernelFile());
      },
      /no regular file|EISDIR/,
    ],
  ])('refuses %s', async (_, harm, message) => {
    writeBundle();
    harm();
    await expect(loadBundle(folder)).rejects.toThrow(ManifestError);
    await expect(loadBundle(folder)).rejects.toThrow(message);
  });

  it('lists every weight that does not fit', async () => {
    writeBundle((tensors) => {
      tensors.delete('blocks.0.shift');
      tensors.set('table', { shape: [3, 11], data: new Float32Array(33) });
      tensors.set('spare', { shape: [], data: new Float32Array(1) });
    });
    await expect(loadModel(folder)).rejects.toThrow(WeightsError);
    await expect(loadModel(folder)).rejects.toMatchObject({
      problems: [
        'table must be [11,3] but is [3,11]',
        'blocks.0.shift [1] is missing',
        'spare is unknown',
      ],
    });
  });

  it('notices each of 200 flipped bits in any of its files', async () => {
    writeBundle();
    const seed = Number(process.env.SEED ?? 3);
    const random = randomStream(seed, 'flips');
    const files = ['manifest.json', 'weights.safetensors', ...bundle.kernels.keys()];
    const original = JSON.stringify(await loadBundle(folder).then(({ manifest }) => manifest));
    for (let i = 0; i < 200; i++) {
      const path = join(folder, files[i % files.length]!);
      const bytes = readFileSync(path);
      const bit = Math.floor(random.uniform() * bytes.length * 8);
      const before = Buffer.from(bytes);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, bytes);
      const loaded = await loadBundle(folder).catch((error: unknown) => error);
      writeFileSync(path, before);
      if (loaded instanceof BformError) continue;
      // A manifest's own names and numbers can change into other good ones; anything else is a miss.
      const context = `seed ${seed}: bit ${bit} of ${path}`;
      if (loaded instanceof Error) throw new Error(context, { cause: loaded });
      expect(path, context).toMatch(/manifest\.json$/);
      const { manifest } = loaded as Awaited<ReturnType<typeof loadBundle>>;
      expect(JSON.stringify(manifest), context).not.toBe(original);
    }
  });
});
