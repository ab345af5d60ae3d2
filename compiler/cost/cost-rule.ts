// The cost rule of every operation: the work of one node at given sizes, from its shapes alone. Conventions:
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
import { type Dim, evaluate } from '../shapes/dim.ts';
import { visitedPairs } from './visited-pairs.ts';
import { addWork, NO_WORK, timesWork, type Work } from './work.ts';

export interface CostContext {
  /** Values of the symbols. */
  readonly symbols: Readonly<Record<string, number>>;
  readonly typeOf: (id: NodeId) => TensorType;
  readonly nodeOf: OuterNode;
  /** Whether a product is one with a matrix of the model (matrices.ts). */
  readonly isMatrixProduct: (node: Node) => boolean;
  readonly isEmbedding: (id: NodeId) => boolean;
  /** Told each attention whose mask cannot be counted, and is counted as the full square. */
  readonly onInexact: (node: Node) => void;
}

/** The work of a node; a repeat's is that of all its turns. */
export function costOf(node: Node, context: CostContext): Work {
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
      return NO_WORK;
    case 'gather': {
      if (!context.isEmbedding(node.inputs[0]!)) return NO_WORK;
      const places = { ...type, shape: operand(0).shape.slice(0, op.indices) };
      return { ...NO_WORK, lookUpMacs: elements(places, context) * elements(type, context) };
    }
    case 'segment_sum':
      return elementwise(type, elements(operand(0), context));
    case 'unary':
    case 'binary':
      return elementwise(operand(0), elements(type, context));
    case 'reduce':
      return elementwise(type, elements(operand(0), context) - elements(type, context));
    case 'cumsum': {
      const size = sizeAt(type.shape[op.axis]!, context);
      return elementwise(type, size === 0n ? 0n : (elements(type, context) / size) * (size - 1n));
    }
    case 'dot': {
      const sizes = new Map<number, Dim>();
      for (const [axis, label] of op.lhs.entries()) sizes.set(label, operand(0).shape[axis]!);
      for (const [axis, label] of op.rhs.entries()) {
        // Each row meets the part of one group.
        if (!op.ragged || axis > 0) sizes.set(label, operand(1).shape[axis]!);
      }
      const products = elements({ ...type, shape: [...sizes.values()] }, context);
      if (sizes.size === op.out.length) return elementwise(type, products);
      const matrixMacs = context.isMatrixProduct(node) ? products : 0n;
      return { ...NO_WORK, macs: products, macsFullSquare: products, matrixMacs };
    }
    case 'attend':
      return attendCost(node, op.score, op.mask, context);
    case 'repeat':
      return timesWork(regionCost(op.body, context), BigInt(op.count));
    default:
      return unreachable(op, 'cost');
  }
}

function regionCost(region: Region, context: CostContext): Work {
  return region.nodes.map((node) => costOf(node, context)).reduce(addWork, NO_WORK);
}

function attendCost(
  node: Node,
  score: Region | undefined,
  mask: Region | undefined,
  context: CostContext,
): Work {
  const [q, , v] = node.inputs.map(context.typeOf) as [TensorType, TensorType, TensorType];
  const sizes = {
    batch: Number(sizeAt(q.shape[0]!, context)),
    heads: Number(sizeAt(q.shape[1]!, context)),
    queries: Number(sizeAt(q.shape[2]!, context)),
    keys: Number(sizeAt(v.shape[2]!, context)),
  };
  const { pairs, exact } = visitedPairs(mask, sizes, context.symbols, context.nodeOf);
  if (!exact) context.onInexact(node);
  const square = visitedPairs(undefined, sizes, context.symbols, context.nodeOf).pairs;
  const perScore = sizeAt(q.shape[3]!, context);
  const perPair = perScore + sizeAt(v.shape[3]!, context);
  const bodies = [score, mask].filter((body) => body !== undefined);
  const body = bodies.map((region) => regionCost(region, context)).reduce(addWork, NO_WORK);
  return {
    ...NO_WORK,
    macs: pairs * perPair,
    macsFullSquare: square * perPair,
    elementwise: pairs * (5n + body.elementwise) + elements(node.type, context),
    pairs: square,
    scoreMacs: square * perScore,
  };
}

const elementwise = ({ dtype }: TensorType, count: bigint): Work =>
  dtype === 'f32' ? { ...NO_WORK, elementwise: count } : NO_WORK;

const sizeAt = (size: Dim, { symbols }: CostContext): bigint => evaluate(size, symbols);

const elements = ({ shape }: TensorType, context: CostContext): bigint =>
  shape.reduce((product, size) => product * sizeAt(size, context), 1n);
