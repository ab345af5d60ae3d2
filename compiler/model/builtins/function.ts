// What a function of the language is: how it may be called, and what it gives. The families of functions (one file
// each) are tables of these. Binding arguments to a function's signature is in call-function.ts.
import type { Expr } from '../../ast/ast.ts';
import type { Span } from '../../source.ts';
import type { Env } from '../context.ts';
import { didYouMean, mistake, quoted } from '../mistake.ts';
import { describe, shapeText, type Tensor, type Value } from '../value.ts';

/** An argument as given. The value of an `axis` is not evaluated: labels are no names in scope. */
export interface Given {
  readonly expr: Expr;
  readonly value: Value;
  readonly span: Span;
}

export interface FunctionCall {
  readonly env: Env;
  readonly name: string;
  readonly span: Span;
  readonly operands: readonly Given[];
  readonly named: ReadonlyMap<string, Given>;
}

export interface LanguageFunction {
  /** How it is written, for messages. */
  readonly usage: string;
  /** Fewest and most operands (arguments without names). */
  readonly operands: readonly [number, number];
  readonly named?: Readonly<Record<string, 'required' | 'optional'>>;
  /** True if any further name is a size: `rearrange(x, "...", h: heads)`. */
  readonly takesSizes?: boolean;
  readonly evaluate: (call: FunctionCall) => Value;
}

export type FunctionTable = Readonly<Record<string, LanguageFunction>>;

/** The i-th operand as a tensor; reported and `undefined` if it is none. */
export function tensorOperand(call: FunctionCall, i: number): Tensor | undefined {
  const given = call.operands[i]!;
  if (given.value.kind === 'tensor') return given.value;
  if (given.value.kind !== 'poison') {
    mistake(
      call.env,
      'BF2023',
      `\`${call.name}\` takes a tensor here, not ${describe(given.value)}`,
      given.span,
    );
  }
  return undefined;
}

/** Like `tensorOperand`, of an element type. */
export function f32Operand(call: FunctionCall, i: number): Tensor | undefined {
  const tensor = tensorOperand(call, i);
  if (!tensor || tensor.dtype === 'f32') return tensor;
  mistake(
    call.env,
    'BF3005',
    `\`${call.name}\` works on f32 tensors; this is ${tensor.dtype}`,
    call.operands[i]!.span,
    {
      hint: 'convert it with `f32(...)`',
    },
  );
  return undefined;
}

/** True unless the call is an expert's: that sees one row at a time, so it can neither group rows nor attend to them. */
export function seesAllRows({ env, name, span }: FunctionCall): boolean {
  if (!env.frame.experts) return true;
  mistake(env, 'BF2038', `\`${name}\` works on all rows at once, but an expert sees one`, span);
  return false;
}

/** The numbers of the axes that `axis:` names, rising; reported and `undefined` if one is not there. */
export function axesArgument(call: FunctionCall, tensor: Tensor): number[] | undefined {
  const { expr } = call.named.get('axis')!;
  const names = expr.kind === 'list' ? expr.items : [expr];
  const axes: number[] = [];
  for (const name of names) {
    const axis = axisNamed(call, tensor, name);
    if (axis === undefined) return undefined;
    if (axes.includes(axis)) {
      mistake(call.env, 'BF3002', 'an axis is named twice', name.span);
      return undefined;
    }
    axes.push(axis);
  }
  if (axes.length === 0) {
    mistake(call.env, 'BF3002', 'no axis is named', expr.span);
    return undefined;
  }
  return axes.sort((a, b) => a - b);
}

/** The one axis that `axis:` names. */
export function axisArgument(call: FunctionCall, tensor: Tensor): number | undefined {
  const { expr } = call.named.get('axis')!;
  return axisNamed(call, tensor, expr);
}

function axisNamed({ env }: FunctionCall, tensor: Tensor, expr: Expr): number | undefined {
  if (expr.kind !== 'name') {
    mistake(env, 'BF3002', 'an axis is given by its label', expr.span);
    return undefined;
  }
  const labels = tensor.axes.map((axis) => axis.label);
  const first = labels.indexOf(expr.text);
  if (first >= 0 && labels.lastIndexOf(expr.text) === first) return first;
  const shape = shapeText(tensor);
  if (first >= 0) {
    mistake(env, 'BF3002', `two axes of ${shape} are called \`${expr.text}\``, expr.span, {
      hint: 'give them names of their own with `rearrange`',
    });
    return undefined;
  }
  mistake(env, 'BF3002', `${shape} has no axis \`${expr.text}\``, expr.span, {
    hint: didYouMean(expr.text, labels) ?? `its axes are ${quoted(labels) || 'none'}`,
  });
  return undefined;
}
