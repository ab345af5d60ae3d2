// How many (query, key) pairs an attention mask keeps: exactly, wherever the mask depends on places and sizes alone.
// Knows nothing of kernels, which may visit more pairs than are kept.
import { type AffineForm, maskInterval, type OuterNode } from '../ops/mask-interval.ts';
import type { Node, NodeId, Region } from '../ops/op.ts';
import { applyBinary, applyUnary, castScalar } from '../ops/scalar.ts';
import { evaluate } from '../shapes/dim.ts';

export interface AttendSizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

export interface VisitedPairs {
  /** Over the whole batch and all heads. */
  readonly pairs: bigint;
  /** False if the mask depends on data, or is too large to try pair by pair: then `pairs` is the full square. */
  readonly exact: boolean;
}

type Symbols = Readonly<Record<string, number>>;

/** Masks that are no interval are tried on up to this many places. */
const MOST_TRIALS = 2 ** 22;

export function visitedPairs(
  mask: Region | undefined,
  sizes: AttendSizes,
  symbols: Symbols,
  outer: OuterNode,
): VisitedPairs {
  const planes = BigInt(sizes.batch) * BigInt(sizes.heads);
  const square = planes * BigInt(sizes.queries) * BigInt(sizes.keys);
  if (!mask) return { pairs: square, exact: true };
  const { lo, hi, exact } = maskInterval(mask, outer);
  if (exact) return { pairs: planes * pairsBetween(lo, hi, sizes, symbols), exact };
  const pairs = triedPairs(mask, sizes, symbols, outer);
  return pairs === undefined ? { pairs: square, exact: false } : { pairs, exact: true };
}

function pairsBetween(
  lo: readonly AffineForm[],
  hi: readonly AffineForm[],
  { queries, keys }: AttendSizes,
  symbols: Symbols,
): bigint {
  const numbers = (forms: readonly AffineForm[]) =>
    forms.map(({ slope, offset }) => ({ slope, offset: Number(evaluate(offset, symbols)) }));
  const [first, last] = [numbers(lo), numbers(hi)];
  let pairs = 0n;
  for (let i = 0; i < queries; i++) {
    const from = first.reduce((most, { slope, offset }) => Math.max(most, slope * i + offset), 0);
    const to = last.reduce((least, { slope, offset }) => Math.min(least, slope * i + offset), keys);
    if (to > from) pairs += BigInt(to - from);
  }
  return pairs;
}

/** Asks the mask about every place; `undefined` if they are too many or it needs more than places and sizes. */
function triedPairs(
  mask: Region,
  { batch, heads, queries, keys }: AttendSizes,
  symbols: Symbols,
  outer: OuterNode,
): bigint | undefined {
  const used = new Set(mask.nodes.flatMap((node) => node.inputs));
  const batches = used.has(mask.params[0]!.id) ? batch : 1;
  const planes = used.has(mask.params[1]!.id) ? heads : 1;
  if (batches * planes * queries * keys > MOST_TRIALS) return undefined;
  let kept = 0;
  for (let b = 0; b < batches; b++) {
    for (let h = 0; h < planes; h++) {
      for (let i = 0; i < queries; i++) {
        for (let j = 0; j < keys; j++) {
          const keep = scalarResult(mask, [b, h, i, j], symbols, outer);
          if (keep === undefined) return undefined;
          kept += keep;
        }
      }
    }
  }
  return (BigInt(kept) * BigInt(batch) * BigInt(heads)) / BigInt(batches * planes);
}

/** The value of a region of scalars; `undefined` where it depends on anything but its arguments and sizes. */
function scalarResult(
  region: Region,
  args: readonly number[],
  symbols: Symbols,
  outer: OuterNode,
): number | undefined {
  const values = new Map<NodeId, number>(region.params.map(({ id }, i) => [id, args[i]!]));
  const lookUp = (id: NodeId): number | undefined => {
    if (values.has(id)) return values.get(id);
    const node = outer(id);
    return node && scalarValue(node, lookUp, symbols);
  };
  for (const node of region.nodes) {
    const value = scalarValue(node, lookUp, symbols);
    if (value === undefined) return undefined;
    values.set(node.id, value);
  }
  return lookUp(region.result);
}

function scalarValue(
  { op, inputs, type }: Node,
  lookUp: (id: NodeId) => number | undefined,
  symbols: Symbols,
): number | undefined {
  if (type.shape.length > 0) return undefined;
  if (op.kind === 'const') return op.value;
  if (op.kind === 'size') return Number(evaluate(op.size, symbols));
  const operands = inputs.map(lookUp);
  if (!operands.every((value) => value !== undefined)) return undefined;
  const [a, b, c] = operands as [number, number, number];
  switch (op.kind) {
    case 'unary':
      return applyUnary(op.fn, type.dtype, a);
    case 'binary':
      return applyBinary(op.fn, type.dtype, a, b);
    case 'select':
      return a ? b : c;
    case 'cast':
      return castScalar(op.to, a);
    default:
      return undefined;
  }
}
