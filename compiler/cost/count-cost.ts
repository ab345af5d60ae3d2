// What one forward run of a model costs at given sizes, in total and for each layer, read off the graph that runs.
// Repeated blocks stand once, with their count; every figure is exact, and the rows add up to the totals.
import type { Graph, WeightSpec } from '../graph/graph.ts';
import type { Node, NodeId, TensorType } from '../ops/op.ts';
import { regionsOf } from '../ops/regions.ts';
import { activatedParams, paramsOf } from './activated.ts';
import { type CostContext, costOf } from './cost-rule.ts';
import { matricesOf } from './matrices.ts';
import { addWork, isNoWork, NO_WORK, timesWork, type Work } from './work.ts';

/** One layer's own work and weights, without those of the layers inside it; over all turns of its repeats. */
export interface CostRow {
  /** `blocks.*.a`, with a star for the turn of a repeat; empty for the model itself. */
  readonly path: string;
  readonly layer: string;
  /** How often the layer stands in the model: the product of its repeats. */
  readonly count: number;
  readonly params: bigint;
  /** Of those, how many a token meets: experts count by the share of the tokens that each gets. */
  readonly activated: bigint;
  readonly work: Work;
  /** Bytes of activations that it writes to memory in one run. */
  readonly activations: bigint;
}

export interface ParamCounts {
  readonly total: bigint;
  readonly activated: bigint;
}

/** What the plan of a model's buffers says at the same sizes (schedule/memory-use.ts). */
export interface Memory {
  readonly peak: bigint;
  readonly written: ReadonlyMap<string, bigint>;
}

export interface CostReport {
  readonly model: string;
  /** The sizes that the report is for. */
  readonly symbols: Readonly<Record<string, number>>;
  /** The product of those sizes: what "per token" divides by. */
  readonly tokens: bigint;
  /** A tied weight counts once. */
  readonly params: ParamCounts;
  /** The part in look-up tables of tokens. */
  readonly embeddings: ParamCounts;
  /** The part in products with matrices (matrices.ts). */
  readonly matrices: ParamCounts;
  readonly work: Work;
  /** Bytes of activations: in memory at once, and written in one run. */
  readonly activations: { readonly peak: bigint; readonly written: bigint };
  /** Layers whose products are with embeddings or score the vocabulary, and so are none with matrices. */
  readonly vocabularyProducts: readonly string[];
  /** Attentions whose masks depend on data: counted as the full square. */
  readonly inexact: readonly string[];
  readonly rows: readonly CostRow[];
}

type Share = Pick<CostRow, 'params' | 'activated' | 'work' | 'activations'>;
const NO_SHARE: Share = { params: 0n, activated: 0n, work: NO_WORK, activations: 0n };

/** For counting work alone. */
const NO_PLAN: Memory = { peak: 0n, written: new Map() };

/** Bytes of a parameter; all weights are f32. */
export const PARAM_BYTES = 4n;

/** The report at the given values of the symbols (`{ b: 1, t: 1024 }`; all of the graph's must be there). */
export function countCost(
  graph: Graph,
  symbols: Readonly<Record<string, number>>,
  memory: Memory = NO_PLAN,
): CostReport {
  const rows = new Map<string, CostRow>();
  const inexact = new Set<string>();
  const nodes = new Map<NodeId, Node>();
  const types = new Map<NodeId, TensorType>();
  const tokens = graph.symbols.reduce((product, { name }) => product * BigInt(symbols[name]!), 1n);
  const activatedOf = (weight: WeightSpec) => activatedParams(weight, tokens, symbols);
  const embeddings = new Set(graph.weights.filter((weight) => weight.embedding).map(nameOf));
  const matrices = matricesOf(graph);
  const context: CostContext = {
    symbols,
    typeOf: (id) => types.get(id)!,
    nodeOf: (id) => nodes.get(id),
    isMatrixProduct: ({ id }) => matrices.products.has(id),
    isEmbedding: (id) => {
      const op = nodes.get(id)?.op;
      return op?.kind === 'weight' && embeddings.has(op.name);
    },
    onInexact: (node) => inexact.add(rowPath(node.origin.path)),
  };

  function charge(path: string, layer: string, count: number, share: Partial<Share>): void {
    const row = rows.get(path) ?? { path, layer, count, ...NO_SHARE };
    rows.set(path, {
      ...row,
      layer: row.layer || layer,
      params: row.params + (share.params ?? 0n),
      activated: row.activated + (share.activated ?? 0n),
      work: addWork(row.work, share.work ?? NO_WORK),
      activations: row.activations + (share.activations ?? 0n),
    });
  }

  function learn(list: readonly Node[]): void {
    for (const node of list) {
      nodes.set(node.id, node);
      types.set(node.id, node.type);
      for (const region of regionsOf(node.op)) {
        for (const { id, type } of region.params) types.set(id, type);
        learn(region.nodes);
      }
    }
  }

  function chargeNodes(list: readonly Node[], count: number): void {
    for (const node of list) {
      const { path, layer } = node.origin;
      if (node.op.kind === 'repeat') chargeNodes(node.op.body.nodes, count * node.op.count);
      else {
        const work = timesWork(costOf(node, context), BigInt(count));
        charge(rowPath(path), layer, count, { work });
      }
    }
  }

  const paramCounts = (weights: readonly WeightSpec[]): ParamCounts => ({
    total: weights.map(paramsOf).reduce(plus, 0n),
    activated: weights.map(activatedOf).reduce(plus, 0n),
  });

  learn(graph.nodes);
  chargeNodes(graph.nodes, 1);
  for (const weight of graph.weights) {
    const turns = weight.repeats.reduce((product, count) => product * count, 1);
    charge(rowPath(ownerOf(weight)), '', turns, {
      params: paramsOf(weight),
      activated: activatedOf(weight),
    });
  }
  for (const [path, activations] of memory.written) {
    charge(rowPath(path), '', 1, { activations });
  }

  const filled = [...rows.values()].filter(isSome);
  return {
    model: graph.name,
    symbols,
    tokens,
    params: paramCounts(graph.weights),
    embeddings: paramCounts(graph.weights.filter((weight) => weight.embedding)),
    matrices: paramCounts(graph.weights.filter(({ name }) => matrices.weights.has(name))),
    work: filled.map((row) => row.work).reduce(addWork, NO_WORK),
    activations: {
      peak: memory.peak,
      written: filled.map((row) => row.activations).reduce(plus, 0n),
    },
    vocabularyProducts: [...new Set(matrices.others.map(({ origin }) => rowPath(origin.path)))],
    inexact: [...inexact],
    rows: filled,
  };
}

const plus = (a: bigint, b: bigint): bigint => a + b;

const nameOf = ({ name }: WeightSpec): string => name;

const rowPath = (path: string): string => path.replace(/\{\d+\}/g, '*');

/** The path of the layer that owns a weight: its name without the last part. */
const ownerOf = ({ name }: WeightSpec): string => name.split('.').slice(0, -1).join('.');

const isSome = ({ params, work, activations }: CostRow): boolean =>
  params > 0n || !isNoWork(work) || activations > 0n;
