// A decoder's logits in steps, with what is kept handed on from step to step: by the reference, for the incremental graph.
import type { Graph } from '../../compiler/graph/graph.ts';
import { interpret } from '../../compiler/reference/interpret.ts';

type Weights = Readonly<Record<string, ArrayLike<number>>>;

/** A graph of one input of tokens and one output of logits. */
const inputOf = (graph: Graph): string => graph.inputs[0]!.name;

/** For each text, the logits of each of its positions, from one run over texts of equal length. */
export function wholeLogits(
  graph: Graph,
  weights: Weights,
  texts: readonly (readonly number[])[],
): Float64Array[][] {
  const [b, t] = [texts.length, texts[0]!.length];
  const symbols = symbolsOf(graph, { b, t });
  const inputs = { [inputOf(graph)]: texts.flat() };
  const { outputs } = interpret(graph, { symbols, inputs, weights });
  return rowsOf(Object.values(outputs)[0]!.data, b, t);
}

/**
 * The same from an incremental graph, in steps of these lengths over and over; texts may have different lengths. A text that
 * has no more tokens in a step has some that do not count. `last`: the one step's positions that the graph is to give.
 * `told` makes of the number of tokens before what the graph is told.
 */
export function logitsInSteps(
  step: Graph,
  weights: Weights,
  texts: readonly (readonly number[])[],
  chunks: readonly number[],
  last?: readonly number[],
  told = (past: number): number => past,
): Float64Array[][] {
  const b = texts.length;
  const longest = Math.max(...texts.map((text) => text.length));
  const found = texts.map((): Float64Array[] => []);
  const past = texts.map(() => 0);
  let states: Readonly<Record<string, Float64Array>> = {};
  for (let turn = 0; past.some((n, text) => n < texts[text]!.length); turn++) {
    const t = chunks[turn % chunks.length]!;
    const tokens = texts.flatMap((text, i) =>
      Array.from({ length: t }, (_, at) => text[past[i]! + at] ?? 0),
    );
    const symbols = symbolsOf(step, { b, t, capacity: longest + 1 });
    const inputs = { [inputOf(step)]: tokens, past: past.map(told), last: last ?? [] };
    const run = interpret(step, { symbols, inputs, weights, states });
    states = { ...states, ...run.states };
    rowsOf(Object.values(run.outputs)[0]!.data, b, last ? 1 : t).forEach((rows, text) => {
      const fed = Math.min(t, texts[text]!.length - past[text]!);
      found[text]!.push(...rows.slice(0, Math.max(0, fed)));
      past[text]! += Math.max(0, fed);
    });
  }
  return found;
}

function symbolsOf(
  graph: Graph,
  sizes: { readonly b: number; readonly t: number; readonly capacity?: number },
): Record<string, number> {
  const time = graph.symbols.find(({ name }) => name !== 'b' && name !== 'capacity')!.name;
  return { b: sizes.b, [time]: sizes.t, capacity: sizes.capacity ?? 0 };
}

function rowsOf(data: Float64Array, b: number, t: number): Float64Array[][] {
  const vocab = data.length / (b * t);
  return Array.from({ length: b }, (_, text) =>
    Array.from({ length: t }, (_, at) => {
      const start = (text * t + at) * vocab;
      return data.slice(start, start + vocab);
    }),
  );
}

/** The largest difference between two lists of rows, relative to the largest value. */
export function largestDifference(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let [difference, largest] = [a.length === b.length ? 0 : Infinity, 0];
  for (const [i, row] of a.entries()) {
    for (const [at, value] of row.entries()) {
      const apart = Math.abs(value - (b[i]?.[at] ?? Number.NaN));
      difference = Number.isNaN(apart) ? Infinity : Math.max(difference, apart);
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return difference / largest;
}
