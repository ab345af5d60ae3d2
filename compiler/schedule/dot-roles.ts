// Reads off a product's labels what each axis is: batch (in both operands and the result), m (left and result),
// n (right and result), k (summed) or part (of a ragged product), and which operand is the left one, `a`: that with more rows to reuse.
import { invariant } from '../invariant.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { asNumber, type Dim, product } from '../shapes/dim.ts';
import type { Program } from './program.ts';

type Label = number;

export interface DotRoles {
  readonly a: NodeId;
  readonly b: NodeId;
  readonly aLabels: readonly Label[];
  readonly bLabels: readonly Label[];
  readonly out: readonly Label[];
  /** In the order of a's axes, then b's, so that products with one left operand have equal loops. */
  readonly batch: readonly Label[];
  readonly m: readonly Label[];
  readonly k: readonly Label[];
  readonly n: readonly Label[];
  /** The parts of b and where they start, of a ragged product; the rows are the first label of m. */
  readonly ragged?: { readonly part: Label; readonly starts: NodeId };
  readonly sizes: ReadonlyMap<Label, Dim>;
  /** Equal for products whose left operand, loops over it and parts of rows are the same. */
  readonly left: string;
}

/** True where nothing is summed: such a product is a multiplication of elements and needs no region of its own. */
export function isOuterProduct(node: Node): boolean {
  const { op } = node;
  return op.kind === 'dot' && [...op.lhs, ...op.rhs].every((label) => op.out.includes(label));
}

export function dotRoles(node: Node, program: Program): DotRoles {
  const { op } = node;
  invariant(op.kind === 'dot', 'schedule', `${op.kind} is no product`);
  const sides = [op.lhs, op.rhs].map((labels, i) => ({ id: node.inputs[i]!, labels }));
  const sizes = new Map<Label, Dim>();
  for (const { id, labels } of sides) {
    const { shape } = program.typeOf(id);
    labels.forEach((label, axis) => {
      sizes.set(label, shape[axis]!);
    });
  }
  const rowsOf = (side: number): Dim => {
    const other = sides[1 - side]!.labels;
    const own = sides[side]!.labels.filter((l) => op.out.includes(l) && !other.includes(l));
    return product(own.map((label) => sizes.get(label)!));
  };
  const ragged = op.ragged && { part: op.rhs[0]!, starts: node.inputs[2]! };
  const swap =
    isSmaller(rowsOf(0), rowsOf(1)) ||
    (isWeight(sides[0]!.id, program) && !isWeight(sides[1]!.id, program));
  const [a, b] =
    swap && !ragged && !isWeight(sides[1]!.id, program)
      ? [sides[1]!, sides[0]!]
      : [sides[0]!, sides[1]!];
  const labels = [...new Set([...a.labels, ...b.labels])];
  const isIn = (list: readonly Label[]) => (label: Label) => list.includes(label);
  const [inA, inB, inOut] = [isIn(a.labels), isIn(b.labels), isIn(op.out)];
  const batch = labels.filter((l) => inA(l) && inB(l) && inOut(l));
  const m = labels.filter((l) => inA(l) && !inB(l) && inOut(l));
  const n = op.out.filter((l) => !inA(l) && inB(l));
  const k = labels.filter((l) => !inOut(l) && l !== ragged?.part);
  const role = (l: Label): string => {
    if (batch.includes(l)) return `b${batch.indexOf(l)}`;
    return m.includes(l) ? `m${m.indexOf(l)}` : `k${k.indexOf(l)}`;
  };
  const onlyB = k.filter((l) => !inA(l)).map((l) => sizes.get(l)!.text);
  return {
    a: a.id,
    b: b.id,
    aLabels: a.labels,
    bLabels: b.labels,
    out: op.out,
    batch,
    m,
    k,
    n,
    ...(ragged && { ragged }),
    sizes,
    left: [a.id, ...a.labels.map(role), ...onlyB, ...(ragged ? ['by', ragged.starts] : [])].join(
      ' ',
    ),
  };
}

/** True for a weight, also seen through views. */
function isWeight(id: NodeId, program: Program): boolean {
  const node = program.node(id);
  if (!node) return false;
  if (node.op.kind === 'weight') return true;
  const isView = ['reshape', 'transpose', 'broadcast', 'slice'].includes(node.op.kind);
  return isView && isWeight(node.inputs[0]!, program);
}

/** Sizes with symbols count as larger than numbers, more symbols as larger than fewer. */
function isSmaller(a: Dim, b: Dim): boolean {
  const degree = (dim: Dim): number =>
    Math.max(0, ...dim.terms.map((term) => term.powers.reduce((sum, [, power]) => sum + power, 0)));
  if (degree(a) !== degree(b)) return degree(a) < degree(b);
  const [x, y] = [asNumber(a), asNumber(b)];
  return x !== undefined && y !== undefined && x < y;
}
