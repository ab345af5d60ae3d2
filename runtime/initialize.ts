// Fresh weights for a manifest, drawn by its initialisers from a seed. The same seed gives the same bits everywhere:
// every tensor has its own random stream (random.ts), named by its path.
import { countStep, type OnLoadProgress } from './load-progress.ts';
import type { Initializer, Manifest } from './manifest.ts';
import { type Random, randomStream } from './random.ts';
import { weightPlaces } from './weights.ts';

/** After so many elements of a tensor the progress is told. */
const BLOCK = 2 ** 18;

/**
 * All weights of the manifest by path name, row-major, drawn by their initialisers. The same seed, a whole number of 0 or
 * more, gives the same bits everywhere. Throws nothing.
 */
export function initializeWeights(
  manifest: Manifest,
  seed = 0,
  onProgress?: OnLoadProgress,
): Map<string, Float32Array> {
  const places = new Map([...weightPlaces(manifest)].map((place) => [place.name, place]));
  const total = [...places.values()].reduce((sum, { elements }) => sum + elements, 0);
  const drawn = countStep('draw', total, onProgress);
  const weights = new Map<string, Float32Array>();
  for (const { name, elements, init } of places.values()) {
    const values = new Float32Array(elements);
    const random = randomStream(seed, name);
    for (let from = 0; from < elements; from += BLOCK) {
      const block = values.subarray(from, from + BLOCK);
      draw(init, block, random);
      drawn(block.length);
    }
    weights.set(name, values);
  }
  return weights;
}

/** The next values of a tensor. */
function draw(init: Initializer, values: Float32Array, random: Random): void {
  const { length } = values;
  switch (init.kind) {
    case 'zeros':
      return;
    case 'ones':
      values.fill(1);
      return;
    case 'constant':
      values.fill(init.value);
      return;
    case 'normal':
      for (let i = 0; i < length; i++) values[i] = init.std * random.normal();
      return;
    case 'uniform':
      for (let i = 0; i < length; i++)
        values[i] = init.low + (init.high - init.low) * random.uniform();
      return;
  }
}
