// Reductions, products and attention in ONNX.
import { invariant } from '../invariant.ts';
import type { Op, Region, TensorType } from '../ops/op.ts';
import { type Dim, div } from '../shapes/dim.ts';
import { reshape } from './views.ts';
import type { Name, Writer } from './writer.ts';

type OpOf<Kind extends Op['kind']> = Extract<Op, { kind: Kind }>;

const REDUCE = { sum: 'ReduceSum', max: 'ReduceMax', min: 'ReduceMin' } as const;

export function reduce(w: Writer, x: Name, { fn, axes }: OpOf<'reduce'>): Name {
  return w.op(REDUCE[fn], [x, w.list(...axes)], { keepdims: 0 });
}

/** `ab,bc->ac` of labels that are numbers. */
export function equation(lhs: readonly number[], rhs: readonly number[], out: readonly number[]) {
  const letters = new Map<number, string>();
  const text = (labels: readonly number[]): string =>
    labels
      .map((label) => {
        const at = letters.size;
        if (!letters.has(label)) letters.set(label, String.fromCharCode((at < 26 ? 97 : 39) + at));
        return letters.get(label)!;
      })
      .join('');
  return `${text(lhs)},${text(rhs)}->${text(out)}`;
}

export function dot(w: Writer, a: Name, b: Name, { lhs, rhs, out }: OpOf<'dot'>): Name {
  return w.op('Einsum', [a, b], { equation: equation(lhs, rhs, out) });
}

/** Evaluates a body of attention over whole tensors of its parameters. */
export type Body = (region: Region, params: readonly Name[]) => Name;

/**
 * Attention with its t x t tensor, since ONNX has no operator that takes any mask and score. Grouped queries are an
 * axis of their own; a row with no key, whose softmax is NaN, gives zeros.
 */
export function attend(
  w: Writer,
  [q, k, v]: readonly [Name, Name, Name],
  [qType, , vType]: readonly TensorType[],
  op: OpOf<'attend'>,
  body: Body,
): Name {
  const [b, h, t, width] = qType!.shape as [Dim, Dim, Dim, Dim];
  const [, g, s, columns] = vType!.shape as [Dim, Dim, Dim, Dim];
  const shared = div(h, g);
  invariant(shared, 'export', `${h.text} query heads of ${g.text}`);
  const places = [b, h, t, s].map((size, axis) => {
    const others = [0, 1, 2, 3].filter((other) => other !== axis);
    return w.op('Unsqueeze', [w.iota(size), w.list(...others)]);
  });
  const queries = reshape(w, q, [b, g, shared, t, width]);
  const products = w.op('Einsum', [queries, k], { equation: 'bgrtk,bgsk->bgrts' });
  const scaled = w.op('Mul', [reshape(w, products, [b, h, t, s]), w.scalar('float', op.scale)]);
  const scores = op.score ? body(op.score, [scaled, ...places]) : scaled;
  const weights = softmax(w, scores, op.mask && body(op.mask, places));
  const grouped = reshape(w, weights, [b, g, shared, t, s]);
  const mixed = w.op('Einsum', [grouped, v], { equation: 'bgrts,bgsn->bgrtn' });
  return reshape(w, mixed, [b, h, t, columns]);
}

function softmax(w: Writer, scores: Name, mask: Name | undefined): Name {
  if (!mask) return w.op('Softmax', [scores], { axis: -1 });
  const kept = w.op('Where', [mask, scores, w.scalar('float', -Infinity)]);
  const weights = w.op('Softmax', [kept], { axis: -1 });
  return w.op('Where', [mask, weights, w.scalar('float', 0)]);
}
