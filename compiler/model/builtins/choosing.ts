// Functions that choose along an axis: `arg_top_k`, the places of the largest, and `take`, what stands at given places.
import { constant, type Dim, ONE, sub } from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import { origins } from '../align.ts';
import { checkAxes } from '../check-axes.ts';
import type { Env } from '../context.ts';
import { broadcast, emit, transpose } from '../emit.ts';
import { mistake } from '../mistake.ts';
import { mayEqual, rationalOf } from '../sizes.ts';
import { textAt } from '../span-text.ts';
import { type Axis, POISON, shapeText, type Tensor, type Value } from '../value.ts';
import { wholeSize } from '../whole-size.ts';
import {
  axisArgument,
  type FunctionCall,
  type FunctionTable,
  f32Operand,
  type Given,
  tensorOperand,
} from './function.ts';

function argTopK(call: FunctionCall): Value {
  const { env, span, named } = call;
  const x = f32Operand(call, 0);
  const at = x && axisArgument(call, x);
  const given = named.get('k')!;
  const k = wholeSize(env, given.value, given.span, '`k`');
  if (at === undefined || !k) return POISON;
  const along = x!.axes[at]!;
  if (!hasRoom(along, k)) {
    return mistake(
      env,
      'BF3009',
      `the ${k.text} largest of \`${along.label}\`, which has ${along.size.text}`,
      given.span,
      { related: [{ span: along.origin, message: `\`${along.label}\` comes from here` }] },
    );
  }
  const last = x!.axes.length - 1;
  const others = x!.axes.map((_, axis) => axis).filter((axis) => axis !== at);
  const chosen = { label: labelFor(given, 'k'), size: k, origin: given.span };
  const axes = [...others.map((axis) => x!.axes[axis]!), chosen];
  if (!checkAxes(env, axes, span)) return POISON;
  env.run.choices.push({ env, span, along: along.size });
  const moved = transpose(env, x!, [...others, at], span);
  const places = emit(env, { kind: 'top_k', k }, [moved], 'i32', axes, span);
  const back = x!.axes.map((_, axis) => (axis === at ? last : others.indexOf(axis)));
  return transpose(env, places, back, span);
}

/** False where `k` is certainly more than the axis has. */
function hasRoom({ size }: Axis, k: Dim): boolean {
  const room = rationalOf(sub(size, k));
  return !room || room[0] >= 0n;
}

/** An axis is labelled by the text of the argument that sets its size, if that is a plain name. */
export function labelFor({ expr, span }: Given, otherwise: string): string {
  return expr.kind === 'name' ? textAt(span) : otherwise;
}

/** For each place, the element there along the axis; all other axes are the same in both. */
function take(call: FunctionCall): Value {
  const { env, span } = call;
  const x = tensorOperand(call, 0);
  const places = tensorOperand(call, 1);
  const at = x && axisArgument(call, x);
  if (at === undefined || !places) return POISON;
  if (places.dtype !== 'i32') {
    return mistake(
      env,
      'BF3005',
      `places are i32; this is ${places.dtype}`,
      call.operands[1]!.span,
      {
        hint: 'convert it with `i32(...)`',
      },
    );
  }
  if (!checkSameBut(call, x!, places, at)) return POISON;
  const indices = x!.axes.map((_, axis) =>
    axis === at ? places : position(env, places, axis, span),
  );
  const op = { kind: 'gather', indices: indices.length } as const;
  return emit(env, op, [x!, ...indices], x!.dtype, places.axes, span);
}

function checkSameBut(
  { env, span, operands }: FunctionCall,
  x: Tensor,
  places: Tensor,
  at: number,
): boolean {
  const sameRank = x.axes.length === places.axes.length;
  const odd = x.axes.findIndex(
    ({ size }, axis) => axis !== at && sameRank && !mayEqual(env, size, places.axes[axis]!.size),
  );
  if (sameRank && odd < 0) return true;
  mistake(
    env,
    'BF3003',
    `\`take\` looks up ${shapeText(places)} in ${shapeText(x)}: they must agree except along \`${x.axes[at]!.label}\``,
    operands[1]!.span ?? span,
    { related: odd < 0 ? [] : origins(x.axes[odd]!, places.axes[odd]!) },
  );
  return false;
}

/** The number of each element along an axis, in the shape of a tensor. */
export function position(env: Env, like: Tensor, axis: number, span: Span): Tensor {
  const along = like.axes[axis]!;
  const numbers = emit(env, { kind: 'iota', size: along.size }, [], 'i32', [along], span);
  return broadcast(env, numbers, like.axes, [axis], span);
}

/** Elements `from` and on along the first axis, one fewer than there are. */
export function allButOne(env: Env, x: Tensor, from: 0 | 1, label: Axis, span: Span): Tensor {
  const size = sub(x.axes[0]!.size, ONE);
  const op = { kind: 'slice', axis: 0, start: constant(from), size, step: 1 } as const;
  return emit(env, op, [x], x.dtype, [label], span);
}

export const CHOOSING: FunctionTable = {
  arg_top_k: {
    usage: 'arg_top_k(x, k: 2, axis: e)',
    operands: [1, 1],
    named: { k: 'required', axis: 'required' },
    evaluate: argTopK,
  },
  take: {
    usage: 'take(x, places, axis: e)',
    operands: [2, 2],
    named: { axis: 'required' },
    evaluate: take,
  },
};
