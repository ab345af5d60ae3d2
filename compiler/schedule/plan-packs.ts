// Puts weights that live in the same repeat together into packs: few bindings for many weights.
// Order and offsets follow the graph's list of weights. Refuses by name (BF4001) what no binding can hold.
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Graph, WeightSpec } from '../graph/graph.ts';
import { refuse } from './refuse.ts';
import type { Pack } from './schedule.ts';

/** Offsets are multiples of this many elements: the strictest alignment that devices ask of a binding, 256 bytes. */
const ALIGNMENT = 64;
const BYTES = 4;

/** What every WebGPU device binds at once. */
export const PORTABLE_BINDING_BYTES = 128 * 1024 * 1024;

export function planPacks(graph: Graph, maxBindingBytes: number, report?: Report): Pack[] {
  const most = Math.floor(maxBindingBytes / BYTES);
  // Packs only save bindings: none becomes larger than every device binds, unless one weight alone is.
  const mostTogether = Math.min(most, PORTABLE_BINDING_BYTES / BYTES);
  const packs: Pack[] = [];
  const open = new Map<string, { pack: Pack; weights: Pack['weights'][number][] }>();
  for (const weight of graph.weights) {
    const elements = weight.shape.reduce((product, size) => product * size, 1);
    if (elements > most) {
      const message = refusal(weight, elements, maxBindingBytes);
      refuse(graph, report, 'BF4001', weight.span, message, LARGER_DEVICES);
    }
    const last = open.get(nestOf(weight));
    const offset = last ? Math.ceil(last.pack.elements / ALIGNMENT) * ALIGNMENT : 0;
    const fits = last && offset + elements <= mostTogether;
    const weights = fits ? last.weights : [];
    const id = fits ? last.pack.id : packs.length;
    const start = fits ? offset : 0;
    weights.push({ name: weight.name, offset: start, elements });
    packs[id] = { id, repeats: weight.repeats, weights, elements: start + elements };
    open.set(nestOf(weight), { pack: packs[id], weights });
  }
  return packs;
}

/** The repeat that a weight lives in: its path up to the last turn number. */
const nestOf = (weight: WeightSpec): string =>
  `${weight.repeats.join(' ')} ${weight.name.slice(0, weight.name.lastIndexOf('{') + 1)}`;

function refusal(weight: WeightSpec, elements: number, limit: number): string {
  const bytes = (elements * BYTES).toLocaleString('en');
  return `weight \`${weight.name}\` [${weight.shape.join(', ')}] takes ${bytes} bytes, a device binds at most ${limit.toLocaleString('en')}`;
}

const LARGER_DEVICES =
  'many graphics cards bind more: `--binding-limit 2048` (MiB) compiles for those alone; `bform doctor` says what this machine binds';

/** The number of the pack that holds a weight. */
export function packFinder(packs: readonly Pack[]): (weight: string) => number {
  const ids = new Map(packs.flatMap((pack) => pack.weights.map(({ name }) => [name, pack.id])));
  return (weight) => ids.get(weight) ?? -1;
}
