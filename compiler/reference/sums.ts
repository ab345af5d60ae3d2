// Reference evaluation of reductions, running sums and products, with plain loops.
import type { Op, ReduceFn } from '../ops/op.ts';
import { applyBinary } from '../ops/scalar.ts';
import type { Machine } from './rounding.ts';
import { fill, offsets, stridesOf, type Tensor } from './tensor.ts';

const STEP = { sum: 'add', max: 'max', min: 'min' } as const;

export function reduce(machine: Machine, fn: ReduceFn, x: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const all = x.shape.map((_, axis) => axis);
  const kept = all.filter((axis) => !axes.includes(axis));
  const shape = kept.map((axis) => x.shape[axis]!);
  const inner = offsets(
    axes.map((axis) => x.shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
  const rounding = x.dtype === 'f32' && fn === 'sum' ? machine.rounding : undefined;
  const starts = offsets(
    shape,
    kept.map((axis) => strides[axis]!),
  );
  return fill(x.dtype, shape, (at) => {
    const start = starts[at]!;
    let result = x.data[start]!;
    let magnitude = Math.abs(result);
    for (let i = 1; i < inner.length; i++) {
      const value = x.data[start + inner[i]!]!;
      result = applyBinary(STEP[fn], x.dtype, result, value);
      magnitude += Math.abs(value);
      if (x.dtype === 'f32') machine.work.elementwise++;
    }
    return rounding ? rounding.sum(result, magnitude, inner.length) : result;
  });
}

export function cumsum(machine: Machine, x: Tensor, axis: number): Tensor {
  const strides = stridesOf(x.shape);
  const rounding = x.dtype === 'f32' ? machine.rounding : undefined;
  const data = new Float64Array(x.data.length);
  for (const start of offsets(x.shape.with(axis, 1), strides)) {
    let sum = 0;
    let magnitude = 0;
    for (let i = 0; i < x.shape[axis]!; i++) {
      const at = start + i * strides[axis]!;
      const value = x.data[at]!;
      sum = i === 0 ? value : applyBinary('add', x.dtype, sum, value);
      magnitude += Math.abs(value);
      if (x.dtype === 'f32' && i > 0) machine.work.elementwise++;
      data[at] = rounding ? rounding.sum(sum, magnitude, i + 1) : sum;
    }
  }
  return { dtype: x.dtype, shape: x.shape, data };
}

export function dot(
  machine: Machine,
  op: Extract<Op, { kind: 'dot' }>,
  a: Tensor,
  b: Tensor,
): Tensor {
  const sizes = new Map([
    ...op.lhs.map((label, axis) => [label, a.shape[axis]!] as const),
    ...op.rhs.map((label, axis) => [label, b.shape[axis]!] as const),
  ]);
  const summed = [...sizes.keys()].filter((label) => !op.out.includes(label));
  const shapeOf = (labels: readonly number[]) => labels.map((label) => sizes.get(label)!);
  const walk = (labels: readonly number[], own: readonly number[], x: Tensor) => {
    const strides = stridesOf(x.shape);
    return offsets(
      shapeOf(labels),
      labels.map((label) => strides[own.indexOf(label)] ?? 0),
    );
  };
  const [aStarts, bStarts] = [walk(op.out, op.lhs, a), walk(op.out, op.rhs, b)];
  const [aSteps, bSteps] = [walk(summed, op.lhs, a), walk(summed, op.rhs, b)];

  return fill('f32', shapeOf(op.out), (at) => {
    const [aStart, bStart] = [aStarts[at]!, bStarts[at]!];
    let sum = 0;
    let magnitude = 0;
    for (let i = 0; i < aSteps.length; i++) {
      const product = a.data[aStart + aSteps[i]!]! * b.data[bStart + bSteps[i]!]!;
      sum += product;
      magnitude += Math.abs(product);
    }
    if (summed.length > 0) machine.work.macs += aSteps.length;
    else machine.work.elementwise++;
    return machine.rounding ? machine.rounding.sum(sum, magnitude, aSteps.length) : sum;
  });
}
