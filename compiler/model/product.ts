// Products of tensors: `x @ w` and einsum over any number of operands, as a chain of two-operand `dot`s.
import type { Span } from '../source.ts';
import { origins } from './align.ts';
import { checkAxes } from './check-axes.ts';
import type { Env } from './context.ts';
import { emit } from './emit.ts';
import { mistake } from './mistake.ts';
import { mayEqual } from './sizes.ts';
import { type Axis, describe, POISON, shapeText, type Tensor, type Value } from './value.ts';

interface Side {
  readonly value: Value;
  readonly span: Span;
}

/**
 * Contracts the last axis of x with the first axis of w (rank 1 or 2), or with the second-last of a w whose leading
 * axes are found in x by their labels.
 */
export function matrixProduct(env: Env, left: Side, right: Side, span: Span): Value {
  const [x, w] = [left.value, right.value];
  for (const { value, span: at } of [left, right]) {
    if (value.kind !== 'tensor') {
      return mistake(env, 'BF2029', `\`@\` works on tensors, not on ${describe(value)}`, at);
    }
    if (value.dtype !== 'f32') {
      return mistake(env, 'BF3005', `\`@\` works on f32 tensors; this is ${value.dtype}`, at);
    }
    if (value.axes.length === 0) {
      return mistake(env, 'BF3004', '`@` needs an axis to contract; this is a single number', at);
    }
  }
  if (x.kind !== 'tensor' || w.kind !== 'tensor') return POISON;
  const lhs = x.axes.map((_, i) => i);
  const contracted = x.axes.length - 1;
  const rhs = alignRight(env, x, w, span);
  if (!rhs) return POISON;
  const at = rhs.indexOf(contracted);
  const [a, b] = [x.axes[contracted]!, w.axes[at]!];
  if (!mayEqual(env, a.size, b.size)) {
    return mistake(
      env,
      'BF3003',
      `\`@\` contracts the last axis of ${shapeText(x)} with \`${b.label}\` of ${shapeText(w)}: ${a.size.text} and ${b.size.text} differ`,
      span,
      { related: origins(a, b) },
    );
  }
  const fresh = w.axes.length >= 2 ? [w.axes.length - 1] : [];
  const axes = [...x.axes.slice(0, -1), ...fresh.map((axis) => w.axes[axis]!)];
  if (!checkAxes(env, axes, span)) return POISON;
  const out = [...lhs.slice(0, -1), ...fresh.map((axis) => rhs[axis]!)];
  return emit(env, { kind: 'dot', lhs, rhs, out }, [x, w], 'f32', axes, span);
}

/** Labels of w's axes: those of x where they are the same axis, new ones after x's. */
function alignRight(env: Env, x: Tensor, w: Tensor, span: Span): number[] | undefined {
  const contracted = x.axes.length - 1;
  if (w.axes.length === 1) return [contracted];
  const leading: number[] = [];
  for (const axis of w.axes.slice(0, -2)) {
    const at = x.axes.findIndex((other, i) => i < contracted && other.label === axis.label);
    if (at < 0 || leading.includes(at) || !mayEqual(env, x.axes[at]!.size, axis.size)) {
      mistake(
        env,
        'BF3001',
        `\`@\` finds no axis \`${axis.label}\` of ${shapeText(w)} in ${shapeText(x)}`,
        span,
        {
          hint: 'the leading axes of the right side must be axes of the left one; `einsum` says any product',
        },
      );
      return undefined;
    }
    leading.push(at);
  }
  return [...leading, contracted, x.axes.length];
}

/** An operand of an einsum with a name for each axis. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/** Sums over the labels that are not in `out`. Sizes were checked; every label of `out` is in an operand. */
export function sumOfProducts(
  env: Env,
  operands: readonly Labelled[],
  out: readonly string[],
  axisOf: (label: string) => Axis,
  span: Span,
): Tensor {
  const [first, ...others] = operands as readonly [Labelled, ...Labelled[]];
  let product = first;
  others.forEach((operand, i) => {
    const later = others.slice(i + 1).flatMap((other) => other.labels);
    const isLast = i === others.length - 1;
    const labels = isLast
      ? out
      : [...new Set([...product.labels, ...operand.labels])].filter(
          (label) => out.includes(label) || later.includes(label),
        );
    product = { labels, tensor: dot(env, product, operand, labels, axisOf, span) };
  });
  return others.length > 0 ? product.tensor : reducedAndOrdered(env, first, out, axisOf, span);
}

function dot(
  env: Env,
  a: Labelled,
  b: Labelled,
  out: readonly string[],
  axisOf: (label: string) => Axis,
  span: Span,
): Tensor {
  const numbers = new Map([...new Set([...a.labels, ...b.labels])].map((label, i) => [label, i]));
  const numbered = (labels: readonly string[]): number[] => labels.map((l) => numbers.get(l)!);
  const op = {
    kind: 'dot',
    lhs: numbered(a.labels),
    rhs: numbered(b.labels),
    out: numbered(out),
  } as const;
  return emit(env, op, [a.tensor, b.tensor], 'f32', out.map(axisOf), span);
}

function reducedAndOrdered(
  env: Env,
  { tensor, labels }: Labelled,
  out: readonly string[],
  axisOf: (label: string) => Axis,
  span: Span,
): Tensor {
  const summed = labels.flatMap((label, axis) => (out.includes(label) ? [] : [axis]));
  const kept = labels.filter((label) => out.includes(label));
  const reduced =
    summed.length > 0
      ? emit(
          env,
          { kind: 'reduce', fn: 'sum', axes: summed },
          [tensor],
          tensor.dtype,
          kept.map(axisOf),
          span,
        )
      : tensor;
  const perm = out.map((label) => kept.indexOf(label));
  if (perm.every((axis, i) => axis === i)) return { ...reduced, axes: out.map(axisOf) };
  return emit(env, { kind: 'transpose', perm }, [reduced], tensor.dtype, out.map(axisOf), span);
}
