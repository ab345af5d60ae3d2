// Which products of a graph are products with its matrices: what a count of "2 FLOPs for each parameter" counts.
// Told from what values are made of and where they go alone; names of layers and weights play no part.
import type { Graph } from '../graph/graph.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { asNumber } from '../shapes/dim.ts';

export interface Matrices {
  /** The products of data with weights, other than those with embeddings and those that score the vocabulary. */
  readonly products: ReadonlySet<NodeId>;
  /** Names of the weights in those products. */
  readonly weights: ReadonlySet<string>;
  /** The other products of data with weights. */
  readonly others: readonly Node[];
}

/** Names of the weights that a value is made of; `undefined` where it depends on the run's inputs. */
type Makings = ReadonlySet<string> | undefined;

const NOTHING: ReadonlySet<string> = new Set();

export function matricesOf(graph: Graph): Matrices {
  const embeddings = new Set(graph.weights.flatMap((w) => (w.embedding ? [w.name] : [])));
  const makings = new Map<NodeId, Makings>();
  const nodes = new Map<NodeId, Node>();
  const found: { node: Node; names: ReadonlySet<string> }[] = [];

  function visit(list: readonly Node[]): void {
    for (const node of list) {
      nodes.set(node.id, node);
      if (node.op.kind === 'dot') {
        const names = weightsBesideData(node);
        if (names) found.push({ node, names });
      }
      makings.set(node.id, makingsOf(node));
      if (node.op.kind === 'repeat') visit(node.op.body.nodes);
    }
  }

  function makingsOf({ op, inputs }: Node): Makings {
    if (op.kind === 'weight') return new Set([op.name]);
    if (op.kind === 'input' || op.kind === 'repeat') return undefined;
    // A part of the weights that data picked is weights still; a token's row of an embedding is the token.
    const source = op.kind === 'gather' ? makings.get(inputs[0]!) : undefined;
    const parts =
      source && !meets(source, embeddings) ? [source] : inputs.map((id) => makings.get(id));
    if (parts.some((part) => part === undefined)) return undefined;
    return parts.length === 0 ? NOTHING : new Set(parts.flatMap((part) => [...part!]));
  }

  function weightsBesideData({ inputs }: Node): Makings {
    const sides = inputs.slice(0, 2).map((id) => makings.get(id));
    if (sides.every((side) => side !== undefined)) return undefined;
    return sides.find((side) => side !== undefined && side.size > 0);
  }

  visit(graph.nodes);
  const scores = vocabularyScores(graph, nodes);
  const counts = ({ node, names }: (typeof found)[number]): boolean =>
    !scores.has(node.id) && !meets(names, embeddings);
  const products = found.filter(counts);
  return {
    products: new Set(products.map(({ node }) => node.id)),
    weights: new Set(products.flatMap(({ names }) => [...names])),
    others: found.filter((product) => !counts(product)).map(({ node }) => node),
  };
}

const meets = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
  [...some].some((name) => others.has(name));

/** Products that are an output of the model but for views and pointwise steps, with an axis of its tokens' number. */
function vocabularyScores(graph: Graph, nodes: ReadonlyMap<NodeId, Node>): ReadonlySet<NodeId> {
  const vocabularies = new Set(graph.inputs.flatMap(({ range }) => (range ? [range[1] + 1] : [])));
  const seen = new Set<NodeId>();
  const scores = new Set<NodeId>();
  const open = graph.outputs.map(({ node }) => node);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (!node || seen.has(id)) continue;
    seen.add(id);
    if (PASSES_ON.has(node.op.kind)) open.push(...node.inputs);
    const sizes = node.type.shape.map(asNumber);
    if (node.op.kind === 'dot' && sizes.some((size) => size && vocabularies.has(size)))
      scores.add(id);
  }
  return scores;
}

const PASSES_ON: ReadonlySet<string> = new Set([
  'unary',
  'binary',
  'select',
  'cast',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'pad',
  'concat',
]);
