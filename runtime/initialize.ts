// Fresh weights for a manifest, drawn by its initialisers from a seed. The same seed gives the same bits everywhere:
// every tensor has its own random stream (random.ts), named by its path.
import type { Initializer, Manifest } from './manifest.ts';
import { type Random, randomStream } from './random.ts';
import { weightPlaces } from './weights.ts';

/** All weights of the manifest by path name. `seed` is a whole number, 0 or more. */
export function initializeWeights(manifest: Manifest, seed = 0): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const { name, elements, init } of weightPlaces(manifest))
    if (!weights.has(name)) weights.set(name, draw(init, elements, randomStream(seed, name)));
  return weights;
}

function draw(init: Initializer, elements: number, random: Random): Float32Array {
  const values = new Float32Array(elements);
  switch (init.kind) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'constant':
      return values.fill(init.value);
    case 'normal':
      for (let i = 0; i < elements; i++) values[i] = init.std * random.normal();
      return values;
    case 'uniform':
      for (let i = 0; i < elements; i++)
        values[i] = init.low + (init.high - init.low) * random.uniform();
      return values;
  }
}
