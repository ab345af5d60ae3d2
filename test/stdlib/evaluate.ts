// Runs a piece of bform that uses the standard library in the float64 reference, with seeded random weights and inputs.
import { type Analysis, type AnalyzeOptions, analyze } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { evaluate as evaluateSize } from '../../compiler/shapes/dim.ts';
import { randomStream } from '../../runtime/random.ts';
import { sources } from '../support/sources.ts';
import type { Matrix, Vector } from './formulas.ts';

const SEED = 20_231;

/** A tensor of numbers, row-major. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** The vector along the last axis at an index into the others. */
export function vector({ shape, data }: Values, ...index: readonly number[]): Vector {
  const at = index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);
  const size = shape.at(-1)!;
  return [...data.subarray(at * size, (at + 1) * size)];
}

/** The matrix of the last two axes at an index into the others. */
export function matrix(values: Values, ...index: readonly number[]): Matrix {
  const rows = values.shape.at(-2)!;
  return Array.from({ length: rows }, (_, row) => vector(values, ...index, row));
}

/** The model and graph of a file; throws its diagnostics as they are printed. */
export function analyzed(code: string, options: AnalyzeOptions = {}): Analysis {
  const reader = sources({ 'test.bform': code });
  const { result, diagnostics } = analyze('test.bform', reader, options);
  if (!result) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return result;
}

export interface Evaluation {
  readonly x: Values;
  readonly y: Values;
  /** All outputs by name, losses and measured values too. */
  readonly outputs: Readonly<Record<string, Values>>;
  /** By path name. */
  readonly weights: Readonly<Record<string, Values>>;
}

export interface EvaluateOptions {
  readonly b?: number;
  readonly t?: number;
  /** Weights by path name; seeded random numbers by default. */
  readonly weights?: (path: string) => Values | undefined;
}

/** Evaluates a file's model of one f32 input `x`, or of `tokens`, at a batch and a length. */
export function evaluate(code: string, options: EvaluateOptions = {}): Evaluation {
  const { b = 2, t = 5 } = options;
  const { graph } = analyzed(code, { auxiliary: true });
  const symbols = { b, t };
  const [input, ...others] = graph.inputs;
  if (!input || others.length > 0) throw new Error('the model must have one input');
  const shape = input.type.shape.map((size) => Number(evaluateSize(size, symbols)));
  const x = random(shape, input.name);
  if (input.range) {
    const [low, high] = input.range;
    for (let i = 0; i < x.data.length; i++) x.data[i] = low + ((i * 7919 + 3) % (high - low + 1));
  }
  const weights: Record<string, Values> = {};
  for (const { name, shape, repeats } of graph.weights) {
    for (const path of paths(name, repeats))
      weights[path] = options.weights?.(path) ?? random(shape, path);
  }
  const { outputs } = interpret(graph, {
    symbols,
    inputs: { [input.name]: x.data },
    weights: Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data])),
  });
  return { x, y: outputs[graph.outputs[0]!.name]!, outputs, weights };
}

function random(shape: readonly number[], name: string): Values {
  const stream = randomStream(SEED, name);
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float64Array.from({ length: count }, () => stream.normal()) };
}

/** `a.{0}.w` with repeats [2] is `a.0.w` and `a.1.w`. */
function paths(template: string, repeats: readonly number[]): string[] {
  return repeats.reduce(
    (names, count, depth) =>
      names.flatMap((name) =>
        Array.from({ length: count }, (_, turn) => name.replaceAll(`{${depth}}`, String(turn))),
      ),
    [template],
  );
}
