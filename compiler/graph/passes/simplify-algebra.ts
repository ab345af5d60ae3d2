// Identities that hold for every value, also of float32: x + 0, x * 1, double negation, conditions that are known.
// Also spells powers with small exponents as products and roots: they are faster, and defined for negative x.
// Never reorders or distributes sums, and never drops x * 0 of floats, which may be NaN.
import type { BinaryFn, Node, NodeId, Op } from '../../ops/op.ts';
import type { Graph } from '../graph.ts';
import { type Rewriter, rewriteGraph } from './rewrite.ts';
import { emitUniform, uniformValue } from './uniform.ts';

export function simplifyAlgebra(graph: Graph): Graph {
  return rewriteGraph(graph, (node, rewriter) => {
    switch (node.op.kind) {
      case 'unary':
        return simplifyUnary(node, rewriter);
      case 'binary':
        return simplifyBinary(node, node.op.fn, rewriter);
      case 'select':
        return simplifySelect(node, rewriter);
      case 'attend':
        return simplifyAttend(node, node.op, rewriter);
      default:
        return undefined;
    }
  });
}

function simplifyUnary(node: Node, rewriter: Rewriter): NodeId | undefined {
  const inner = rewriter.definition(node.inputs[0]!);
  if (node.op.kind !== 'unary' || inner?.op.kind !== 'unary') return undefined;
  const { fn } = node.op;
  const undoes = (fn === 'neg' || fn === 'not') && inner.op.fn === fn;
  if (undoes) return inner.inputs[0]!;
  const repeats = (fn === 'abs' || fn === 'floor') && inner.op.fn === fn;
  return repeats ? inner.id : undefined;
}

/** What `fn` leaves unchanged as right operand; as left one too where `fn` commutes. */
const NEUTRAL: Partial<Record<BinaryFn, number>> = {
  add: 0,
  sub: 0,
  mul: 1,
  div: 1,
  pow: 1,
  and: 1,
  or: 0,
};
const COMMUTES: ReadonlySet<BinaryFn> = new Set<BinaryFn>(['add', 'mul', 'and', 'or']);

function simplifyBinary(node: Node, fn: BinaryFn, rewriter: Rewriter): NodeId | undefined {
  const [a, b] = node.inputs as [NodeId, NodeId];
  const [left, right] = [uniformValue(a, rewriter), uniformValue(b, rewriter)];
  const neutral = NEUTRAL[fn];
  if (neutral !== undefined && right === neutral) return a;
  if (neutral !== undefined && left === neutral && COMMUTES.has(fn)) return b;
  if (fn === 'pow' && right !== undefined) return power(a, right, node, rewriter);
  return absorbed(node, fn, rewriter) ?? ofEqualOperands(node, fn, rewriter);
}

/** `and` with false, `or` with true, whole numbers times zero: one operand decides. */
function absorbed(node: Node, fn: BinaryFn, rewriter: Rewriter): NodeId | undefined {
  const isWhole = node.type.dtype === 'i32';
  const decides = fn === 'and' || (fn === 'mul' && isWhole) ? 0 : fn === 'or' ? 1 : undefined;
  if (decides === undefined) return undefined;
  return node.inputs.find((id) => uniformValue(id, rewriter) === decides);
}

function ofEqualOperands(node: Node, fn: BinaryFn, rewriter: Rewriter): NodeId | undefined {
  const [a, b] = node.inputs as [NodeId, NodeId];
  if (a !== b) return undefined;
  if (fn === 'min' || fn === 'max' || fn === 'and' || fn === 'or') return a;
  // A float may be NaN, which differs from itself.
  if (rewriter.typeOf(a).dtype === 'f32') return undefined;
  if (fn === 'eq' || fn === 'le') return emitUniform(1, node.type, rewriter);
  if (fn === 'ne' || fn === 'lt' || fn === 'sub') return emitUniform(0, node.type, rewriter);
  return undefined;
}

function power(x: NodeId, exponent: number, node: Node, rewriter: Rewriter): NodeId | undefined {
  const times = (a: NodeId, b: NodeId) => rewriter.emit({ kind: 'binary', fn: 'mul' }, [a, b]);
  const root = (fn: 'sqrt' | 'rsqrt') => rewriter.emit({ kind: 'unary', fn }, [x]);
  const square = exponent === 2 || exponent === 3 || exponent === 4 ? times(x, x) : x;
  switch (exponent) {
    case 0:
      return emitUniform(1, node.type, rewriter);
    case 2:
      return square;
    case 3:
      return times(square, x);
    case 4:
      return times(square, square);
    case 0.5:
      return root('sqrt');
    case -0.5:
      return root('rsqrt');
    case -1:
      return rewriter.emit({ kind: 'binary', fn: 'div' }, [
        emitUniform(1, node.type, rewriter)!,
        x,
      ]);
    default:
      return undefined;
  }
}

function simplifySelect(node: Node, rewriter: Rewriter): NodeId | undefined {
  const [condition, a, b] = node.inputs as [NodeId, NodeId, NodeId];
  if (a === b) return a;
  const known = uniformValue(condition, rewriter);
  return known === undefined ? undefined : known ? a : b;
}

/** A mask that keeps everything and a score that changes nothing are dropped. */
function simplifyAttend(
  node: Node,
  op: Extract<Op, { kind: 'attend' }>,
  rewriter: Rewriter,
): NodeId | undefined {
  const keepsAll = op.mask && uniformValue(op.mask.result, rewriter) === 1;
  const keepsScore = op.score && op.score.result === op.score.params[0]!.id;
  if (!keepsAll && !keepsScore) return undefined;
  const { mask, score, ...rest } = op;
  return rewriter.emit(
    { ...rest, ...(mask && !keepsAll && { mask }), ...(score && !keepsScore && { score }) },
    node.inputs,
  );
}
