// The operators, on numbers known now and on tensors: which kinds meet, what they become, which core operations result.
import type { BinaryOperator, UnaryOperator } from '../ast/ast.ts';
import type { BinaryFn, DType } from '../ops/op.ts';
import { constant, mul } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import { broadcastTogether, type Operand } from './align.ts';
import type { Env } from './context.ts';
import { binary, scalarOf, unary } from './emit.ts';
import { mistake } from './mistake.ts';
import { matrixProduct } from './product.ts';
import { findLocal } from './scope.ts';
import { compare, exactArithmetic, floatArithmetic, floatOf, sizeOf } from './sizes.ts';
import { textAt } from './span-text.ts';
import {
  describe,
  isNumeric,
  type Numeric,
  POISON,
  type Poison,
  type SizeValue,
  type Tensor,
  type Value,
} from './value.ts';

/** A value and where it is written. */
export interface Side {
  readonly value: Value;
  readonly span: Span;
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
const isComparison = (op: BinaryOperator): op is Comparison =>
  ['==', '!=', '<', '<=', '>', '>='].includes(op);

/** `left op right`. */
export function applyBinary(
  env: Env,
  op: BinaryOperator,
  left: Side,
  right: Side,
  span: Span,
): Value {
  const [a, b] = [left.value, right.value];
  if (a.kind === 'poison' || b.kind === 'poison') return POISON;
  if (op === '@') return matrixProduct(env, left, right, span);
  if (a.kind === 'bool' && b.kind === 'bool') return boolBinary(env, op, a.value, b.value, span);
  if (a.kind === 'member' && b.kind === 'member' && (op === '==' || op === '!=')) {
    return { kind: 'bool', value: (a.name === b.name) === (op === '==') };
  }
  if (isNumeric(a) && isNumeric(b)) {
    const known = numericBinary(env, op, a, b, span);
    if (known) return withOrigins(env, known, [left, right]);
  }
  return tensorBinary(env, op, left, right, span);
}

/** Notes where the sizes of a division came from, in case a whole number is wanted. */
function withOrigins(env: Env, value: Value, sides: readonly Side[]): Value {
  if (value.kind !== 'size' || !value.division) return value;
  const related = sides.flatMap(({ value: side, span }) => {
    const name = textAt(span);
    const origin = findLocal(env.scope, name)?.origin;
    const size = side.kind === 'size' ? side.size.text : '';
    return origin ? [{ span: origin, message: `${name} = ${size} comes from here` }] : [];
  });
  return { ...value, division: { ...value.division, related } };
}

function boolBinary(
  env: Env,
  op: BinaryOperator,
  a: boolean | undefined,
  b: boolean | undefined,
  span: Span,
): Value {
  const known = a !== undefined && b !== undefined;
  switch (op) {
    case 'and':
      return { kind: 'bool', value: a === false || b === false ? false : known ? true : undefined };
    case 'or':
      return { kind: 'bool', value: a === true || b === true ? true : known ? false : undefined };
    case '==':
      return { kind: 'bool', value: known ? a === b : undefined };
    case '!=':
      return { kind: 'bool', value: known ? a !== b : undefined };
    default:
      return mistake(env, 'BF2029', `\`${op}\` does not work on truth values`, span);
  }
}

/** The result where it is known now; `undefined` where sizes of run time take part and it must be computed then. */
function numericBinary(
  env: Env,
  op: BinaryOperator,
  a: Numeric,
  b: Numeric,
  span: Span,
): Value | undefined {
  if (op === 'and' || op === 'or') {
    return mistake(env, 'BF2029', `\`${op}\` works on truth values, not on numbers`, span);
  }
  if (isComparison(op)) {
    const value = compare(op, a, b);
    return value !== undefined || env.run.isGeneric ? { kind: 'bool', value } : undefined;
  }
  if (a.kind === 'size' && b.kind === 'size') return exactArithmetic(env, op, a, b, span);
  const [x, y] = [floatOf(a), floatOf(b)];
  if (x === undefined || y === undefined) {
    return env.run.isGeneric ? { kind: 'number', value: undefined } : undefined;
  }
  return { kind: 'number', value: floatArithmetic(op, x, y) };
}

const FUNCTIONS: Readonly<Partial<Record<BinaryOperator, BinaryFn>>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '^': 'pow',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'lt',
  '>=': 'le',
  and: 'and',
  or: 'or',
};

function tensorBinary(env: Env, op: BinaryOperator, left: Side, right: Side, span: Span): Value {
  if (op === '^' && left.value.kind === 'tensor' && right.value.kind === 'size') {
    const power = smallPower(env, left.value, right.value, span);
    if (power) return power;
  }
  const isSwapped = op === '>' || op === '>=';
  const sides = isSwapped ? [right, left] : [left, right];
  return elementwise(env, FUNCTIONS[op]!, op, sides, span);
}

/** `x ^ 2` is a product: exact, also for negative x and for i32. */
function smallPower(env: Env, x: Tensor, exponent: SizeValue, span: Span): Value | undefined {
  const power = floatOf(exponent);
  if (power === undefined || !Number.isInteger(power) || power < 1 || power > 4) return undefined;
  if (x.dtype === 'bool') return undefined;
  let result = x;
  for (let i = 1; i < power; i++) result = binary(env, 'mul', result, x, span);
  return result;
}

/** A core operation of two operands, on tensors and numbers, broadcast to one shape. `shown` names it in messages. */
export function elementwise(
  env: Env,
  fn: BinaryFn,
  shown: string,
  sides: readonly Side[],
  span: Span,
): Value {
  const operands = tensorsOf(env, shown, sides, span);
  if (!operands) return POISON;
  if (!sameDType(env, shown, operands, span)) return POISON;
  const { dtype } = operands[0]!.tensor;
  if (!checkDType(env, fn, shown, dtype, span)) return POISON;
  const fitted = broadcastTogether(env, operands, span);
  return fitted ? binary(env, fn, fitted[0]!, fitted[1]!, span) : POISON;
}

/** The sides as tensors; numbers take the type of the first tensor, f32 if there is none. */
export function tensorsOf(
  env: Env,
  shown: string,
  sides: readonly Side[],
  span: Span,
): Operand[] | undefined {
  const first = sides.find(({ value }) => value.kind === 'tensor')?.value as Tensor | undefined;
  const allExact = !first && sides.every(({ value }) => value.kind === 'size');
  const wanted: DType = first ? first.dtype : allExact ? 'i32' : 'f32';
  const operands: Operand[] = [];
  for (const side of sides) {
    const tensor = tensorOf(env, shown, side.value, wanted, side.span, span);
    if (tensor.kind === 'poison') return undefined;
    operands.push({ tensor, span: side.span });
  }
  return operands;
}

function tensorOf(
  env: Env,
  shown: string,
  value: Value,
  wanted: DType,
  at: Span,
  span: Span,
): Tensor | Poison {
  if (value.kind === 'tensor' || value.kind === 'poison') return value;
  if (isNumeric(value) || value.kind === 'bool') return scalarOf(env, value, wanted, at);
  return mistake(env, 'BF2029', `\`${shown}\` does not work on ${describe(value)}`, span, {
    hint: layerHint(shown, value),
  });
}

function layerHint(shown: string, { kind }: Value): string | undefined {
  if (kind !== 'layer' && kind !== 'layers') return undefined;
  const inOrder = shown === '*' ? ', and repeated in an order by `repeat(2, layer)`' : '';
  return `a layer is applied to a tensor first: \`layer(x)\`${inOrder}`;
}

export function sameDType(
  env: Env,
  shown: string,
  operands: readonly Operand[],
  span: Span,
): boolean {
  const [first, ...others] = operands.map(({ tensor }) => tensor.dtype);
  const other = others.find((dtype) => dtype !== first);
  if (!other) return true;
  mistake(env, 'BF3005', `\`${shown}\` of ${first} and ${other}`, span, {
    hint:
      first === 'bool' || other === 'bool'
        ? '`where(c, a, b)` chooses by a bool; `f32(c)` is 0 or 1'
        : 'convert one side with `f32(...)` or `i32(...)`',
  });
  return false;
}

const ON_BOOL: ReadonlySet<BinaryFn> = new Set(['and', 'or', 'eq', 'ne']);

function checkDType(env: Env, fn: BinaryFn, shown: string, dtype: DType, span: Span): boolean {
  const allowed =
    fn === 'and' || fn === 'or'
      ? dtype === 'bool'
      : fn === 'pow'
        ? dtype === 'f32'
        : dtype !== 'bool' || ON_BOOL.has(fn);
  if (!allowed) mistake(env, 'BF3005', `\`${shown}\` does not work on ${dtype} tensors`, span);
  return allowed;
}

/** `-x`, `not x`. */
export function applyUnary(env: Env, op: UnaryOperator, operand: Side, span: Span): Value {
  const { value } = operand;
  if (value.kind === 'poison') return value;
  if (value.kind === 'tensor') {
    if ((value.dtype === 'bool') === (op === 'not')) {
      return unary(env, op === 'not' ? 'not' : 'neg', value, span);
    }
    return mistake(env, 'BF3005', `\`${op}\` does not work on ${value.dtype} tensors`, span);
  }
  if (op === 'not' && value.kind === 'bool') {
    return { kind: 'bool', value: value.value === undefined ? undefined : !value.value };
  }
  if (op === '-' && value.kind === 'size') return sizeOf(mul(value.size, constant(-1)));
  if (op === '-' && value.kind === 'number') {
    return { kind: 'number', value: value.value === undefined ? undefined : -value.value };
  }
  return mistake(env, 'BF2029', `\`${op}\` does not work on ${describe(value)}`, span);
}
