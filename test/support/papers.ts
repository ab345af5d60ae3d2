// The published models of stdlib/papers, each as a graph small enough to run: every model of a file that is small, and
// where none is, the file's models with their sizes divided.
import { readdirSync, readFileSync } from 'node:fs';
import type { Model, Param } from '../../compiler/ast/ast.ts';
import { type Analysis, analyze, load } from '../../compiler/compile.ts';
import { sources } from './sources.ts';

const folder = new URL('../../stdlib/papers/', import.meta.url);
const texts = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.bform'))
    .sort()
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);

export interface SmallModel extends Analysis {
  /** `gpt2.bform:gpt2`. */
  readonly name: string;
}

/** Weights of this many elements in all run in a few seconds. */
const MOST_ELEMENTS = 8_000_000;
const DIVISOR = 64;

/** Every file that is there; one without a model that can be made small is a mistake of the file's. */
export const paperFiles: readonly string[] = Object.keys(texts);

export function smallModels(file: string): SmallModel[] {
  const reader = sources(texts);
  const { result } = load(file, reader);
  const models = result!.entry.ast.items.filter((item): item is Model => item.kind === 'model');
  const made = (args: (model: Model) => Record<string, number>): SmallModel[] =>
    models.flatMap((model) => {
      const name = model.name.text;
      const analyzed = analyze(file, reader, {
        model: name,
        args: args(model),
        auxiliary: true,
      }).result;
      const isSmall = analyzed !== undefined && elementsOf(analyzed) <= MOST_ELEMENTS;
      return isSmall ? [{ name: `${file}:${name}`, ...analyzed }] : [];
    });
  const small = made(() => ({}));
  return small.length > 0 ? small : made(({ params }) => dividedSizes(params));
}

const elementsOf = ({ graph }: Analysis): number =>
  graph.weights.reduce(
    (sum, { shape, repeats }) => sum + [...shape, ...repeats].reduce((n, size) => n * size, 1),
    0,
  );

/** Sizes above 64, of whatever, divided; heads and experts are fewer and stay. Two turns show what more would. */
function dividedSizes(params: readonly Param[]): Record<string, number> {
  return Object.fromEntries(
    params.flatMap(({ name: { text: name }, default: value }): [string, number][] => {
      if (value?.kind !== 'number') return [];
      if (name === 'layers') return [[name, Math.min(value.value, 2)]];
      return value.value > DIVISOR ? [[name, Math.ceil(value.value / DIVISOR)]] : [];
    }),
  );
}
