// Views of views become one view; views that change nothing, and reductions along axes of size one, disappear.
import type { Node, NodeId, Op } from '../../ops/op.ts';
import { sameShape, sameType } from '../../ops/same-type.ts';
import type { ComputedOp } from '../../ops/shape-rule.ts';
import { add, constant, equal, mul, ONE } from '../../shapes/dim.ts';
import type { Graph } from '../graph.ts';
import { type Rewriter, rewriteGraph } from './rewrite.ts';

export function simplifyViews(graph: Graph): Graph {
  return rewriteGraph(
    graph,
    (node, rewriter) => identity(node, rewriter) ?? combined(node, rewriter),
  );
}

/** The operand, where the node gives it back unchanged. */
function identity(node: Node, { typeOf }: Rewriter): NodeId | undefined {
  const operand = node.inputs[0];
  if (operand === undefined || !CAN_BE_IDENTITY.has(node.op.kind)) return undefined;
  if (!sameType(node.type, typeOf(operand))) return undefined;
  const { op } = node;
  if (op.kind === 'transpose') return op.perm.every((axis, i) => axis === i) ? operand : undefined;
  if (op.kind === 'concat') return node.inputs.length === 1 ? operand : undefined;
  if (op.kind === 'cumsum') return isOne(node, op.axis) ? operand : undefined;
  return operand;
}

const isOne = (node: Node, axis: number): boolean => equal(node.type.shape[axis]!, ONE);

/** Kinds that give their operand back when the types agree (some only under the conditions above). */
const CAN_BE_IDENTITY: ReadonlySet<Op['kind']> = new Set<Op['kind']>([
  'cast',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'pad',
  'concat',
  'cumsum',
]);

/** One view in place of two. */
function combined(node: Node, rewriter: Rewriter): NodeId | undefined {
  const { op } = node;
  const operand = node.inputs[0];
  if (operand === undefined) return undefined;
  if (op.kind === 'reduce') {
    const isTrivial = op.axes.every((axis) => equal(rewriter.typeOf(operand).shape[axis]!, ONE));
    if (!isTrivial) return undefined;
    return rewriter.emit({ kind: 'reshape', shape: node.type.shape }, [operand]);
  }
  const inner = rewriter.definition(operand);
  if (!inner) return undefined;
  const view = composed(op, inner.op, node) ?? afterScalar(op, inner, node, rewriter);
  return view && rewriter.emit(view, [inner.inputs[0]!]);
}

function composed(op: Op, inner: Op, node: Node): ComputedOp | undefined {
  if (op.kind === 'reshape' && inner.kind === 'reshape') return op;
  if (op.kind === 'transpose' && inner.kind === 'transpose') {
    return { kind: 'transpose', perm: op.perm.map((axis) => inner.perm[axis]!) };
  }
  if (op.kind === 'broadcast' && inner.kind === 'broadcast') {
    return { kind: 'broadcast', shape: op.shape, axes: inner.axes.map((axis) => op.axes[axis]!) };
  }
  if (op.kind === 'slice' && inner.kind === 'slice' && op.axis === inner.axis) {
    const start = add(inner.start, mul(constant(inner.step), op.start));
    return { ...op, start, size: node.type.shape[op.axis]!, step: inner.step * op.step };
  }
  return undefined;
}

/** Whatever view of a scalar repeated is the scalar repeated. */
function afterScalar(
  op: Op,
  inner: Node,
  node: Node,
  { typeOf }: Rewriter,
): ComputedOp | undefined {
  if (inner.op.kind !== 'broadcast' || !sameShape(typeOf(inner.inputs[0]!).shape, []))
    return undefined;
  if (op.kind !== 'reshape' && op.kind !== 'transpose' && op.kind !== 'slice') return undefined;
  return { kind: 'broadcast', shape: node.type.shape, axes: [] };
}
