// Random well-typed programs with their data, for comparing what two parts of the project make of one graph.
// Every operation and every kind of view, product, mask and region occurs (test/oracle/random-graph.test.ts counts
// them). Outputs are the values that nothing else reads, and some that are read. Values stay in a safe range, and every decision (condition, index, rounding down) is about whole numbers.
import { buildGraph } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { weightName } from '../../compiler/graph/weight-name.ts';
import type { Node, NodeId } from '../../compiler/ops/op.ts';
import { regionsOf } from '../../compiler/ops/regions.ts';
import type { Bindings } from '../../compiler/reference/interpret.ts';
import { evaluate } from '../../compiler/shapes/dim.ts';
import { randomStream } from '../../runtime/random.ts';
import { dice } from './dice.ts';
import { attend, repeat, someStep } from './random-attention.ts';
import { tryStep } from './random-steps.ts';
import { type Float, type Int, someInt, type Workbench } from './workbench.ts';

export interface RandomOptions {
  /** How many steps beside the one that is always there; 3 to 10 by default. */
  readonly steps?: number;
  /** Values of `b` and `t`; by default b of 1 to 3 and t of 1, 2, 3, 7, 33, 64, 129 or 130. */
  readonly symbols?: { readonly b: number; readonly t: number };
  /** Largest tensor; 12,000 elements by default. */
  readonly mostElements?: number;
}

/** A program and what to run it on: can be given to `interpret` as its bindings. */
export interface RandomProgram extends Bindings {
  readonly seed: number;
  readonly graph: Graph;
  readonly symbols: Readonly<Record<'b' | 't', number>>;
  readonly inputs: Readonly<Record<string, Float32Array | Int32Array>>;
  /** By full path name. */
  readonly weights: Readonly<Record<string, Float32Array>>;
}

const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 24, 33];

export function randomGraph(seed: number, options: RandomOptions = {}): RandomProgram {
  const rolls = dice(seed, 'program');
  const symbols = options.symbols ?? {
    b: rolls.int(1, 3),
    t: rolls.pick([1, 1, 2, 3, 7, 7, 33, 64, 129, 130]),
  };
  const everything = buildGraph(`random ${seed}`, { b: {}, t: {} }, (g) => {
    const floats: Float[] = [
      { value: g.input('x', ['b', 't', rolls.pick(WIDTHS)]), bound: 1 },
      { value: g.input('z', ['b', rolls.pick(WIDTHS), rolls.pick(WIDTHS)]), bound: 1 },
      { value: g.input('y', ['t', rolls.pick(WIDTHS)]), bound: 1 },
    ];
    const high = rolls.int(0, 9);
    const ints: Int[] = [{ value: g.input('n', ['b', 't'], 'i32', [0, high]), low: 0, high }];
    let names = 0;
    const bench: Workbench = {
      g,
      dice: rolls,
      symbols,
      mostElements: options.mostElements ?? 12_000,
      floats,
      ints,
      prefix: '',
      depth: 0,
      next: () => names++,
    };
    const given = floats.length;
    const steps = options.steps ?? rolls.int(3, 10);
    if (rolls.chance(0.3)) tryStep(bench, rolls.pick([attend, repeat]));
    for (let step = 0; step < steps; step++) tryStep(bench, someStep(bench));
    const made = floats.slice(given).map(({ value }) => value);
    if (made.length === 0) made.push(g.unary('tanh', floats[0]!.value));
    if (rolls.chance(0.1)) made.push(someInt(bench, floats[0]!.value.type.shape).value);
    return Object.fromEntries(made.map((value, i) => [`out${i}`, value]));
  });
  const isRead = readNodes(everything.nodes);
  const outputs = everything.outputs.filter(({ node }) => !isRead.has(node) || rolls.chance(0.1));
  const graph = { ...everything, outputs };
  return { seed, graph, symbols, ...dataFor(seed, graph, symbols) };
}

/** Data for any graph: inputs in their ranges (f32 in [-1, 1]), weights in [-1, 1]. */
export function dataFor(
  seed: number,
  graph: Graph,
  symbols: Bindings['symbols'],
): Pick<RandomProgram, 'inputs' | 'weights'> {
  return { inputs: inputData(seed, graph, symbols), weights: weightData(seed, graph) };
}

/** Every node that another one reads, also from inside a region. */
function readNodes(nodes: readonly Node[], read = new Set<NodeId>()): Set<NodeId> {
  for (const node of nodes) {
    for (const id of node.inputs) read.add(id);
    for (const region of regionsOf(node.op)) readNodes(region.nodes, read);
  }
  return read;
}

function inputData(
  seed: number,
  graph: Graph,
  symbols: Bindings['symbols'],
): RandomProgram['inputs'] {
  const entries = graph.inputs.map(({ name, type, range }) => {
    const random = randomStream(seed, `input ${name}`);
    const length = type.shape.reduce((product, dim) => product * Number(evaluate(dim, symbols)), 1);
    const [low, high] = range ?? [0, 0];
    const data = range
      ? Int32Array.from({ length }, () => low + Math.floor(random.uniform() * (high - low + 1)))
      : Float32Array.from({ length }, () => 2 * random.uniform() - 1);
    return [name, data] as const;
  });
  return Object.fromEntries(entries);
}

/** Weights uniform in [-1, 1], for every turn of every repeat, by full path name. */
export function weightData(seed: number, graph: Graph): Record<string, Float32Array> {
  const data: Record<string, Float32Array> = {};
  for (const { name, shape, repeats } of graph.weights) {
    const length = shape.reduce((product, size) => product * size, 1);
    for (const turns of allTurns(repeats)) {
      const fullName = weightName(name, turns);
      const random = randomStream(seed, fullName);
      data[fullName] = Float32Array.from({ length }, () => 2 * random.uniform() - 1);
    }
  }
  return data;
}

/** `[2, 2]` to `[0, 0], [0, 1], [1, 0], [1, 1]`. */
function allTurns(repeats: readonly number[]): number[][] {
  return repeats.reduce<number[][]>(
    (all, count) =>
      all.flatMap((turns) => Array.from({ length: count }, (_, turn) => [...turns, turn])),
    [[]],
  );
}
