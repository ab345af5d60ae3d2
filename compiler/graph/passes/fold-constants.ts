// Computes now what is known now: element-wise operations on constants, and sizes without symbols.
// Works in float64 with the meaning that the reference gives (ops/scalar.ts); results that float32 cannot hold stay.
import type { Node, NodeId } from '../../ops/op.ts';
import { applyBinary, applyUnary, castScalar } from '../../ops/scalar.ts';
import { asNumber } from '../../shapes/dim.ts';
import type { Graph } from '../graph.ts';
import { type Rewriter, rewriteGraph } from './rewrite.ts';
import { emitUniform, uniformValue } from './uniform.ts';

export function foldConstants(graph: Graph): Graph {
  return rewriteGraph(graph, (node, rewriter) => {
    const value = foldedValue(node, rewriter);
    return value === undefined ? undefined : emitUniform(value, node.type, rewriter);
  });
}

function foldedValue(node: Node, rewriter: Rewriter): number | undefined {
  const { op } = node;
  if (op.kind === 'size') return asNumber(op.size);
  if (op.kind !== 'unary' && op.kind !== 'binary' && op.kind !== 'cast') return undefined;
  const operands = node.inputs.map((id) => uniformValue(id, rewriter));
  const [a, b] = operands;
  if (a === undefined) return undefined;
  const dtype = rewriter.typeOf(node.inputs[0] as NodeId).dtype;
  if (op.kind === 'cast') return castScalar(op.to, a);
  if (op.kind === 'unary') return applyUnary(op.fn, dtype, a);
  return b === undefined ? undefined : applyBinary(op.fn, dtype, a, b);
}
