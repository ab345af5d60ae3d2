// Shape rules of the views: reshape, transpose, broadcast, slice, pad, concat.
import { add, asNumber, constant, type Dim, equal, mul, ONE, product, sub } from '../shapes/dim.ts';
import type { TensorType } from './op.ts';
import {
  arity,
  axisInRange,
  check,
  type Operands,
  type OpOf,
  risingAxes,
  wholeSizes,
} from './operand-check.ts';
import { sameType } from './same-type.ts';

export function reshapeType(op: OpOf<'reshape'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const operand = operands[0]!;
  wholeSizes(op, op.shape, operands);
  const [from, to] = [product(operand.shape), product(op.shape)];
  check(equal(from, to), op, operands, `${from.text} elements into ${to.text}`);
  return { dtype: operand.dtype, shape: op.shape };
}

export function transposeType(op: OpOf<'transpose'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  const sorted = [...op.perm].sort((a, b) => a - b);
  const isPermutation = sorted.length === shape.length && sorted.every((axis, i) => axis === i);
  check(isPermutation, op, operands, `[${op.perm.join(', ')}] is no permutation of the axes`);
  return { dtype, shape: op.perm.map((axis) => shape[axis]!) };
}

export function broadcastType(op: OpOf<'broadcast'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  wholeSizes(op, op.shape, operands);
  check(
    op.axes.length === shape.length,
    op,
    operands,
    `${op.axes.length} axes for rank ${shape.length}`,
  );
  risingAxes(op, operands, op.axes, op.shape.length);
  op.axes.forEach((axis, i) => {
    const target = op.shape[axis]!;
    check(
      equal(shape[i]!, target),
      op,
      operands,
      `axis ${i} of ${shape[i]!.text} onto ${target.text}`,
    );
  });
  return { dtype, shape: op.shape };
}

function withAxis(type: TensorType, axis: number, size: Dim): TensorType {
  return { dtype: type.dtype, shape: type.shape.with(axis, size) };
}

export function sliceType(op: OpOf<'slice'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  axisInRange(op, operands, op.axis);
  wholeSizes(op, [op.start, op.size], operands);
  check(Number.isInteger(op.step) && op.step >= 1, op, operands, `step ${op.step}`);
  const beyond = sub(operands[0]!.shape[op.axis]!, sliceEnd(op));
  const room = asNumber(beyond);
  check(room === undefined || room >= 0, op, operands, `ends ${-(room ?? 0)} past axis ${op.axis}`);
  return withAxis(operands[0]!, op.axis, op.size);
}

/** One past the last element that a slice reads. */
export function sliceEnd(op: OpOf<'slice'>): Dim {
  return add(op.start, add(mul(constant(op.step), sub(op.size, ONE)), ONE));
}

export function padType(op: OpOf<'pad'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  axisInRange(op, operands, op.axis);
  wholeSizes(op, [op.before, op.after], operands);
  const size = add(op.before, add(operands[0]!.shape[op.axis]!, op.after));
  return withAxis(operands[0]!, op.axis, size);
}

export function concatType(op: OpOf<'concat'>, operands: Operands): TensorType {
  const first = operands[0];
  check(first, op, operands, 'takes at least one operand');
  axisInRange(op, operands, op.axis);
  for (const other of operands) {
    const aligned =
      other.shape.length === first.shape.length &&
      sameType(withAxis(other, op.axis, ONE), withAxis(first, op.axis, ONE));
    check(aligned, op, operands, `operands must agree except along axis ${op.axis}`);
  }
  return withAxis(first, op.axis, operands.map((o) => o.shape[op.axis]!).reduce(add));
}
