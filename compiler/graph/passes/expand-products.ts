// A `dot` that sums nothing is an element-wise product: spelled as one, it can join the chain it stands in.
import type { NodeId, Op } from '../../ops/op.ts';
import type { Graph } from '../graph.ts';
import { type Rewriter, rewriteGraph } from './rewrite.ts';

export function expandProducts(graph: Graph): Graph {
  return rewriteGraph(graph, (node, rewriter) => {
    const { op } = node;
    if (op.kind !== 'dot' || ![...op.lhs, ...op.rhs].every((label) => op.out.includes(label)))
      return undefined;
    const [a, b] = node.inputs as [NodeId, NodeId];
    const factors = [
      spread(a, op.lhs, op, node.type.shape, rewriter),
      spread(b, op.rhs, op, node.type.shape, rewriter),
    ];
    return rewriter.emit({ kind: 'binary', fn: 'mul' }, factors);
  });
}

/** An operand with its axes in the order of the result, and repeated along those it lacks. */
function spread(
  operand: NodeId,
  labels: readonly number[],
  { out }: Extract<Op, { kind: 'dot' }>,
  shape: Extract<Op, { kind: 'broadcast' }>['shape'],
  rewriter: Rewriter,
): NodeId {
  const perm = out.flatMap((label) => {
    const axis = labels.indexOf(label);
    return axis === -1 ? [] : [axis];
  });
  const ordered = rewriter.emit({ kind: 'transpose', perm }, [operand]);
  const axes = perm.map((axis) => out.indexOf(labels[axis]!));
  return rewriter.emit({ kind: 'broadcast', shape, axes }, [ordered]);
}
