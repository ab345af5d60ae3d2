// Functions that pick and place: `iota`, `concat`, `slice`, `shift`, `depthwise_conv`.
import {
  add,
  asBigInt,
  asNumber,
  constant,
  type Dim,
  div,
  isWhole,
  mul,
  ONE,
  sub,
} from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import { origins } from '../align.ts';
import { checkAxes } from '../check-axes.ts';
import type { Env } from '../context.ts';
import { binary, broadcast, emit } from '../emit.ts';
import { LIMITS } from '../limits.ts';
import { mistake } from '../mistake.ts';
import { mayEqual } from '../sizes.ts';
import { textAt } from '../span-text.ts';
import { POISON, shapeText, type Tensor, type Value } from '../value.ts';
import { isAtLeast, wholeSize } from '../whole-size.ts';
import {
  axisArgument,
  type FunctionCall,
  type FunctionTable,
  f32Operand,
  type Given,
  tensorOperand,
} from './function.ts';
import { rowOf } from './indexing.ts';

function iota({ env, span, operands }: FunctionCall): Value {
  const { value, span: at } = operands[0]!;
  const size = wholeSize(env, value, at, 'what `iota` takes');
  if (!size) return POISON;
  const label = textAt(at);
  return emit(env, { kind: 'iota', size }, [], 'i32', [{ label, size, origin: at }], span);
}

function concat(call: FunctionCall): Value {
  const { env, span, operands } = call;
  const tensors = operands.map((_, i) => tensorOperand(call, i));
  if (tensors.some((tensor) => !tensor)) return POISON;
  const [first, ...others] = tensors.filter((tensor) => tensor !== undefined);
  const axis = axisArgument(call, first!);
  if (axis === undefined) return POISON;
  for (const [i, other] of others.entries()) {
    const fits =
      other.axes.length === first!.axes.length &&
      other.axes.every((a, at) => at === axis || mayEqual(env, a.size, first!.axes[at]!.size));
    if (!fits || other.dtype !== first!.dtype) {
      return mistake(
        env,
        fits ? 'BF3005' : 'BF3003',
        `\`concat\` joins ${shapeText(first!)} and ${shapeText(other)}: they must agree except along the axis`,
        operands[i + 1]!.span,
      );
    }
  }
  const all = [first!, ...others];
  const size = all.map((tensor) => tensor.axes[axis]!.size).reduce(add);
  const axes = first!.axes.with(axis, { ...first!.axes[axis]!, size });
  if (!checkAxes(env, axes, span)) return POISON;
  return emit(env, { kind: 'concat', axis }, all, first!.dtype, axes, span);
}

function slice(call: FunctionCall): Value {
  const { env, span, named } = call;
  const x = tensorOperand(call, 0);
  const axis = x && axisArgument(call, x);
  if (axis === undefined) return POISON;
  const whole = x!.axes[axis]!;
  const start = sizeArgument(env, named.get('start'), '`start`', 0, constant(0));
  const step = knownStep(env, named.get('step'));
  if (!start || step === undefined) return POISON;
  const rest = sub(whole.size, start);
  const size = named.has('size')
    ? sizeArgument(env, named.get('size'), '`size`', 1, ONE)
    : restSize(env, rest, step, span);
  if (!size) return POISON;
  const end = add(start, add(mul(constant(step), sub(size, ONE)), ONE));
  if (!isAtLeast(env, sub(whole.size, end), 0)) {
    return mistake(
      env,
      'BF3009',
      `the slice reads up to ${end.text} along \`${whole.label}\`, which is ${whole.size.text}`,
      span,
      {
        related: [{ span: whole.origin, message: `\`${whole.label}\` comes from here` }],
      },
    );
  }
  return sliced(env, x!, axis, start, size, step, span);
}

function knownStep(env: Env, given: Given | undefined): number | undefined {
  const size = sizeArgument(env, given, '`step`', 1, ONE);
  const step = size && asNumber(size);
  if (step !== undefined || !size) return step;
  if (env.run.isGeneric) return 1;
  mistake(env, 'BF2028', '`step` must be a number known when compiling', given!.span);
  return undefined;
}

/** How many elements are left from the start to the end of the axis. */
function restSize(env: Env, rest: Dim, step: number, span: Span): Dim | undefined {
  if (step === 1) return rest;
  const known = asBigInt(rest);
  if (known !== undefined) return constant((known + BigInt(step) - 1n) / BigInt(step));
  const quotient = div(rest, constant(step))!;
  if (isWhole(quotient) || env.run.isGeneric) return quotient;
  mistake(
    env,
    'BF2027',
    `${rest.text} is not divisible by ${step} for every value of its sizes`,
    span,
    {
      hint: 'say how many with `size:`',
    },
  );
  return undefined;
}

function sizeArgument(
  env: Env,
  given: Given | undefined,
  what: string,
  least: number,
  otherwise: Dim,
): Dim | undefined {
  return given ? wholeSize(env, given.value, given.span, what, least) : otherwise;
}

function sliced(
  env: Env,
  x: Tensor,
  axis: number,
  start: Dim,
  size: Dim,
  step: number,
  span: Span,
): Value {
  const axes = x.axes.with(axis, { ...x.axes[axis]!, size });
  if (!checkAxes(env, axes, span)) return POISON;
  return emit(env, { kind: 'slice', axis, start, size, step }, [x], x.dtype, axes, span);
}

function shift(call: FunctionCall): Value {
  const { env, span, named } = call;
  const x = tensorOperand(call, 0);
  const axis = x && axisArgument(call, x);
  const by = axis === undefined ? undefined : shiftDistance(env, named.get('by'));
  if (axis === undefined || by === undefined) return POISON;
  return shifted(env, x!, axis, by, span);
}

function shiftDistance(env: Env, given: Given | undefined): number | undefined {
  if (!given) return 1;
  const { value, span } = given;
  const known = value.kind === 'size' ? asBigInt(value.size) : undefined;
  if (
    known !== undefined &&
    known >= -BigInt(LIMITS.dimension) &&
    known <= BigInt(LIMITS.dimension)
  ) {
    return Number(known);
  }
  if (!(env.run.isGeneric && value.kind === 'size')) {
    mistake(env, 'BF2023', '`by` must be a whole number known when compiling', span);
    return undefined;
  }
  return 1;
}

/** Moved along the axis; zeros enter where nothing comes from. */
function shifted(env: Env, x: Tensor, axis: number, by: number, span: Span): Tensor {
  if (by === 0) return x;
  const zero = constant(0);
  const distance = constant(Math.abs(by));
  const size = x.axes[axis]!.size;
  const longer = x.axes.with(axis, { ...x.axes[axis]!, size: add(size, distance) });
  const [before, after] = by > 0 ? [distance, zero] : [zero, distance];
  const padded = emit(env, { kind: 'pad', axis, before, after }, [x], x.dtype, longer, span);
  const start = by > 0 ? zero : distance;
  return emit(env, { kind: 'slice', axis, start, size, step: 1 }, [padded], x.dtype, x.axes, span);
}

/** Σ over i of w[i] · x shifted by i, in each channel: w [width, channels], channels the last axis of x. */
function depthwiseConv(call: FunctionCall): Value {
  const { env, span, operands } = call;
  const [x, w] = [f32Operand(call, 0), f32Operand(call, 1)];
  const axis = x && axisArgument(call, x);
  if (axis === undefined || !w) return POISON;
  if (w.axes.length !== 2) {
    return mistake(
      env,
      'BF3004',
      `the weights of \`depthwise_conv\` are [width, channels], not ${shapeText(w)}`,
      operands[1]!.span,
    );
  }
  const last = x!.axes.length - 1;
  const [channels, width] = [
    w.axes[1]!,
    asNumber(w.axes[0]!.size) ?? (env.run.isGeneric ? 1 : undefined),
  ];
  if (axis === last || !mayEqual(env, x!.axes[last]!.size, channels.size)) {
    return mistake(
      env,
      'BF3003',
      `\`depthwise_conv\` has weights for ${channels.size.text} channels, but the last axis of ${shapeText(x!)} is another`,
      span,
      {
        related: origins(x!.axes[last]!, channels),
      },
    );
  }
  if (width === undefined || width > LIMITS.taps) {
    return mistake(
      env,
      'BF2026',
      `a \`depthwise_conv\` has at most ${LIMITS.taps} taps`,
      operands[1]!.span,
    );
  }
  let sum: Tensor | undefined;
  for (let i = 0; i < width; i++) {
    const row = rowOf(env, w, i, span);
    const product = binary(
      env,
      'mul',
      shifted(env, x!, axis, i, span),
      broadcast(env, row, x!.axes, [last], span),
      span,
    );
    sum = sum ? binary(env, 'add', sum, product, span) : product;
  }
  return sum!;
}

export const VIEWS: FunctionTable = {
  iota: { usage: 'iota(t)', operands: [1, 1], evaluate: iota },
  concat: {
    usage: 'concat(a, b, axis: k)',
    operands: [2, 64],
    named: { axis: 'required' },
    evaluate: concat,
  },
  slice: {
    usage: 'slice(x, axis: k, start: 0, size: n, step: 1)',
    operands: [1, 1],
    named: { axis: 'required', start: 'optional', size: 'optional', step: 'optional' },
    evaluate: slice,
  },
  shift: {
    usage: 'shift(x, axis: t, by: 1)',
    operands: [1, 1],
    named: { axis: 'required', by: 'optional' },
    evaluate: shift,
  },
  depthwise_conv: {
    usage: 'depthwise_conv(x, w, axis: t)',
    operands: [2, 2],
    named: { axis: 'required' },
    evaluate: depthwiseConv,
  },
};
