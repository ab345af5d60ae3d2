// Inputs for a model to be run on where it does not matter what they are.
import type { Compilation } from '../compiler/compile.ts';
import { evaluate } from '../compiler/shapes/dim.ts';
import type { TensorInput } from '../runtime/inputs.ts';
import { randomStream } from '../runtime/random.ts';

/** At the sizes of the symbols, from a seed: tokens in their range, other numbers from -1 to 1. */
export function randomInputs(
  { graph }: Compilation,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): Record<string, TensorInput> {
  const entries = graph.inputs.map(({ name, type, range }) => {
    const random = randomStream(seed, `input ${name}`);
    const shape = type.shape.map((size) => Number(evaluate(size, sizes)));
    const length = shape.reduce((product, size) => product * size, 1);
    const [low, high] = range ?? [0, 1];
    const whole = () => low + Math.floor(random.uniform() * (high - low + 1));
    const data =
      type.dtype === 'f32'
        ? Float32Array.from({ length }, () => 2 * random.uniform() - 1)
        : Int32Array.from({ length }, whole);
    return [name, { data, shape }] as const;
  });
  return Object.fromEntries(entries);
}
