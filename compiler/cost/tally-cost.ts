// What one forward run of a model costs, with its sizes left open: for each layer the sizes that count its work, read off
// the graph that runs. count-cost.ts puts numbers in. Repeated blocks stand once, with their count.
import type { Graph, WeightSpec } from '../graph/graph.ts';
import { invariant } from '../invariant.ts';
import type { Node, NodeId, Op, TensorType } from '../ops/op.ts';
import { regionsOf } from '../ops/regions.ts';
import { add, type Dim, div, mul } from '../shapes/dim.ts';
import { type CostContext, costOf } from './cost-rule.ts';
import { matricesOf } from './matrices.ts';
import { type OpaqueCount, opaqueCounts } from './opaque-counts.ts';
import { addSymbolicWork, NO_SYMBOLIC_WORK, type SymbolicWork, timesSymbolicWork } from './work.ts';

/** One layer's own work and weights, without those of the layers inside it; work over all turns of its repeats. */
export interface TallyRow {
  /** `blocks.*.a`, with a star for the turn of a repeat; empty for the model itself. */
  readonly path: string;
  readonly layer: string;
  /** How often the layer stands in the model: the product of its repeats. */
  readonly count: number;
  /** The kind of operation that most of its work is in; `undefined` where it has weights alone. */
  readonly operation: Op['kind'] | undefined;
  /** What its last operation gives. */
  readonly output: TensorType | undefined;
  readonly weights: readonly WeightSpec[];
  readonly work: SymbolicWork;
  /** Attentions of the layer. */
  readonly attentions: readonly Attention[];
}

/** An attention's keys and values, which a decoder keeps from token to token. */
export interface Attention {
  /** Turns of the repeats around it. */
  readonly count: number;
  /** Elements of keys and values at one place of one sequence, in one turn. */
  readonly perKey: Dim;
  readonly keys: Dim;
  /** Pairs of query and key that the mask keeps, in one turn. */
  readonly pairs: Dim;
  /** Batch times query heads. */
  readonly planes: Dim;
}

/** The work of each node of one turn: what kernels are charged with. */
export interface NodeWork {
  readonly work: SymbolicWork;
  readonly path: string;
  readonly layer: string;
}

export interface Tally {
  readonly graph: Graph;
  readonly rows: readonly TallyRow[];
  readonly nodes: ReadonlyMap<NodeId, NodeWork>;
  /** Atoms of the work that are no symbols. */
  readonly opaque: readonly OpaqueCount[];
  /** Names of the weights in products with matrices. */
  readonly matrices: ReadonlySet<string>;
  /** Layers whose products are with embeddings or score the vocabulary, and so are none with matrices. */
  readonly vocabularyProducts: readonly string[];
}

interface OpenRow {
  layer: string;
  readonly count: number;
  readonly weights: WeightSpec[];
  readonly attentions: Attention[];
  work: SymbolicWork;
  operation: { readonly kind: Op['kind']; readonly weight: number } | undefined;
  output: TensorType | undefined;
}

export function tallyCost(graph: Graph): Tally {
  const rows = new Map<string, OpenRow>();
  const works = new Map<NodeId, NodeWork>();
  const nodes = new Map<NodeId, Node>();
  const types = new Map<NodeId, TensorType>();
  const embeddings = new Set(graph.weights.filter((weight) => weight.embedding).map(nameOf));
  const matrices = matricesOf(graph);
  const opaque = opaqueCounts(graph.symbols);
  const context: CostContext = {
    opaque,
    typeOf: (id) => types.get(id)!,
    nodeOf: (id) => nodes.get(id),
    isMatrixProduct: ({ id }) => matrices.products.has(id),
    isEmbedding: (id) => {
      const op = nodes.get(id)?.op;
      return op?.kind === 'weight' && embeddings.has(op.name);
    },
  };

  function rowOf(path: string, layer: string, count: number): OpenRow {
    const known = rows.get(path);
    if (known) {
      known.layer ||= layer;
      return known;
    }
    const row: OpenRow = {
      layer,
      count,
      weights: [],
      attentions: [],
      work: NO_SYMBOLIC_WORK,
      operation: undefined,
      output: undefined,
    };
    rows.set(path, row);
    return row;
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

  function charge(list: readonly Node[], count: number): void {
    for (const node of list) {
      const { op, origin, type } = node;
      if (op.kind === 'repeat') {
        charge(op.body.nodes, count * op.count);
        continue;
      }
      const work = costOf(node, context);
      if (!SOURCES.has(op.kind))
        works.set(node.id, { work, path: rowPath(origin.path), layer: origin.layer });
      const row = rowOf(rowPath(origin.path), origin.layer, count);
      row.work = addSymbolicWork(row.work, timesSymbolicWork(work, count));
      if (!SOURCES.has(op.kind)) row.output = type;
      const weight = workRank(work);
      if (!row.operation || weight > row.operation.weight)
        row.operation = { kind: op.kind, weight };
      if (op.kind === 'attend') row.attentions.push(attentionOf(node, count, work, context));
    }
  }

  learn(graph.nodes);
  charge(graph.nodes, 1);
  for (const weight of graph.weights) {
    const turns = weight.repeats.reduce((product, count) => product * count, 1);
    rowOf(rowPath(ownerOf(weight)), '', turns).weights.push(weight);
  }
  return {
    graph,
    rows: [...rows].map(([path, row]) => ({ ...row, path, operation: row.operation?.kind })),
    nodes: works,
    opaque: opaque.all,
    matrices: matrices.weights,
    vocabularyProducts: [...new Set(matrices.others.map(({ origin }) => rowPath(origin.path)))],
  };
}

/** What no kernel computes: it is there. */
const SOURCES: ReadonlySet<Op['kind']> = new Set(['input', 'weight', 'const', 'size']);

/** Products before other arithmetic before none. */
function workRank({ macs, elementwise, lookUpMacs }: SymbolicWork): number {
  const some = [lookUpMacs, elementwise, macs].map(({ terms }) => terms.length > 0);
  return some.lastIndexOf(true) + 1;
}

function attentionOf(
  { inputs }: Node,
  count: number,
  { macs }: SymbolicWork,
  { typeOf }: CostContext,
): Attention {
  const [q, k, v] = inputs.map(typeOf) as [TensorType, TensorType, TensorType];
  const [batch, heads] = q.shape as [Dim, Dim];
  const [, groups, keys, perScore] = k.shape as [Dim, Dim, Dim, Dim];
  const width = add(perScore, v.shape[3]!);
  const pairs = div(macs, width);
  invariant(pairs, 'cost', `${macs.text} are no pairs of ${width.text}`);
  return { count, perKey: mul(groups, width), keys, pairs, planes: mul(batch, heads) };
}

const nameOf = ({ name }: WeightSpec): string => name;

export const rowPath = (path: string): string => path.replace(/\{\d+\}/g, '*');

/** The path of the layer that owns a weight: its name without the last part. */
const ownerOf = ({ name }: WeightSpec): string => name.split('.').slice(0, -1).join('.');
