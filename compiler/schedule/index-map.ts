// Element indices of tensors as tuples of expressions, one per axis, and their flat row-major form.
import type { TensorType } from '../ops/op.ts';
import { type Dim, ONE, product } from '../shapes/dim.ts';
import type { Exprs } from './expr.ts';
import type { Expr, Loop } from './schedule.ts';

export type Index = readonly Expr[];
export type Shape = TensorType['shape'];

const strides = new WeakMap<Shape, readonly Dim[]>();

/** How many elements apart neighbours along each axis are. */
function stridesOf(shape: Shape): readonly Dim[] {
  let found = strides.get(shape);
  if (!found) {
    found = shape.map((_, axis) => product(shape.slice(axis + 1)));
    strides.set(shape, found);
  }
  return found;
}

export function flatten(e: Exprs, index: Index, shape: Shape): Expr {
  const stride = stridesOf(shape);
  return e.sum(index.map((at, axis) => [at, stride[axis]!]));
}

export function unflatten(e: Exprs, flat: Expr, shape: Shape): Expr[] {
  const stride = stridesOf(shape);
  return shape.map((size, axis) => {
    const quotient = e.div(flat, stride[axis]!);
    return axis === 0 ? quotient : e.mod(quotient, size);
  });
}

/** The operand's index that an index of its reshaped form stands for. */
export const reshapeIndex = (e: Exprs, index: Index, from: Shape, to: Shape): Expr[] =>
  unflatten(e, flatten(e, index, from), to);

export const indexOf = (e: Exprs, loops: readonly Loop[]): Expr[] =>
  loops.map((loop) => e.variable(loop.var));

export const sameIndex = (a: Index, b: Index): boolean =>
  a.length === b.length && a.every((at, axis) => at === b[axis]);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size.text === b[axis]!.text);

export const elementsOf = (shape: Shape): Dim => product(shape);

/** Loops over a shape; a scalar has one of a single turn, as each region has a point at least. */
export const loopsOver = (e: Exprs, shape: Shape): Loop[] =>
  (shape.length === 0 ? [ONE] : shape).map((size) => e.loop(size));
