// Runs exported models in ONNX Runtime on the CPU. Only where onnxruntime-node is installed: it is no dependency of
// bform itself, and has no build for some platforms.
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { exportOnnx } from '../../compiler/export/export-onnx.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import type { DType } from '../../compiler/ops/op.ts';
import { evaluate } from '../../compiler/shapes/dim.ts';
import type { RandomProgram } from './random-graph.ts';

type Runtime = typeof import('onnxruntime-node');

/** ONNX Runtime, or why there is none. */
export const onnxRuntime: Runtime | string = await import('onnxruntime-node').then(
  (module: Runtime & { default?: Runtime }) => module.default ?? module,
  (error: Error) => error.message,
);

if (typeof onnxRuntime === 'string')
  console.warn(
    `\n${'='.repeat(80)}\nNOT TESTED IN ONNX RUNTIME: ${onnxRuntime}\n${'='.repeat(80)}`,
  );

/** Whether tests of exported models can run; that they do not is said loudly. */
export const hasOnnxRuntime = typeof onnxRuntime !== 'string';

type Data = Float32Array | Int32Array;
type Program = Pick<RandomProgram, 'symbols' | 'inputs' | 'weights'>;

/** The graph exported and run: its outputs by name, flat; bools are 0 and 1. */
export async function runOnnx(graph: Graph, program: Program): Promise<Record<string, Data>> {
  const { model } = exportOnnx(graph, { weight: (name) => program.weights[name]! });
  return runModel(model, graph, program);
}

/** An exported model, its bytes or its path, on a program's inputs. */
export async function runModel(
  model: Uint8Array | string,
  graph: Graph,
  { symbols, inputs }: Pick<Program, 'symbols' | 'inputs'>,
): Promise<Record<string, Data>> {
  if (typeof onnxRuntime === 'string') throw new Error(onnxRuntime);
  const { InferenceSession, Tensor } = onnxRuntime;
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  };
  // Of two overloads; which one is taken is decided at run time.
  const session = await InferenceSession.create(model as string, options);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, type: { dtype, shape } }) => {
      const sizes = shape.map((size) => Number(evaluate(size, symbols)));
      return [name, tensorOf(Tensor, dtype, inputs[name]!, sizes)];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    graph.outputs.map(({ name }, i) => {
      const { type, data } = results[session.outputNames[i]!]!;
      return [name, type === 'bool' ? Int32Array.from(data as Uint8Array) : (data as Data)];
    }),
  );
}

function tensorOf(
  make: Runtime['Tensor'],
  dtype: DType,
  data: Data,
  shape: readonly number[],
): Tensor {
  switch (dtype) {
    case 'f32':
      return new make('float32', data as Float32Array, shape);
    case 'i32':
      return new make('int32', data as Int32Array, shape);
    case 'bool':
      return new make('bool', Uint8Array.from(data), shape);
  }
}
