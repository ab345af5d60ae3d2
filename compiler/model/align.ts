// Broadcasting by name: how the axes of two tensors correspond, and the diagnostics where they do not.
//   1. a tensor without axes fits everything
//   2. every label of the smaller one is found in the larger, in order, with the same size
//   3. else the sizes of the smaller are the last sizes of the larger
// There is no implicit outer product.
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { broadcast } from './emit.ts';
import { mistake } from './mistake.ts';
import { mayEqual } from './sizes.ts';
import { textAt } from './span-text.ts';
import { type Axis, axisText, shapeText, type Tensor } from './value.ts';

/** An operand and where it is written. */
export interface Operand {
  readonly tensor: Tensor;
  readonly span: Span;
}

/** The operands, all brought to the shape of the largest; reported and `undefined` if they do not fit. */
export function broadcastTogether(
  env: Env,
  operands: readonly Operand[],
  span: Span,
): Tensor[] | undefined {
  const largest = operands.reduce((a, b) => (b.tensor.axes.length > a.tensor.axes.length ? b : a));
  const result: Tensor[] = [];
  for (const operand of operands) {
    const at = alignment(env, operand, largest, span);
    if (!at) return undefined;
    result.push(broadcast(env, operand.tensor, largest.tensor.axes, at, operand.span));
  }
  return result;
}

/** For each axis of `small` the axis of `large` that it is. */
function alignment(
  env: Env,
  small: Operand,
  large: Operand,
  span: Span,
): readonly number[] | undefined {
  const [from, to] = [small.tensor.axes, large.tensor.axes];
  const byName = matchLabels(from, to);
  if (byName && from.every((axis, i) => mayEqual(env, axis.size, to[byName[i]!]!.size))) {
    return byName;
  }
  const offset = to.length - from.length;
  const isReordered = !byName && isSameSet(from, to);
  if (!isReordered && from.every((axis, i) => mayEqual(env, axis.size, to[offset + i]!.size))) {
    return from.map((_, i) => offset + i);
  }
  reportMisfit(env, small, large, byName, isReordered, span);
  return undefined;
}

/** Labels are matched from the last, so that `[d]` is the second axis of `[d, d]`. */
function matchLabels(from: readonly Axis[], to: readonly Axis[]): number[] | undefined {
  const at: number[] = [];
  let j = to.length - 1;
  for (let i = from.length - 1; i >= 0; i--) {
    while (j >= 0 && to[j]!.label !== from[i]!.label) j--;
    if (j < 0) return undefined;
    at.unshift(j--);
  }
  return at;
}

function isSameSet(from: readonly Axis[], to: readonly Axis[]): boolean {
  const labels = new Set(to.map((axis) => axis.label));
  return from.length > 1 && from.every((axis) => labels.has(axis.label));
}

function reportMisfit(
  env: Env,
  small: Operand,
  large: Operand,
  byName: readonly number[] | undefined,
  isReordered: boolean,
  span: Span,
): void {
  const shapes = `${textOf(small)} is ${shapeText(small.tensor)} and ${textOf(large)} is ${shapeText(large.tensor)}`;
  if (isReordered) {
    mistake(env, 'BF3010', `the same axes in another order: ${shapes}`, span, {
      hint: 'put them in one order with `rearrange`',
    });
    return;
  }
  if (byName) {
    const i = small.tensor.axes.findIndex(
      (axis, at) => axis.size.text !== large.tensor.axes[byName[at]!]!.size.text,
    );
    const [a, b] = [small.tensor.axes[i]!, large.tensor.axes[byName[i]!]!];
    mistake(env, 'BF3003', `axis \`${a.label}\` has two sizes: ${shapes}`, span, {
      related: origins(a, b),
    });
    return;
  }
  const offset = large.tensor.axes.length - small.tensor.axes.length;
  const i = small.tensor.axes.findLastIndex(
    (axis, at) => axis.size.text !== large.tensor.axes[offset + at]!.size.text,
  );
  mistake(env, 'BF3001', `the shapes do not fit: ${shapes}`, span, {
    related: origins(small.tensor.axes[i]!, large.tensor.axes[offset + i]!),
    hint: 'broadcasting goes by axis names, then by the last sizes; `einsum` makes an outer product',
  });
}

/** Where the sizes of two axes that should be one were written. */
export function origins(a: Axis, b: Axis) {
  return [a, b].map((axis) => ({
    span: axis.origin,
    message: `${axisText(axis)} comes from here`,
  }));
}

/** What an operand is called in a message: its text if that is short. */
function textOf({ span }: Operand): string {
  const text = textAt(span);
  return text.length <= 40 ? `\`${text}\`` : 'the other side';
}
