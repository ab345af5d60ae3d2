// Choices between equal scores. Where scores of a `top_k` are equal but for rounding, a device may choose otherwise than the
// reference and be as right; all that follows differs then. So the reference takes the device's places, if they are as good.
import type { Node, NodeId } from '../../compiler/ops/op.ts';
import type { Tensor } from '../../compiler/reference/tensor.ts';

/** Scores of f32 that were computed in two ways are this near, as a part of the largest. */
const SAME = 1e-5;

/**
 * Sees the reference's nodes as they are evaluated, and puts the device's places into each `top_k` where they are as good.
 * @param placesOf what the device chose in a node and turns, of as many elements as the reference has
 */
export function followChoices(
  placesOf: (node: NodeId, turns: readonly number[], size: number) => ArrayLike<number> | undefined,
): (node: Node, turns: readonly number[], value: Tensor) => void {
  const latest = new Map<NodeId, Tensor>();
  return (node, turns, value) => {
    latest.set(node.id, value);
    if (node.op.kind !== 'top_k') return;
    const scores = latest.get(node.inputs[0]!)!;
    const places = placesOf(node.id, turns, value.data.length);
    if (!places) return;
    const [size, k] = [scores.shape.at(-1)!, value.shape.at(-1)!];
    for (let row = 0; row * k < value.data.length; row++) {
      const own = value.data.subarray(row * k, (row + 1) * k);
      const others = Array.from(own, (_, i) => places[row * k + i]!);
      const of = scores.data.subarray(row * size, (row + 1) * size);
      if (areAsGood(of, own, others)) own.set(others);
    }
  };
}

/** True if the other places, each another one, have the scores of the own but for rounding. */
function areAsGood(
  scores: ArrayLike<number>,
  own: ArrayLike<number>,
  others: readonly number[],
): boolean {
  if (new Set(others).size < others.length) return false;
  let largest = 0;
  for (let i = 0; i < scores.length; i++)
    if (Number.isFinite(scores[i])) largest = Math.max(largest, Math.abs(scores[i]!));
  return others.every((place, i) => {
    const [a, b] = [scores[place]!, scores[own[i]!]!];
    return a === b || Math.abs(a - b) <= SAME * largest;
  });
}
