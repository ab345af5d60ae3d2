// A graph, scheduled, emitted and run on the tests' device: all of the compiler behind the graph, and the runtime.
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import type { Bindings } from '../../compiler/reference/interpret.ts';
import { type ScheduleOptions, schedule } from '../../compiler/schedule/schedule-graph.ts';
import { evaluate } from '../../compiler/shapes/dim.ts';
import { emitKernels } from '../../compiler/wgsl/emit-kernels.ts';
import type { Target } from '../../compiler/wgsl/target.ts';
import { openSession } from '../../runtime/session.ts';
import { gpuDevice, gpuTarget } from './gpu.ts';
import type { RandomProgram } from './random-graph.ts';

/** The graph as it is run: optimised, scheduled, with its kernels. */
export function emitGraph(graph: Graph, options: ScheduleOptions = {}, target?: Target) {
  const optimized = runPasses(graph);
  const scheduled = schedule(optimized, options);
  return {
    graph: optimized,
    schedule: scheduled,
    ...emitKernels(scheduled, { ...(target && { target }) }),
  };
}

/** Every other program is written for the tests' device, the rest for any. */
export async function targetFor(seed: number): Promise<Target | undefined> {
  return seed % 2 === 0 ? gpuTarget() : undefined;
}

type Program = Pick<RandomProgram, 'inputs' | 'weights'> & {
  readonly symbols: Bindings['symbols'];
};

/** The outputs by name, flat. `change` may change the text of every kernel. */
export async function runGraph(
  emitted: ReturnType<typeof emitGraph>,
  { symbols, inputs, weights }: Program,
  change: (text: string) => string = (text) => text,
): Promise<Record<string, Float32Array | Int32Array>> {
  const { graph, kernels } = emitted;
  const session = await openSession(
    await gpuDevice(),
    { ...(await buildManifest(emitted)), files: {} },
    {
      kernels: new Map(kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, change(text)])),
      weights: new Map(Object.entries(weights)),
    },
  );
  try {
    const given = graph.inputs.map(({ name, type }) => {
      const shape = type.shape.map((size) => Number(evaluate(size, symbols)));
      return [name, { data: inputs[name]!, shape }] as const;
    });
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
  } finally {
    session.dispose();
  }
}
