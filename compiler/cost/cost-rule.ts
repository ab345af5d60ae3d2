// The cost rule of every operation: the work of one node, from its shapes alone. Conventions:
//   one multiply-add for each product that a `dot` adds up; a `dot` that sums nothing is an element-wise product
//   attend: k multiply-adds for the score of each pair that the mask keeps and n for its value; five other
//   operations a pair (scale, maximum, difference, exponential, sum) and one division for each result
//   element-wise f32 arithmetic and comparisons: one for each element, whatever the function
//   sums, maxima and running sums of n numbers: n - 1
//   rows in groups (ragged products, sums of groups): as if every row were in a group
//   nothing for choosing and grouping, which only compare numbers
//   nothing for views, look-ups, selections, conversions, and arithmetic on whole numbers and bool
import { unreachable } from '../invariant.ts';
import type { OuterNode } from '../ops/mask-interval.ts';
import type { Node, NodeId, Region, TensorType } from '../ops/op.ts';
import { add, constant, type Dim, mul, product } from '../shapes/dim.ts';
import { keptPairs } from './kept-pairs.ts';
import type { OpaqueCounts } from './opaque-counts.ts';
import { addSymbolicWork, NO_SYMBOLIC_WORK, type SymbolicWork, timesSymbolicWork } from './work.ts';

export interface CostContext {
  readonly typeOf: (id: NodeId) => TensorType;
  readonly nodeOf: OuterNode;
  /** Whether a product is one with a matrix of the model (matrices.ts). */
  readonly isMatrixProduct: (node: Node) => boolean;
  readonly isEmbedding: (id: NodeId) => boolean;
  /** Gets the counts that are no polynomials of the sizes. */
  readonly opaque: OpaqueCounts;
}

/** The work of a node; a repeat's is that of all its turns. */
export function costOf(node: Node, context: CostContext): SymbolicWork {
  const { op, type } = node;
  const operand = (index: number) => context.typeOf(node.inputs[index]!);
  switch (op.kind) {
    case 'input':
    case 'weight':
    case 'const':
    case 'size':
    case 'iota':
    case 'select':
    case 'cast':
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'pad':
    case 'concat':
    case 'top_k':
    case 'group':
    case 'turns':
    case 'state':
    case 'append':
      return NO_SYMBOLIC_WORK;
    case 'gather': {
      if (!context.isEmbedding(node.inputs[0]!)) return NO_SYMBOLIC_WORK;
      const places = product(operand(0).shape.slice(0, op.indices));
      return { ...NO_SYMBOLIC_WORK, lookUpMacs: mul(places, elements(type)) };
    }
    case 'segment_sum':
      return elementwise(type, elements(operand(0)));
    case 'unary':
    case 'binary':
      return elementwise(operand(0), elements(type));
    case 'reduce': {
      const summed = product(op.axes.map((axis) => operand(0).shape[axis]!));
      return elementwise(type, mul(elements(type), context.opaque.lessOne(summed)));
    }
    case 'cumsum': {
      const others = product(type.shape.filter((_, axis) => axis !== op.axis));
      return elementwise(type, mul(others, context.opaque.lessOne(type.shape[op.axis]!)));
    }
    case 'dot': {
      const sizes = new Map<number, Dim>();
      for (const [axis, label] of op.lhs.entries()) sizes.set(label, operand(0).shape[axis]!);
      for (const [axis, label] of op.rhs.entries()) {
        // Each row meets the part of one group.
        if (!op.ragged || axis > 0) sizes.set(label, operand(1).shape[axis]!);
      }
      const products = product([...sizes.values()]);
      if (sizes.size === op.out.length) return elementwise(type, products);
      const counted = { ...NO_SYMBOLIC_WORK, macs: products, macsFullSquare: products };
      return context.isMatrixProduct(node) ? { ...counted, matrixMacs: products } : counted;
    }
    case 'attend':
      return attendCost(node, op.score, op.mask, context);
    case 'repeat':
      return timesSymbolicWork(regionCost(op.body, context), op.count);
    default:
      return unreachable(op, 'cost');
  }
}

function regionCost(region: Region, context: CostContext): SymbolicWork {
  return region.nodes
    .map((node) => costOf(node, context))
    .reduce(addSymbolicWork, NO_SYMBOLIC_WORK);
}

function attendCost(
  node: Node,
  score: Region | undefined,
  mask: Region | undefined,
  context: CostContext,
): SymbolicWork {
  const [q, , v] = node.inputs.map(context.typeOf) as [TensorType, TensorType, TensorType];
  const [batch, heads, queries, perScore] = q.shape as [Dim, Dim, Dim, Dim];
  const [, , keys, width] = v.shape as [Dim, Dim, Dim, Dim];
  const square = product([batch, heads, queries, keys]);
  const pairs = mask
    ? keptPairs(node, mask, { batch, heads, queries, keys }, context.nodeOf, context.opaque)
    : square;
  const perPair = add(perScore, width);
  const bodies = [score, mask].filter((body) => body !== undefined);
  const body = bodies
    .map((region) => regionCost(region, context))
    .reduce(addSymbolicWork, NO_SYMBOLIC_WORK);
  const macs = mul(pairs, perPair);
  return {
    ...NO_SYMBOLIC_WORK,
    macs,
    attentionMacs: macs,
    macsFullSquare: mul(square, perPair),
    elementwise: add(mul(pairs, add(constant(5), body.elementwise)), elements(node.type)),
    pairs: square,
    scoreMacs: mul(square, perScore),
  };
}

const elementwise = ({ dtype }: TensorType, count: Dim): SymbolicWork =>
  dtype === 'f32' ? { ...NO_SYMBOLIC_WORK, elementwise: count } : NO_SYMBOLIC_WORK;

const elements = ({ shape }: TensorType): Dim => product(shape);
