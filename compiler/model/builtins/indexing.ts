// `table[i, j]`: the leading axes of a tensor looked up, by integer tensors (a gather) or by numbers known now (a slice).
// A weight that a model's own input looks rows up in is noted as an embedding.
import { asNumber, constant, ONE, sub } from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import { broadcastTogether } from '../align.ts';
import { checkAxes } from '../check-axes.ts';
import type { Env } from '../context.ts';
import { emit, reshape } from '../emit.ts';
import { mistake } from '../mistake.ts';
import { tensorsOf } from '../operators.ts';
import { rationalOf } from '../sizes.ts';
import {
  type Axis,
  describe,
  isNumeric,
  POISON,
  shapeText,
  type Tensor,
  type Value,
} from '../value.ts';
import { wholeSize } from '../whole-size.ts';
import type { Given } from './function.ts';

/** `table[i, j]`: the leading axes of the table looked up. */
export function lookUpRows(env: Env, target: Given, indices: readonly Given[], span: Span): Value {
  if (target.value.kind === 'poison' || indices.some(({ value }) => value.kind === 'poison'))
    return POISON;
  const table = target.value;
  if (table.kind !== 'tensor') {
    return mistake(env, 'BF2029', `only tensors are indexed, not ${describe(table)}`, target.span);
  }
  if (indices.length > table.axes.length || indices.length === 0) {
    return mistake(env, 'BF3004', `${indices.length} indices for ${shapeText(table)}`, span);
  }
  const [only] = indices;
  if (indices.length === 1 && isNumeric(only!.value)) return constantRow(env, table, only!, span);
  const operands = tensorsOf(env, '[ ]', indices, span);
  if (!operands) return POISON;
  const wrong = operands.find(({ tensor }) => tensor.dtype !== 'i32');
  if (wrong) {
    return mistake(env, 'BF3005', `an index is i32; this is ${wrong.tensor.dtype}`, wrong.span, {
      hint: 'convert it with `i32(...)`',
    });
  }
  const fitted = broadcastTogether(env, operands, span);
  if (!fitted) return POISON;
  const axes: Axis[] = [...fitted[0]!.axes, ...table.axes.slice(indices.length)];
  if (!checkAxes(env, axes, span)) return POISON;
  const record = env.run.weightNodes.get(table.id);
  const inputs = [...env.run.inputs.values()].map(({ id }) => id);
  if (record && operands.some(({ tensor }) => inputs.includes(tensor.id)))
    record.isEmbedding = true;
  return emit(
    env,
    { kind: 'gather', indices: indices.length },
    [table, ...fitted],
    table.dtype,
    axes,
    span,
  );
}

function constantRow(env: Env, table: Tensor, index: Given, span: Span): Value {
  const at = wholeSize(env, index.value, index.span, 'an index', 0);
  if (!at) return POISON;
  const [first, ...others] = table.axes;
  const row = asNumber(at);
  const room = rationalOf(sub(first!.size, at));
  if (room && room[0] <= 0n) {
    return mistake(
      env,
      'BF3009',
      `index ${at.text} of \`${first!.label}\`, which has ${first!.size.text}`,
      index.span,
    );
  }
  if (row !== undefined && room && !env.frame.isRegion) return rowOf(env, table, row, span);
  const operands = tensorsOf(env, '[ ]', [index], span);
  if (!operands) return POISON;
  return emit(
    env,
    { kind: 'gather', indices: 1 },
    [table, operands[0]!.tensor],
    table.dtype,
    others,
    span,
  );
}

/** `w[i]` for a number i. */
export function rowOf(env: Env, w: Tensor, i: number, span: Span): Tensor {
  const [first, ...others] = w.axes;
  const op = { kind: 'slice', axis: 0, start: constant(i), size: ONE, step: 1 } as const;
  const row = emit(env, op, [w], w.dtype, [{ ...first!, size: ONE }, ...others], span);
  return reshape(env, row, others, span);
}
