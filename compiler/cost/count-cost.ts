// What one run of a model costs at given sizes, in total and for each layer, read off the graph that runs.
// Repeated blocks stand once, with their count; every figure is exact, and the rows add up to the totals.
import type { Graph, WeightSpec } from '../graph/graph.ts';
import type { DType, Op } from '../ops/op.ts';
import { evaluate } from '../shapes/dim.ts';
import { activatedParams, paramsOf } from './activated.ts';
import { type KernelCost, type KernelTraffic, kernelCosts, shareOut } from './kernel-costs.ts';
import { type Sizes, withCounts } from './opaque-counts.ts';
import { quadraticPart } from './quadratic-part.ts';
import { type Attention, rowPath, type Tally, type TallyRow, tallyCost } from './tally-cost.ts';
import { addWork, isNoWork, mapWork, NO_SYMBOLIC_WORK, NO_WORK, type Work } from './work.ts';

/** One layer's own work and weights, without those of the layers inside it; over all turns of its repeats. */
export interface CostRow {
  /** `blocks.*.a`, with a star for the turn of a repeat; empty for the model itself. */
  readonly path: string;
  readonly layer: string;
  /** The kind of operation that most of its work is in; `undefined` where it has weights alone. */
  readonly operation: Op['kind'] | undefined;
  /** What it gives in one turn; `undefined` where it has weights alone. */
  readonly output: { readonly dtype: DType; readonly shape: readonly bigint[] } | undefined;
  /** How often the layer stands in the model: the product of its repeats. */
  readonly count: number;
  readonly params: bigint;
  /** Of those, how many a token meets: experts count by the share of the tokens that each gets. */
  readonly activated: bigint;
  readonly work: Work;
  /** The part of `work.macs` that grows with the square of the length. */
  readonly quadraticMacs: bigint;
  /** Bytes of activations that it writes to memory in one run. */
  readonly activations: bigint;
  /** Bytes of keys and values that a decoder keeps of each token of a sequence. */
  readonly cachePerToken: bigint;
  /** Bytes that it moves between memory and the chip: its share of what the kernels do that compute it. */
  readonly moved: bigint;
}

/** Parameters of a model, or of a part of it. */
export interface ParamCounts {
  readonly total: bigint;
  readonly activated: bigint;
}

/** What the schedule of a model says at the same sizes (schedule/memory-use.ts, schedule/traffic.ts). */
export interface ScheduleFacts {
  /** Bytes of all buffers of activations together. */
  readonly peak: bigint;
  /** Bytes of activations that each layer writes. */
  readonly written: ReadonlyMap<string, bigint>;
  readonly traffic: readonly KernelTraffic[];
}

/**
 * - `forward`: all tokens at once.
 * - `decode`: one more token for each sequence, at the place `t`, the last; keys and values of those before are kept.
 */
export type CostMode = 'forward' | 'decode';

/** What one run costs. Counts are exact; FLOPs are 2 a MAC, bytes those of `elementBytes` an element. */
export interface CostReport {
  readonly model: string;
  readonly mode: CostMode;
  /** The sizes that the report is for. */
  readonly symbols: Sizes;
  /** How many tokens the run is for: what "per token" divides by. */
  readonly tokens: bigint;
  /** Bytes of a parameter and of an element of an activation. */
  readonly elementBytes: bigint;
  /** A tied weight counts once. */
  readonly params: ParamCounts;
  /** The part in look-up tables of tokens. */
  readonly embeddings: ParamCounts;
  /** The part in products with matrices (matrices.ts). */
  readonly matrices: ParamCounts;
  readonly work: Work;
  readonly quadraticMacs: bigint;
  /** Bytes of activations: in memory at once, and written in one run. */
  readonly activations: { readonly peak: bigint; readonly written: bigint };
  readonly cachePerToken: bigint;
  /** Bytes of keys and values of all sequences at the given sizes: what a decoder would keep. */
  readonly cache: bigint;
  readonly moved: bigint;
  /** Layers whose products are with embeddings or score the vocabulary, and so are none with matrices. */
  readonly vocabularyProducts: readonly string[];
  /** Attentions whose masks depend on data: counted as the full square. */
  readonly inexact: readonly string[];
  readonly rows: readonly CostRow[];
  /** In the order in which they run; none where there is no schedule. */
  readonly kernels: readonly KernelCost[];
}

/** For counting work alone. */
const NO_SCHEDULE: ScheduleFacts = { peak: 0n, written: new Map(), traffic: [] };

/** Bytes of a parameter, and of an element of an activation: all are f32 or i32. */
export const ELEMENT_BYTES = 4n;

/** The report at the given values of the symbols (`{ b: 1, t: 1024 }`; all of the graph's must be there). */
export const countCost = (
  graph: Graph,
  symbols: Sizes,
  schedule?: ScheduleFacts,
  elementBytes?: bigint,
): CostReport => countTally(tallyCost(graph), symbols, schedule, elementBytes);

/** The same of a tally, as for several sizes of one graph. */
export function countTally(
  tally: Tally,
  symbols: Sizes,
  schedule: ScheduleFacts = NO_SCHEDULE,
  elementBytes: bigint = ELEMENT_BYTES,
): CostReport {
  const { graph } = tally;
  const values = withCounts(tally.opaque, symbols);
  const tokens = graph.symbols.reduce((all, { name }) => all * BigInt(symbols[name]!), 1n);
  const kernels = kernelCosts(tally, schedule.traffic, symbols);
  const written = sumByPath([...schedule.written].map(([path, bytes]) => [rowPath(path), bytes]));
  const moved = sumByPath(
    kernels.flatMap((kernel) =>
      shareOut(kernel.read + kernel.written, kernel.layers).map(
        ({ path, part }) => [path, part] as const,
      ),
    ),
  );
  const rows = new Map(tally.rows.map((row) => [row.path, row]));
  // What the schedule keeps of a layer whose nodes the passes have merged into others.
  for (const path of [...[...schedule.written.keys()].map(rowPath), ...moved.keys()])
    if (!rows.has(path)) rows.set(path, emptyRow(path));
  const sequences = BigInt(symbols.b ?? 1);
  const cacheBytes = ({ perKey, count }: Attention, keys: bigint): bigint =>
    evaluate(perKey, values) * BigInt(count) * elementBytes * keys;

  const rowAt = (row: TallyRow): CostRow => {
    const { path, layer, operation, output, count, weights, work, attentions } = row;
    return {
      path,
      layer,
      operation,
      output: output && {
        dtype: output.dtype,
        shape: output.shape.map((size) => evaluate(size, values)),
      },
      count,
      params: weights.map(paramsOf).reduce(plus, 0n),
      activated: weights.map((weight) => activatedParams(weight, tokens, symbols)).reduce(plus, 0n),
      work: mapWork((key) => evaluate(work[key], values)),
      quadraticMacs: quadraticPart(work.macs, tally.opaque, symbols),
      activations: written.get(path) ?? 0n,
      cachePerToken: attentions.map((one) => cacheBytes(one, 1n)).reduce(plus, 0n),
      moved: moved.get(path) ?? 0n,
    };
  };

  const filled = [...rows.values()].map(rowAt).filter(isSome);
  const sum = (of: (row: CostRow) => bigint): bigint => filled.map(of).reduce(plus, 0n);
  const paramCounts = (some: readonly WeightSpec[]): ParamCounts => ({
    total: some.map(paramsOf).reduce(plus, 0n),
    activated: some.map((weight) => activatedParams(weight, tokens, symbols)).reduce(plus, 0n),
  });
  const attentions = tally.rows.flatMap((row) => row.attentions);
  return {
    model: graph.name,
    mode: 'forward',
    symbols,
    tokens,
    elementBytes,
    params: paramCounts(graph.weights),
    embeddings: paramCounts(graph.weights.filter((weight) => weight.embedding)),
    matrices: paramCounts(graph.weights.filter(({ name }) => tally.matrices.has(name))),
    work: filled.map((row) => row.work).reduce(addWork, NO_WORK),
    quadraticMacs: sum((row) => row.quadraticMacs),
    activations: { peak: schedule.peak, written: sum((row) => row.activations) },
    cachePerToken: sum((row) => row.cachePerToken),
    cache: attentions
      .map((one) => cacheBytes(one, sequences * evaluate(one.keys, values)))
      .reduce(plus, 0n),
    moved: sum((row) => row.moved),
    vocabularyProducts: tally.vocabularyProducts,
    inexact: inexactIn(tally, symbols),
    rows: filled,
    kernels,
  };
}

const plus = (a: bigint, b: bigint): bigint => a + b;

function sumByPath(entries: Iterable<readonly [path: string, bytes: bigint]>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [path, bytes] of entries) sums.set(path, (sums.get(path) ?? 0n) + bytes);
  return sums;
}

const emptyRow = (path: string): TallyRow => ({
  path,
  layer: '',
  count: 1,
  operation: undefined,
  output: undefined,
  weights: [],
  work: NO_SYMBOLIC_WORK,
  attentions: [],
});

function inexactIn({ opaque }: Tally, symbols: Sizes): string[] {
  const paths = opaque.filter(({ at }) => !at(symbols).exact).map(({ path }) => rowPath(path));
  return [...new Set(paths)];
}

const isSome = ({ params, work, activations, moved }: CostRow): boolean =>
  params > 0n || !isNoWork(work) || activations > 0n || moved > 0n;
