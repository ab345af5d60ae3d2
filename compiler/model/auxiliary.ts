// `loss balance = ...` and `measure tokens = ...`: values that leave the model beside its result. They are named by
// path, as weights are; repeat.ts gives them an axis of turns on their way out.
import type { Auxiliary } from '../ast/ast.ts';
import { type Env, joinPath, uniqueName } from './context.ts';
import { scalarOf, typeOf } from './emit.ts';
import { mistake } from './mistake.ts';
import { describe, isNumeric, POISON, shapeText, type Tensor, type Value } from './value.ts';

/** Notes an output of the model and gives its value. */
export function declareAuxiliary(env: Env, statement: Auxiliary): Value {
  const { kind, name, span } = statement;
  const { frame } = env;
  const value = env.run.evaluate(env, statement.value);
  if (value.kind === 'poison') return value;
  if (frame.isRegion) {
    return mistake(
      env,
      'BF2036',
      `\`${frame.layer}\` is computed for each pair of positions, so it has no ${WORDS[kind]}`,
      span,
      { hint: 'masks and scores of `attend` give one number and nothing else' },
    );
  }
  if (frame.experts) {
    const message = `an expert sees one row at a time, so it has no ${WORDS[kind]}`;
    return mistake(env, 'BF2038', message, span, { hint: 'declare it in the router' });
  }
  const tensor = tensorOf(env, statement, value);
  if (!tensor) return POISON;
  const path = joinPath(frame.path, uniqueName(frame.names, frame.prefix + name.text));
  frame.auxiliary.push({ name: path, kind, id: tensor.id, type: typeOf(tensor) });
  return tensor;
}

const WORDS = { loss: 'losses', measure: 'measured values' } as const;

/** The tensor, of a type that such an output can have; reported and `undefined` otherwise. */
function tensorOf(
  env: Env,
  { kind, name, value: { span } }: Auxiliary,
  value: Value,
): Tensor | undefined {
  const tensor = isNumeric(value) ? scalarOf(env, value, 'f32', span) : value;
  if (tensor.kind === 'poison') return undefined;
  const shown = `\`${name.text}\``;
  if (tensor.kind !== 'tensor') {
    const wanted = kind === 'loss' ? 'a loss is a number' : 'a measured value is a tensor';
    mistake(env, 'BF2023', `${wanted}, and ${shown} is ${describe(tensor)}`, span);
    return undefined;
  }
  if (kind === 'measure') {
    if (tensor.dtype !== 'bool') return tensor;
    mistake(env, 'BF3005', `a measured value is of numbers, and ${shown} of bool`, span, {
      hint: 'convert it with `f32(...)` or `i32(...)`',
    });
    return undefined;
  }
  // In a generic check `..` may turn out to be no axis.
  const hasAxes = tensor.axes.some(({ size }) => !size.text.startsWith('..'));
  if (tensor.dtype === 'f32' && !hasAxes) return tensor;
  const code = tensor.dtype === 'f32' ? 'BF3004' : 'BF3005';
  mistake(env, code, `a loss is one f32 number, and ${shown} is ${shapeText(tensor)}`, span, {
    hint: hasAxes ? 'add up or take the mean over its axes' : 'convert it with `f32(...)`',
  });
  return undefined;
}
