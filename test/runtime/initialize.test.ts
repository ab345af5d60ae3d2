import { describe, expect, it } from 'vitest';
import { initializeWeights } from '../../runtime/initialize.ts';
import type { Initializer, Manifest } from '../../runtime/manifest.ts';
import { randomStream } from '../../runtime/random.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

const withInit = (init: Initializer, elements: number): Manifest => ({
  ...tinyBundle().manifest,
  packs: [
    { repeats: [2], elements, weights: [{ name: 'w.{0}', shape: [elements], offset: 0, init }] },
  ],
});

const moments = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
};

describe('fresh weights', () => {
  it('are the same for the same seed, and differ between seeds, tensors and turns', () => {
    const manifest = withInit({ kind: 'normal', std: 1 }, 64);
    const first = initializeWeights(manifest, 1);
    expect(initializeWeights(manifest, 1)).toEqual(first);
    expect(initializeWeights(manifest, 2).get('w.0')).not.toEqual(first.get('w.0'));
    expect(initializeWeights(manifest, 1 + 2 ** 32).get('w.0')).not.toEqual(first.get('w.0'));
    expect(first.get('w.1')).not.toEqual(first.get('w.0'));
    expect([...first.keys()]).toEqual(['w.0', 'w.1']);
  });

  it('tell how far they are, and are the same in blocks', () => {
    const manifest = withInit({ kind: 'normal', std: 1 }, 300_001);
    const told: number[] = [];
    const weights = initializeWeights(manifest, 1, ({ done, total }) => told.push(done / total));
    expect(told).toHaveLength(4);
    expect(told.at(-1)).toBe(1);
    const random = randomStream(1, 'w.1');
    expect(weights.get('w.1')).toEqual(Float32Array.from({ length: 300_001 }, random.normal));
  });

  it('keep their bits from version to version', () => {
    const bits = randomStream(42, 'embed.table');
    expect([bits.bits(), bits.bits(), bits.bits()]).toEqual(GOLDEN_BITS);
  });

  it('have the mean and the spread they declare', () => {
    const normal = moments(
      initializeWeights(withInit({ kind: 'normal', std: 0.02 }, 100_000)).get('w.0')!,
    );
    expect(Math.abs(normal.mean)).toBeLessThan(0.02 * 0.02);
    expect(normal.std).toBeCloseTo(0.02, 3);
    const uniform = initializeWeights(withInit({ kind: 'uniform', low: -1, high: 3 }, 100_000)).get(
      'w.0',
    )!;
    expect(moments(uniform).mean).toBeCloseTo(1, 1);
    expect(moments(uniform).std).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(uniform.every((value) => value >= -1 && value <= 3)).toBe(true);
  });

  it('are constant where they are declared so', () => {
    const drawn = (init: Initializer) => [...initializeWeights(withInit(init, 2)).get('w.0')!];
    expect(drawn({ kind: 'zeros' })).toEqual([0, 0]);
    expect(drawn({ kind: 'ones' })).toEqual([1, 1]);
    expect(drawn({ kind: 'constant', value: 0.5 })).toEqual([0.5, 0.5]);
  });
});

const GOLDEN_BITS = [2062547625, 610116634, 438467479];
