// Adds core operations to the body that is being put together. The caller knows the result's axes and says them; in a
// real model they are checked against the operation's own shape rule (a generic check has sizes it cannot know whole).
// Takes tensors that fit: user-facing checks come before.
import { invariant } from '../invariant.ts';
import type { BinaryFn, DType, Op, UnaryFn } from '../ops/op.ts';
import { sameType } from '../ops/same-type.ts';
import { type ComputedOp, resultType } from '../ops/shape-rule.ts';
import { typeText } from '../ops/type-text.ts';
import { constant, type Dim, isWhole, mul, product, symbol } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import { countOperation } from './budget.ts';
import type { Env } from './context.ts';
import { mistake } from './mistake.ts';
import { rationalOf } from './sizes.ts';
import type { Axis, BoolValue, Numeric, Poison, Tensor } from './value.ts';

export const sizesOf = (tensor: { readonly axes: readonly Axis[] }): Dim[] =>
  tensor.axes.map((axis) => axis.size);

export const typeOf = (tensor: Tensor) => ({ dtype: tensor.dtype, shape: sizesOf(tensor) });

/** Adds a node whose result has these axes. */
export function emit(
  env: Env,
  op: ComputedOp,
  inputs: readonly Tensor[],
  dtype: DType,
  axes: readonly Axis[],
  span: Span,
): Tensor {
  const type = { dtype, shape: axes.map((axis) => axis.size) };
  if (!env.run.isGeneric) {
    const derived = resultType(op, inputs.map(typeOf));
    invariant(
      sameType(type, derived),
      'elaborate',
      `${op.kind} gives ${typeText(derived)}, not ${typeText(type)}`,
    );
  }
  return append(env, op, inputs, dtype, axes, span);
}

/** Adds a node of any operation to the frame's body. */
export function append(
  env: Env,
  op: Op,
  inputs: readonly Tensor[],
  dtype: DType,
  axes: readonly Axis[],
  span: Span,
): Tensor {
  const { frame, run } = env;
  countOperation(env, span);
  const id = run.nextId++;
  const type = { dtype, shape: axes.map((axis) => axis.size) };
  const origin = { path: frame.path, layer: frame.layer, span };
  const steps = op.kind === 'weight' ? frame.weightSteps : frame.steps;
  steps.push({ kind: 'op', node: { id, op, inputs: inputs.map((x) => x.id), type, origin } });
  return { kind: 'tensor', id, dtype, axes };
}

export const unary = (env: Env, fn: UnaryFn, x: Tensor, span: Span): Tensor =>
  emit(env, { kind: 'unary', fn }, [x], x.dtype, x.axes, span);

const GIVES_BOOL: ReadonlySet<BinaryFn> = new Set(['eq', 'ne', 'lt', 'le', 'and', 'or']);

/** Both operands have one type and shape. */
export function binary(env: Env, fn: BinaryFn, a: Tensor, b: Tensor, span: Span): Tensor {
  const dtype = GIVES_BOOL.has(fn) ? 'bool' : a.dtype;
  return emit(env, { kind: 'binary', fn }, [a, b], dtype, a.axes, span);
}

export function cast(env: Env, to: DType, x: Tensor, span: Span): Tensor {
  return x.dtype === to ? x : emit(env, { kind: 'cast', to }, [x], to, x.axes, span);
}

export const scalar = (env: Env, value: number, dtype: DType, span: Span): Tensor =>
  emit(env, { kind: 'const', value, dtype }, [], dtype, [], span);

/** The tensor repeated to other axes: its own become those at `at`. */
export function broadcast(
  env: Env,
  x: Tensor,
  axes: readonly Axis[],
  at: readonly number[],
  span: Span,
): Tensor {
  if (at.length === axes.length) return { ...x, axes };
  const shape = axes.map((axis) => axis.size);
  return emit(env, { kind: 'broadcast', shape, axes: at }, [x], x.dtype, axes, span);
}

/** A constant of the shape of another tensor. */
export const filled = (env: Env, value: number, like: Tensor, span: Span): Tensor =>
  broadcast(env, scalar(env, value, like.dtype, span), like.axes, [], span);

export function reshape(env: Env, x: Tensor, axes: readonly Axis[], span: Span): Tensor {
  const shape = axes.map((axis) => axis.size);
  const same =
    shape.length === x.axes.length && shape.every((s, i) => s.text === x.axes[i]!.size.text);
  if (same) return { ...x, axes };
  return emit(env, { kind: 'reshape', shape }, [x], x.dtype, axes, span);
}

export function transpose(env: Env, x: Tensor, perm: readonly number[], span: Span): Tensor {
  if (perm.every((axis, i) => axis === i)) return x;
  const axes = perm.map((axis) => x.axes[axis]!);
  return emit(env, { kind: 'transpose', perm }, [x], x.dtype, axes, span);
}

/** A number or truth value known now as a tensor without axes, of the type of what it meets. */
export function scalarOf(
  env: Env,
  value: Numeric | BoolValue,
  wanted: DType,
  span: Span,
): Tensor | Poison {
  if (value.kind === 'bool') return scalar(env, value.value ? 1 : 0, 'bool', span);
  if (value.kind === 'number') {
    if (wanted === 'i32') {
      return mistake(env, 'BF3005', `a number with a point meets an i32 tensor`, span, {
        hint: 'convert the tensor with `f32(...)`',
      });
    }
    return floatScalar(env, value.value, span);
  }
  const rational = rationalOf(value.size);
  if (!rational) return symbolicScalar(env, value.size, wanted, span);
  const [num, den] = rational;
  if (wanted !== 'i32') return floatScalar(env, Number(num) / Number(den), span);
  if (den !== 1n || num > 2n ** 31n - 1n || num < -(2n ** 31n)) {
    return mistake(env, 'BF2026', `${value.size.text} is not an i32 number`, span);
  }
  return scalar(env, Number(num), 'i32', span);
}

function floatScalar(env: Env, value: number | undefined, span: Span): Tensor | Poison {
  if (value === undefined) return scalar(env, 1, 'f32', span);
  if (!Number.isFinite(Math.fround(value))) {
    return mistake(env, 'BF2026', `the number is ${value}, which no f32 holds`, span);
  }
  return scalar(env, value, 'f32', span);
}

/** A size of run time: read as i32, as a quotient of two whole sizes where it has fractions. */
function symbolicScalar(env: Env, size: Dim, wanted: DType, span: Span): Tensor | Poison {
  if (env.run.isGeneric) return scalar(env, 1, wanted === 'i32' ? 'i32' : 'f32', span);
  const below = denominator(size);
  const above = emit(env, { kind: 'size', size: mul(size, below) }, [], 'i32', [], span);
  if (wanted === 'i32') {
    if (isWhole(size)) return above;
    return mistake(env, 'BF2026', `${size.text} is not a whole number for every size`, span);
  }
  const numerator = cast(env, 'f32', above, span);
  if (isWhole(size)) return numerator;
  const divisor = emit(env, { kind: 'size', size: below }, [], 'i32', [], span);
  return binary(env, 'div', numerator, cast(env, 'f32', divisor, span), span);
}

/** The smallest product that makes the size whole. */
function denominator(size: Dim): Dim {
  let common = 1n;
  const powers = new Map<string, number>();
  for (const term of size.terms) {
    common = lcm(common, term.den);
    for (const [atom, power] of term.powers) {
      if (-power > (powers.get(atom) ?? 0)) powers.set(atom, -power);
    }
  }
  const atoms = [...powers].flatMap(([atom, power]) => Array<Dim>(power).fill(symbol(atom)));
  return mul(constant(common), product(atoms));
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
const lcm = (a: bigint, b: bigint): bigint => (a / gcd(a, b)) * b;
