// The checks that the shape rules are written with. Each throws `InternalError` ('graph'), naming the operation, its
// operand types and what is wrong.
import { invariant } from '../invariant.ts';
import { asNumber, type Dim, isWhole } from '../shapes/dim.ts';
import type { Op, TensorType } from './op.ts';
import { typeText } from './type-text.ts';

export type OpOf<K extends Op['kind']> = Extract<Op, { readonly kind: K }>;
export type Operands = readonly TensorType[];

export function check(
  condition: unknown,
  op: Op,
  operands: Operands,
  what: string,
): asserts condition {
  if (condition) return;
  const name = 'fn' in op ? `${op.kind} ${op.fn}` : op.kind;
  invariant(false, 'graph', `${name}(${operands.map(typeText).join(', ')}): ${what}`);
}

export function arity(op: Op, operands: Operands, count: number): void {
  check(operands.length === count, op, operands, `takes ${count} operands, got ${operands.length}`);
}

export function axisInRange(op: Op, operands: Operands, axis: number): void {
  const rank = operands[0]!.shape.length;
  const inRange = Number.isInteger(axis) && axis >= 0 && axis < rank;
  check(inRange, op, operands, `axis ${axis} of a tensor of rank ${rank}`);
}

/** Sizes are whole; those that are known are not negative. */
export function wholeSizes(op: Op, sizes: readonly Dim[], operands: Operands = []): void {
  for (const size of sizes) {
    check(isWhole(size), op, operands, `size ${size.text} is not whole`);
    const value = asNumber(size);
    check(value === undefined || value >= 0, op, operands, `size ${size.text} is negative`);
  }
}

export function risingAxes(
  op: Op,
  operands: Operands,
  axes: readonly number[],
  rank: number,
): void {
  const rising = axes.every(
    (axis, i) => Number.isInteger(axis) && axis > (axes[i - 1] ?? -1) && axis < rank,
  );
  check(rising, op, operands, `axes [${axes.join(', ')}] must rise within rank ${rank}`);
}
