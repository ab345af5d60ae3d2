// Functions along axes: `sum`, `mean`, `min`, `max`, `softmax`, `cumsum`. A reduced axis disappears.
import type { ReduceFn } from '../../ops/op.ts';
import { product } from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import type { Env } from '../context.ts';
import { binary, broadcast, emit, scalarOf, unary } from '../emit.ts';
import { mistake } from '../mistake.ts';
import { sizeOf } from '../sizes.ts';
import { POISON, type Tensor, type Value } from '../value.ts';
import {
  axesArgument,
  axisArgument,
  type FunctionCall,
  type FunctionTable,
  f32Operand,
  tensorOperand,
} from './function.ts';

function reduce(env: Env, fn: ReduceFn, x: Tensor, axes: readonly number[], span: Span): Tensor {
  const kept = x.axes.filter((_, i) => !axes.includes(i));
  return emit(env, { kind: 'reduce', fn, axes }, [x], x.dtype, kept, span);
}

/** `sum`, `min`, `max` along the axes of `axis:`. */
export function reduceAxes(call: FunctionCall, fn: ReduceFn): Value {
  const x = tensorOperand(call, 0);
  const axes = x && axesArgument(call, x);
  if (!axes) return POISON;
  if (x.dtype === 'bool') {
    return mistake(
      call.env,
      'BF3005',
      `\`${fn}\` does not work on bool tensors`,
      call.operands[0]!.span,
      {
        hint: 'count with `f32(...)`: true is 1',
      },
    );
  }
  return reduce(call.env, fn, x, axes, call.span);
}

function mean(call: FunctionCall): Value {
  const { env, span } = call;
  const x = f32Operand(call, 0);
  const axes = x && axesArgument(call, x);
  if (!axes) return POISON;
  const sum = reduce(env, 'sum', x, axes, span);
  const count = scalarOf(env, sizeOf(product(axes.map((axis) => x.axes[axis]!.size))), 'f32', span);
  if (count.kind === 'poison') return count;
  return binary(env, 'div', sum, broadcast(env, count, sum.axes, [], span), span);
}

/** exp(x - max) / sum: the largest is taken off first, so that no large number is exponentiated. */
function softmax(call: FunctionCall): Value {
  const { env, span } = call;
  const x = f32Operand(call, 0);
  const axes = x && axesArgument(call, x);
  if (!axes) return POISON;
  const kept = x.axes.map((_, i) => i).filter((i) => !axes.includes(i));
  const back = (reduced: Tensor): Tensor => broadcast(env, reduced, x.axes, kept, span);
  const shifted = binary(env, 'sub', x, back(reduce(env, 'max', x, axes, span)), span);
  const exponentials = unary(env, 'exp', shifted, span);
  return binary(env, 'div', exponentials, back(reduce(env, 'sum', exponentials, axes, span)), span);
}

function cumsum(call: FunctionCall): Value {
  const x = tensorOperand(call, 0);
  const axis = x && axisArgument(call, x);
  if (axis === undefined) return POISON;
  if (x!.dtype === 'bool') {
    return mistake(
      call.env,
      'BF3005',
      '`cumsum` does not work on bool tensors',
      call.operands[0]!.span,
    );
  }
  return emit(call.env, { kind: 'cumsum', axis }, [x!], x!.dtype, x!.axes, call.span);
}

const alongAxes = (name: string, evaluate: (call: FunctionCall) => Value) => ({
  usage: `${name}(x, axis: d)`,
  operands: [1, 1] as const,
  named: { axis: 'required' as const },
  evaluate,
});

export const REDUCTIONS: FunctionTable = {
  sum: alongAxes('sum', (call) => reduceAxes(call, 'sum')),
  mean: alongAxes('mean', mean),
  softmax: alongAxes('softmax', softmax),
  cumsum: alongAxes('cumsum', cumsum),
};
