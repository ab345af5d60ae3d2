// Numbers nodes and region parameters 0, 1, 2, ... in the order in which they are printed, so that the text of a
// graph does not depend on how many nodes the passes made and dropped.
import type { Node, NodeId, Region } from '../../ops/op.ts';
import { mapRegions } from '../../ops/regions.ts';
import type { Graph } from '../graph.ts';

export function renumber(graph: Graph): Graph {
  const numbers = new Map<NodeId, NodeId>();
  let changed = false;
  const number = (id: NodeId): NodeId => {
    const next = numbers.size;
    numbers.set(id, next);
    changed ||= next !== id;
    return next;
  };
  const known = (id: NodeId): NodeId => numbers.get(id)!;

  function numberNode(node: Node): Node {
    const id = number(node.id);
    return { ...node, id, op: mapRegions(node.op, numberRegion), inputs: node.inputs.map(known) };
  }

  function numberRegion(region: Region): Region {
    const params = region.params.map((param) => ({ ...param, id: number(param.id) }));
    const nodes = region.nodes.map(numberNode);
    const emits = region.emits && { emits: region.emits.map(known) };
    return { params, nodes, result: known(region.result), ...emits };
  }

  const nodes = graph.nodes.map(numberNode);
  if (!changed) return graph;
  const outputs = graph.outputs.map((output) => ({ ...output, node: known(output.node) }));
  return { ...graph, nodes, outputs };
}
