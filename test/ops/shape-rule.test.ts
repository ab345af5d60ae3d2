import { expect, test } from 'vitest';
import { size } from '../../compiler/graph/builder.ts';
import type { DType, Op, TensorType } from '../../compiler/ops/op.ts';
import { type ComputedOp, resultType } from '../../compiler/ops/shape-rule.ts';
import { typeText } from '../../compiler/ops/type-text.ts';

/** `f32 b t 4` as a type; products such as `b*t` are not needed here. */
function type(text: string): TensorType {
  const [dtype, ...shape] = text.split(' ');
  return {
    dtype: dtype as DType,
    shape: shape.map((word) => size(/^\d+$/.test(word) ? Number(word) : word)),
  };
}

const result = (op: ComputedOp, operands: readonly string[]): string =>
  typeText(resultType(op, operands.map(type)));

const dims = (text: string) => type(`f32 ${text}`).shape;
const dot = (lhs: number[], rhs: number[], out: number[]): ComputedOp => ({
  kind: 'dot',
  lhs,
  rhs,
  out,
});
const slice = (
  axis: number,
  start: number | string,
  length: number | string,
  step = 1,
): ComputedOp => ({
  kind: 'slice',
  axis,
  start: size(start),
  size: size(length),
  step,
});

test.each<[string, ComputedOp, string[]]>([
  ['f32[]', { kind: 'const', value: 0.1, dtype: 'f32' }, []],
  ['i32[]', { kind: 'size', size: size('t') }, []],
  ['i32[t]', { kind: 'iota', size: size('t') }, []],
  ['f32[b, 4]', { kind: 'unary', fn: 'exp' }, ['f32 b 4']],
  ['bool[b]', { kind: 'unary', fn: 'not' }, ['bool b']],
  ['i32[b]', { kind: 'binary', fn: 'mod' }, ['i32 b', 'i32 b']],
  ['bool[b]', { kind: 'binary', fn: 'le' }, ['f32 b', 'f32 b']],
  ['i32[t]', { kind: 'select' }, ['bool t', 'i32 t', 'i32 t']],
  ['f32[t]', { kind: 'cast', to: 'f32' }, ['bool t']],
  ['f32[t, 2, 6]', { kind: 'reshape', shape: dims('t 2 6') }, ['f32 3 t 4']],
  ['f32[4, b, t]', { kind: 'transpose', perm: [2, 0, 1] }, ['f32 b t 4']],
  ['f32[b, 3, t]', { kind: 'broadcast', shape: dims('b 3 t'), axes: [0, 2] }, ['f32 b t']],
  ['f32[b, 3]', slice(1, 1, 3, 2), ['f32 b 6']],
  ['f32[t + 3, 4]', { kind: 'pad', axis: 0, before: size(1), after: size(2) }, ['f32 t 4']],
  ['f32[t + 3, 4]', { kind: 'concat', axis: 0 }, ['f32 t 4', 'f32 3 4']],
  ['f32[t]', { kind: 'reduce', fn: 'max', axes: [0, 2] }, ['f32 b t 4']],
  ['i32[b, t]', { kind: 'cumsum', axis: 1 }, ['i32 b t']],
  ['f32[b, t, 8]', dot([0, 1, 2], [2, 3], [0, 1, 3]), ['f32 b t 4', 'f32 4 8']],
  ['f32[8, b]', dot([0, 1, 2], [0, 3], [3, 0]), ['f32 b t 4', 'f32 b 8']],
  ['f32[b, t, 8]', { kind: 'gather', indices: 1 }, ['f32 100 8', 'i32 b t']],
  ['f32[]', { kind: 'gather', indices: 2 }, ['f32 32 8', 'i32', 'i32']],
  ['f32[b, 6, t, 5]', { kind: 'attend', scale: 1 }, ['f32 b 6 t 4', 'f32 b 2 s 4', 'f32 b 2 s 5']],
])('%s is a result', (expected, op, operands) => {
  expect(result(op, operands)).toBe(expected);
});

test.each<[string, ComputedOp, string[]]>([
  ['1e+300 is no f32', { kind: 'const', value: 1e300, dtype: 'f32' }, []],
  ['0.5 is no i32', { kind: 'const', value: 0.5, dtype: 'i32' }, []],
  ['2 is no bool', { kind: 'const', value: 2, dtype: 'bool' }, []],
  ['unary exp(i32[t]): not for i32', { kind: 'unary', fn: 'exp' }, ['i32 t']],
  ['takes 1 operands, got 2', { kind: 'unary', fn: 'exp' }, ['f32', 'f32']],
  ['operands must have one type and shape', { kind: 'binary', fn: 'add' }, ['f32 t', 'f32 1']],
  ['operands must have one type and shape', { kind: 'binary', fn: 'add' }, ['f32 t', 'i32 t']],
  ['not for bool', { kind: 'binary', fn: 'add' }, ['bool', 'bool']],
  ['not for i32', { kind: 'binary', fn: 'pow' }, ['i32', 'i32']],
  ['the condition must be bool', { kind: 'select' }, ['i32', 'f32', 'f32']],
  ['the condition must have the shape', { kind: 'select' }, ['bool', 'f32 t', 'f32 t']],
  ['a cast to bool is a comparison', { kind: 'cast', to: 'bool' }, ['f32']],
  ['4*t elements into 5*t', { kind: 'reshape', shape: dims('t 5') }, ['f32 t 4']],
  ['[0, 0] is no permutation', { kind: 'transpose', perm: [0, 0] }, ['f32 t 4']],
  ['axis 0 of 1 onto 4', { kind: 'broadcast', shape: dims('t 4'), axes: [1] }, ['f32 1']],
  ['must rise within rank 2', { kind: 'broadcast', shape: dims('t t'), axes: [1, 0] }, ['f32 t t']],
  ['ends 2 past axis 0', slice(0, 3, 4, 2), ['f32 8']],
  ['ends 1 past axis 0', slice(0, 1, 't'), ['f32 t']],
  ['step 0', slice(0, 1, 2, 0), ['f32 8']],
  ['axis 1 of a tensor of rank 1', { kind: 'cumsum', axis: 1 }, ['f32 t']],
  ['size -1 is negative', { kind: 'pad', axis: 0, before: size(-1), after: size(0) }, ['f32 t']],
  ['must agree except along axis 0', { kind: 'concat', axis: 0 }, ['f32 t 4', 'f32 t 5']],
  ['no axis to reduce', { kind: 'reduce', fn: 'sum', axes: [] }, ['f32 t']],
  ['label 1 is 4 and 5', dot([0, 1], [1, 2], [0, 2]), ['f32 t 4', 'f32 5 6']],
  ['a label stands twice in one operand', dot([0, 0], [1], [0]), ['f32 4 4', 'f32 2']],
  ['result label 7 is in no operand', dot([0], [0], [7]), ['f32 4', 'f32 4']],
  ['2 indices into a tensor of rank 1', { kind: 'gather', indices: 2 }, ['f32 4', 'i32', 'i32']],
  ['indices must be i32', { kind: 'gather', indices: 1 }, ['f32 4', 'f32 t']],
  [
    'query heads must be a multiple of key heads',
    { kind: 'attend', scale: 1 },
    ['f32 b 5 t 4', 'f32 b 2 t 4', 'f32 b 2 t 4'],
  ],
  [
    'must agree in the head size',
    { kind: 'attend', scale: 1 },
    ['f32 b 2 t 4', 'f32 b 2 t 8', 'f32 b 2 t 8'],
  ],
])('is refused: %s', (message, op, operands) => {
  expect(() => result(op, operands)).toThrow(message);
});

test('sizes that symbols leave open are not refused', () => {
  expect(result(slice(0, 0, 4), ['f32 t'])).toBe('f32[4]');
});

test('regions must have the parameters and results of their use', () => {
  const scalar = (dtype: DType): TensorType => ({ dtype, shape: [] });
  const mask = (dtypes: DType[], result: number): Op & { kind: 'attend' } => ({
    kind: 'attend',
    scale: 1,
    mask: { params: dtypes.map((dtype, id) => ({ id, type: scalar(dtype) })), nodes: [], result },
  });
  const operands = ['f32 b 1 t 4', 'f32 b 1 t 4', 'f32 b 1 t 4'];
  expect(() => result(mask(['i32', 'i32'], 0), operands)).toThrow('the mask takes (i32[], i32[])');
  expect(() => result(mask(['i32', 'i32', 'i32', 'i32'], 0), operands)).toThrow(
    'the mask gives i32[]',
  );
  const body = { params: [{ id: 0, type: type('f32 t') }], nodes: [], result: 0 };
  expect(() => result({ kind: 'repeat', count: 0, body }, ['f32 t'])).toThrow('count 0');
  expect(() => result({ kind: 'repeat', count: 2, body }, ['f32 4'])).toThrow(
    'the body takes f32[t]',
  );
});
