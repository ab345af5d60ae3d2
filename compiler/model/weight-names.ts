// The concrete names behind a weight's template: `blocks.{0}.a.wq.w` with 12 turns stands for `blocks.0.a.wq.w` to
// `blocks.11.a.wq.w`, the names in a weights' file.
import type { WeightSpec } from '../graph/graph.ts';

/** All names of a weight, the turns of the innermost repeat changing fastest. */
export function expandWeightNames({
  name,
  repeats,
}: Pick<WeightSpec, 'name' | 'repeats'>): string[] {
  let names = [name];
  for (const [level, count] of repeats.entries()) {
    names = names.flatMap((template) =>
      Array.from({ length: count }, (_, turn) => template.replace(`{${level}}`, String(turn))),
    );
  }
  return names;
}
