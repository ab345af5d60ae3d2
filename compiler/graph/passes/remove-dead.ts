// Removes nodes that no output needs, also inside regions, and what a repeat emits for no reader. Declared inputs and
// weights stay, even unused ones: they are the model's interface and its file of weights, which an optimisation must
// not change.
import type { Node, NodeId, Op, Region } from '../../ops/op.ts';
import { mapRegions } from '../../ops/regions.ts';
import type { Graph } from '../graph.ts';

export function removeDead(graph: Graph): Graph {
  const live = new Set<NodeId>(graph.outputs.map((output) => output.node));
  const nodes = liveNodes(graph.nodes, live);
  return nodes === graph.nodes ? graph : { ...graph, nodes };
}

/** The live nodes of a list, found from its end; `live` gathers what they use. */
function liveNodes(nodes: readonly Node[], live: Set<NodeId>): readonly Node[] {
  const kept: Node[] = [];
  // By repeat: what of its `emits` somebody reads.
  const read = new Map<NodeId, Set<number>>();
  for (const node of nodes.toReversed()) {
    if (!live.has(node.id)) continue;
    for (const input of node.inputs) live.add(input);
    if (node.op.kind === 'turns') noteRead(node.inputs[0]!, node.op.index, read);
    const op = mapRegions(node.op, (region) =>
      liveRegion(withEmits(region, read.get(node.id)), live),
    );
    kept.push(op === node.op ? node : { ...node, op });
  }
  kept.reverse();
  const bodies = new Map(nodes.map(({ id, op }) => [id, op]));
  const numbered = kept.map((node) => renumbered(node, bodies, read));
  const same = numbered.length === nodes.length && numbered.every((node, i) => node === nodes[i]);
  return same ? nodes : numbered;
}

function noteRead(repeat: NodeId, index: number, read: Map<NodeId, Set<number>>): void {
  const indices = read.get(repeat) ?? new Set<number>();
  read.set(repeat, indices.add(index));
}

/** The values that a body still emits: those that are read, each once. */
const emitsLeft = ({ emits = [] }: Region, read: ReadonlySet<number> | undefined): NodeId[] => [
  ...new Set(emits.filter((_, index) => read?.has(index))),
];

function withEmits(region: Region, read: ReadonlySet<number> | undefined): Region {
  const left = emitsLeft(region, read);
  if (left.length === (region.emits?.length ?? 0)) return region;
  const { emits: _, ...rest } = region;
  return left.length > 0 ? { ...rest, emits: left } : rest;
}

/** A `turns` with the place that its value has among what is left. */
function renumbered(
  node: Node,
  bodies: ReadonlyMap<NodeId, Op>,
  read: ReadonlyMap<NodeId, ReadonlySet<number>>,
): Node {
  const { op } = node;
  if (op.kind !== 'turns') return node;
  const repeat = node.inputs[0]!;
  const body = bodies.get(repeat);
  if (body?.kind !== 'repeat') return node;
  const index = emitsLeft(body.body, read.get(repeat)).indexOf(body.body.emits![op.index]!);
  return index === op.index ? node : { ...node, op: { ...op, index } };
}

function liveRegion(region: Region, live: Set<NodeId>): Region {
  for (const id of [region.result, ...(region.emits ?? [])]) live.add(id);
  const nodes = liveNodes(region.nodes, live);
  return nodes === region.nodes ? region : { ...region, nodes };
}
