// Walks a graph, regions included, and lets a rule replace nodes one by one. What the passes are written with.
import { invariant } from '../../invariant.ts';
import type { Node, NodeId, Region, TensorType } from '../../ops/op.ts';
import { mapRegions, regionsOf } from '../../ops/regions.ts';
import { type ComputedOp, resultType } from '../../ops/shape-rule.ts';
import type { Graph } from '../graph.ts';

export interface Rewriter {
  /** The node that computes a value; `undefined` for a region's parameter. */
  definition(id: NodeId): Node | undefined;
  typeOf(id: NodeId): TensorType;
  /** Adds a node before the one at hand, with its origin. */
  emit(op: ComputedOp, inputs: readonly NodeId[]): NodeId;
  /** The list that the node at hand stands in. */
  readonly scope: Scope;
}

/** One for each list of nodes in a walk; a region's is inside that of its node's list. */
export interface Scope {
  readonly outer: Scope | undefined;
}

/** The value to use in place of the node's; `undefined` keeps it. Operands and regions are rewritten already. */
export type Rule = (node: Node, rewriter: Rewriter) => NodeId | undefined;

/** The graph with the rule applied to every node in order; the same object if nothing changes. */
export function rewriteGraph(graph: Graph, rule: Rule): Graph {
  let nextId = largestId(graph.nodes) + 1;
  let scope: Scope = { outer: undefined };
  const definitions = new Map<NodeId, Node>();
  const types = new Map<NodeId, TensorType>();
  const replaced = new Map<NodeId, NodeId>();
  const current = (id: NodeId) => replaced.get(id) ?? id;

  function rewriteList(nodes: readonly Node[]): readonly Node[] {
    const list: Node[] = [];
    const keep = (node: Node) => {
      definitions.set(node.id, node);
      types.set(node.id, node.type);
      list.push(node);
    };
    for (const node of nodes) {
      const rewritten = rewriteOperands(node);
      const replacement = rule(rewritten, {
        scope,
        definition: (id) => definitions.get(id),
        typeOf,
        emit(op, inputs) {
          const type = resultType(op, inputs.map(typeOf));
          const id = nextId++;
          keep({ id, op, inputs, type, origin: node.origin });
          return id;
        },
      });
      if (replacement === undefined) keep(rewritten);
      else replaced.set(node.id, replacement);
    }
    const same = list.length === nodes.length && list.every((node, i) => node === nodes[i]);
    return same ? nodes : list;
  }

  function typeOf(id: NodeId): TensorType {
    const type = types.get(id);
    invariant(type, 'graph', `no type of node ${id}`);
    return type;
  }

  function rewriteOperands(node: Node): Node {
    const inputs = node.inputs.map(current);
    const op = mapRegions(node.op, rewriteRegion);
    const same = op === node.op && inputs.every((id, i) => id === node.inputs[i]);
    return same ? node : { ...node, op, inputs };
  }

  function rewriteRegion(region: Region): Region {
    for (const { id, type } of region.params) types.set(id, type);
    const outer = scope;
    scope = { outer };
    const nodes = rewriteList(region.nodes);
    scope = outer;
    const result = current(region.result);
    const emits = region.emits?.map(current);
    const kept = emits?.every((id, i) => id === region.emits![i]) ?? true;
    const same = nodes === region.nodes && result === region.result && kept;
    return same ? region : { ...region, nodes, result, ...(emits && { emits }) };
  }

  const nodes = rewriteList(graph.nodes);
  const outputs = graph.outputs.map((output) => {
    const node = current(output.node);
    return node === output.node ? output : { ...output, node };
  });
  const same = nodes === graph.nodes && outputs.every((output, i) => output === graph.outputs[i]);
  return same ? graph : { ...graph, nodes, outputs };
}

/** The largest id in a list, regions and their parameters included. */
function largestId(nodes: readonly Node[]): NodeId {
  let largest = -1;
  for (const node of nodes) {
    largest = Math.max(largest, node.id);
    for (const region of regionsOf(node.op)) {
      for (const { id } of region.params) largest = Math.max(largest, id);
      largest = Math.max(largest, largestId(region.nodes));
    }
  }
  return largest;
}
