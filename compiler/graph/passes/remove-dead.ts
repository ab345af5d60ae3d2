// Removes nodes that no output needs, also inside regions. Declared inputs and weights stay, even unused ones:
// they are the model's interface and its file of weights, which an optimisation must not change.
import type { Node, NodeId, Region } from '../../ops/op.ts';
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
  for (const node of nodes.toReversed()) {
    if (!live.has(node.id)) continue;
    for (const input of node.inputs) live.add(input);
    const op = mapRegions(node.op, (region) => liveRegion(region, live));
    kept.push(op === node.op ? node : { ...node, op });
  }
  kept.reverse();
  const same = kept.length === nodes.length && kept.every((node, i) => node === nodes[i]);
  return same ? nodes : kept;
}

function liveRegion(region: Region, live: Set<NodeId>): Region {
  for (const id of [region.result, ...(region.emits ?? [])]) live.add(id);
  const nodes = liveNodes(region.nodes, live);
  return nodes === region.nodes ? region : { ...region, nodes };
}
