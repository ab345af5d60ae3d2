// Reads off an attention mask which keys a row of queries can see: keys [lo(i), hi(i)) of query i.
// Understands conjunctions of comparisons that are affine in i and j (causal, sliding window, prefix of fixed
// length); whatever else a mask says only narrows the interval, and then `exact` is false.
// Used to count causal attention exactly and to skip keys in kernels.
import { add, asNumber, constant, type Dim, mul, ONE, sub, ZERO } from '../shapes/dim.ts';
import type { Node, NodeId, Region } from './op.ts';

/** `slope * i + offset`; the offset may be negative and may hold symbols. */
export interface AffineForm {
  readonly slope: number;
  readonly offset: Dim;
  /** Added to it: values that differ between batches, by node, times these factors. Only where they are asked for. */
  readonly per?: ReadonlyMap<NodeId, number>;
}

export interface MaskInterval {
  /** The first key is the largest of these, and at least 0. */
  readonly lo: readonly AffineForm[];
  /** One past the last key is the smallest of these, and at most the number of keys. */
  readonly hi: readonly AffineForm[];
  /** True if every key in between is kept, so that the interval is the whole mask. */
  readonly exact: boolean;
}

/** Finds a node outside the region, where a mask uses one (a constant, say). */
export type OuterNode = (id: NodeId) => Node | undefined;

/** The interval of a mask; no mask keeps every key. `perBatch`: also where it depends on what is looked up for a batch. */
export function maskInterval(
  mask: Region | undefined,
  outer: OuterNode = () => undefined,
  perBatch = false,
): MaskInterval {
  if (!mask) return { lo: [], hi: [], exact: true };
  const inner = new Map(mask.nodes.map((node) => [node.id, node]));
  const scope: Scope = {
    i: mask.params[2]!.id,
    j: mask.params[3]!.id,
    batch: perBatch ? mask.params[0]!.id : undefined,
    find: (id) => inner.get(id) ?? outer(id),
  };
  const bounds = conjuncts(mask.result, scope).map((conjunct) => boundsOf(conjunct, scope));
  const known = bounds.flatMap((found) => found ?? []);
  return {
    lo: known.filter((bound) => bound.side === 'lo').map((bound) => bound.form),
    hi: known.filter((bound) => bound.side === 'hi').map((bound) => bound.form),
    exact: bounds.every((found) => found !== undefined),
  };
}

interface Scope {
  readonly i: NodeId;
  readonly j: NodeId;
  readonly batch: NodeId | undefined;
  readonly find: OuterNode;
}

interface Bound {
  readonly side: 'lo' | 'hi';
  readonly form: AffineForm;
}

/** `i * row + j * key + offset`, and values that differ between batches times their factors. */
interface Affine {
  readonly row: number;
  readonly key: number;
  readonly offset: Dim;
  readonly per: ReadonlyMap<NodeId, number>;
}

const NONE: Affine['per'] = new Map();

function conjuncts(id: NodeId, scope: Scope): NodeId[] {
  const node = scope.find(id);
  const isAnd = node?.op.kind === 'binary' && node.op.fn === 'and';
  return isAnd ? node.inputs.flatMap((input) => conjuncts(input, scope)) : [id];
}

/** What one conjunct says about j; `undefined` if it is not (only) a bound on j. */
function boundsOf(id: NodeId, scope: Scope): Bound[] | undefined {
  const node = scope.find(id);
  if (node?.op.kind === 'const') return node.op.value ? [] : undefined;
  if (node?.op.kind === 'unary' && node.op.fn === 'not') {
    const inner = scope.find(node.inputs[0]!);
    if (inner?.op.kind !== 'binary') return undefined;
    const [a, b] = inner.inputs as [NodeId, NodeId];
    if (inner.op.fn === 'le') return lessThan(b, a, ONE, scope);
    if (inner.op.fn === 'lt') return lessThan(b, a, ZERO, scope);
    return undefined;
  }
  if (node?.op.kind !== 'binary') return undefined;
  const [a, b] = node.inputs as [NodeId, NodeId];
  if (node.op.fn === 'le') return lessThan(a, b, ZERO, scope);
  if (node.op.fn === 'lt') return lessThan(a, b, ONE, scope);
  if (node.op.fn !== 'eq') return undefined;
  const both = [lessThan(a, b, ZERO, scope), lessThan(b, a, ZERO, scope)];
  return both.every((bound) => bound !== undefined) ? both.flat() : undefined;
}

/** `a + gap <= b`; with `abs(x)` for a, both x and -x must be that small. */
function lessThan(a: NodeId, b: NodeId, gap: Dim, scope: Scope): Bound[] | undefined {
  const right = affineOf(b, scope);
  const absolute = scope.find(a);
  const isAbs = absolute?.op.kind === 'unary' && absolute.op.fn === 'abs';
  const left = affineOf(isAbs ? absolute.inputs[0]! : a, scope);
  if (!left || !right) return undefined;
  const bounds = [left, ...(isAbs ? [scaled(left, -1)] : [])].map((side) =>
    boundOfNonNegative(difference(right, { ...side, offset: add(side.offset, gap) })),
  );
  return bounds.every((bound) => bound !== undefined) ? bounds : undefined;
}

/** The bound on j that `form >= 0` is; `undefined` where j has another factor than 1 or -1. */
function boundOfNonNegative(form: Affine): Bound | undefined {
  const { row, key, offset, per } = form;
  const also = (of: Affine['per']) => of.size > 0 && { per: of };
  if (key === 1) {
    const opposite = also(scaled(form, -1).per);
    return { side: 'lo', form: { slope: -row, offset: sub(ZERO, offset), ...opposite } };
  }
  if (key === -1)
    return { side: 'hi', form: { slope: row, offset: add(offset, ONE), ...also(per) } };
  return undefined;
}

function affineOf(id: NodeId, scope: Scope): Affine | undefined {
  if (id === scope.i) return { row: 1, key: 0, offset: ZERO, per: NONE };
  if (id === scope.j) return { row: 0, key: 1, offset: ZERO, per: NONE };
  const node = scope.find(id);
  if (node?.type.dtype !== 'i32') return undefined;
  const { op } = node;
  if (op.kind === 'const') return { row: 0, key: 0, offset: constant(op.value), per: NONE };
  if (op.kind === 'size') return { row: 0, key: 0, offset: op.size, per: NONE };
  if (op.kind === 'gather' && op.indices === 1 && node.inputs[1] === scope.batch)
    return { row: 0, key: 0, offset: ZERO, per: new Map([[id, 1]]) };
  if (op.kind !== 'unary' && op.kind !== 'binary') return undefined;
  const operands = node.inputs.map((input) => affineOf(input, scope));
  const [a, b] = operands;
  if (!a) return undefined;
  if (op.kind === 'unary') return op.fn === 'neg' ? scaled(a, -1) : undefined;
  if (!b) return undefined;
  switch (op.fn) {
    case 'add':
      return difference(a, scaled(b, -1));
    case 'sub':
      return difference(a, b);
    case 'mul': {
      const [left, right] = [asConstant(a), asConstant(b)];
      if (left !== undefined) return scaled(b, left);
      return right === undefined ? undefined : scaled(a, right);
    }
    default:
      return undefined;
  }
}

function difference(a: Affine, b: Affine): Affine {
  const per = new Map(a.per);
  for (const [id, factor] of b.per) per.set(id, (per.get(id) ?? 0) - factor);
  return { row: a.row - b.row, key: a.key - b.key, offset: sub(a.offset, b.offset), per };
}

function scaled(a: Affine, by: number): Affine {
  const per = new Map([...a.per].map(([id, factor]) => [id, factor * by]));
  return { row: a.row * by, key: a.key * by, offset: mul(a.offset, constant(by)), per };
}

function asConstant(a: Affine): number | undefined {
  return a.row === 0 && a.key === 0 && a.per.size === 0 ? asNumber(a.offset) : undefined;
}
