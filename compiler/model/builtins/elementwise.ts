// Functions of each element on its own: `exp(x)`, `min(a, b)`, `where(c, a, b)`, `f32(x)`. On numbers known now they are
// computed now.
import type { BinaryFn, UnaryFn } from '../../ops/op.ts';
import { asNumber, constant } from '../../shapes/dim.ts';
import { broadcastTogether } from '../align.ts';
import { cast, emit, scalarOf, unary } from '../emit.ts';
import { mistake } from '../mistake.ts';
import { elementwise, sameDType, tensorsOf } from '../operators.ts';
import { floatOf, opaque, sizeOf } from '../sizes.ts';
import { describe, isNumeric, type Numeric, POISON, type Value } from '../value.ts';
import type { FunctionCall, FunctionTable, LanguageFunction } from './function.ts';
import { reduceAxes } from './reductions.ts';

/** Computes a function of one number now; absent where only a device computes it. */
type Compute = ((x: number) => number) | undefined;

function math(fn: UnaryFn, compute: Compute): LanguageFunction {
  return {
    usage: `${fn}(x)`,
    operands: [1, 1],
    evaluate: (call) => mathOf(call, fn, compute),
  };
}

function mathOf(call: FunctionCall, fn: UnaryFn, compute: Compute): Value {
  const { env, span } = call;
  const { value, span: at } = call.operands[0]!;
  if (isNumeric(value)) {
    const known = floatOf(value);
    if (known !== undefined && compute) return { kind: 'number', value: compute(known) };
    if (known === undefined && env.run.isGeneric) return { kind: 'number', value: undefined };
    const number = scalarOf(env, value, 'f32', at);
    return number.kind === 'poison' ? number : unary(env, fn, number, span);
  }
  if (value.kind !== 'tensor') {
    return mistake(
      env,
      'BF2023',
      `\`${fn}\` works on numbers and tensors, not on ${describe(value)}`,
      at,
    );
  }
  if (value.dtype !== 'f32' && !(fn === 'abs' && value.dtype === 'i32')) {
    return mistake(env, 'BF3005', `\`${fn}\` works on f32 tensors; this is ${value.dtype}`, at, {
      hint: 'convert it with `f32(...)`',
    });
  }
  return unary(env, fn, value, span);
}

function absolute(call: FunctionCall): Value {
  const { value } = call.operands[0]!;
  const known = value.kind === 'size' ? asNumber(value.size) : undefined;
  return known === undefined ? mathOf(call, 'abs', Math.abs) : sizeOf(constant(Math.abs(known)));
}

/** `min(a, b)`, and with `axis:` the least along axes. */
function extremum(fn: 'min' | 'max'): LanguageFunction {
  const pick = (a: number, b: number): number => (fn === 'min' ? Math.min(a, b) : Math.max(a, b));
  return {
    usage: `${fn}(a, b)\` or \`${fn}(x, axis: d)`,
    operands: [1, 2],
    named: { axis: 'optional' },
    evaluate(call) {
      const { env, span, operands, named } = call;
      const isReduction = named.has('axis');
      if (isReduction !== (operands.length === 1)) {
        return mistake(env, 'BF2032', `\`${fn}\` takes two operands, or one and an axis`, span, {
          hint: `it is written \`${fn}(a, b)\` or \`${fn}(x, axis: d)\``,
        });
      }
      if (isReduction) return reduceAxes(call, fn);
      const [a, b] = [operands[0]!.value, operands[1]!.value];
      if (isNumeric(a) && isNumeric(b)) {
        const known = pickNumber(call, fn, pick, a, b);
        if (known) return known;
      }
      return elementwise(env, fn, fn, operands, span);
    },
  };
}

function pickNumber(
  { env, span }: FunctionCall,
  fn: string,
  pick: (a: number, b: number) => number,
  a: Numeric,
  b: Numeric,
): Value | undefined {
  const [x, y] = [floatOf(a), floatOf(b)];
  if (a.kind === 'size' && b.kind === 'size') {
    if (a.size.text === b.size.text) return a;
    if (x !== undefined && y !== undefined) return pick(x, y) === x ? a : b;
    return env.run.isGeneric
      ? opaque(env, `${fn}(${a.size.text}, ${b.size.text})`, span)
      : undefined;
  }
  if (x !== undefined && y !== undefined) return { kind: 'number', value: pick(x, y) };
  return env.run.isGeneric ? { kind: 'number', value: undefined } : undefined;
}

function binaryMath(
  name: string,
  fn: BinaryFn,
  compute: (a: number, b: number) => number,
): LanguageFunction {
  return {
    usage: `${name}(a, b)`,
    operands: [2, 2],
    evaluate({ env, span, operands }) {
      const [a, b] = [operands[0]!.value, operands[1]!.value];
      if (isNumeric(a) && isNumeric(b)) {
        const [x, y] = [floatOf(a), floatOf(b)];
        if (x !== undefined && y !== undefined) return { kind: 'number', value: compute(x, y) };
        if (env.run.isGeneric) return { kind: 'number', value: undefined };
      }
      return elementwise(env, fn, name, operands, span);
    },
  };
}

function choose({ env, span, operands }: FunctionCall): Value {
  const [condition, ...sides] = operands as readonly [(typeof operands)[0], ...typeof operands];
  const { value } = condition;
  if (
    value.kind === 'bool' &&
    value.value !== undefined &&
    sides.every((s) => s.value.kind !== 'tensor')
  ) {
    return sides[value.value ? 0 : 1]!.value;
  }
  const isBool = value.kind === 'bool' || (value.kind === 'tensor' && value.dtype === 'bool');
  if (!isBool) {
    return mistake(
      env,
      'BF3005',
      `\`where\` chooses by a bool, not by ${describe(value)}`,
      condition.span,
      {
        hint: 'compare: `where(x > 0, a, b)`',
      },
    );
  }
  const values = tensorsOf(env, 'where', sides, span);
  const test = tensorsOf(env, 'where', [condition], span);
  if (!values || !test || !sameDType(env, 'where', values, span)) return POISON;
  const fitted = broadcastTogether(env, [...test, ...values], span);
  if (!fitted) return POISON;
  const [, a] = fitted;
  return emit(env, { kind: 'select' }, fitted, a!.dtype, a!.axes, span);
}

function conversion(to: 'f32' | 'i32'): LanguageFunction {
  return {
    usage: `${to}(x)`,
    operands: [1, 1],
    evaluate(call) {
      const { env, span } = call;
      const { value, span: at } = call.operands[0]!;
      if (value.kind === 'tensor') return cast(env, to, value, span);
      if (value.kind === 'bool') return sizeOf(constant(value.value ? 1 : 0));
      if (!isNumeric(value)) {
        return mistake(
          env,
          'BF2023',
          `\`${to}\` converts numbers and tensors, not ${describe(value)}`,
          at,
        );
      }
      const known = floatOf(value);
      if (known === undefined) return symbolicConversion(call, to, value);
      if (to === 'f32') return { kind: 'number', value: known };
      if (!Number.isFinite(known) || Math.abs(known) >= 2 ** 31) {
        return mistake(env, 'BF2026', `${known} is not an i32 number`, at);
      }
      return sizeOf(constant(Math.trunc(known)));
    },
  };
}

function symbolicConversion(
  { env, operands, span }: FunctionCall,
  to: 'f32' | 'i32',
  value: Numeric,
): Value {
  if (value.kind === 'number') return to === 'f32' ? value : opaque(env, 'i32(...)', span);
  if (env.run.isGeneric) return to === 'f32' ? { kind: 'number', value: undefined } : value;
  return scalarOf(env, value, to, operands[0]!.span);
}

export const ELEMENTWISE: FunctionTable = {
  exp: math('exp', Math.exp),
  log: math('log', Math.log),
  sqrt: math('sqrt', Math.sqrt),
  rsqrt: math('rsqrt', (x) => 1 / Math.sqrt(x)),
  tanh: math('tanh', Math.tanh),
  erf: math('erf', undefined),
  sigmoid: math('sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  sin: math('sin', Math.sin),
  cos: math('cos', Math.cos),
  abs: { usage: 'abs(x)', operands: [1, 1], evaluate: absolute },
  min: extremum('min'),
  max: extremum('max'),
  pow: binaryMath('pow', 'pow', (a, b) => a ** b),
  where: { usage: 'where(condition, a, b)', operands: [3, 3], evaluate: choose },
  f32: conversion('f32'),
  i32: conversion('i32'),
};
