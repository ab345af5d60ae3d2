// The layer that a step of a row or a stage of a model says: it must be one, and lack no parameter.
import type { Expr } from '../ast/ast.ts';
import type { Env } from './context.ts';
import { mistake } from './mistake.ts';
import { isComplete } from './parameters.ts';
import { describe, type LayerValue } from './value.ts';

/** The layer, ready to be applied; reported and `undefined` if it is none. `what` begins the message. */
export function stepLayer(env: Env, expr: Expr, what: string): LayerValue | undefined {
  const value = env.run.evaluateLayer(env, expr);
  if (value.kind === 'poison') return undefined;
  if (value.kind !== 'layer') {
    mistake(env, 'BF2030', `${what} is a layer, not ${describe(value)}`, expr.span);
    return undefined;
  }
  return isComplete(env, value, expr.span) ? value : undefined;
}
