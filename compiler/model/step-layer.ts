// The layer that a step of a row or a stage of a model says: it must be one, and lack no parameter.
import type { Expr } from '../ast/ast.ts';
import type { Env } from './context.ts';
import { mistake, quoted } from './mistake.ts';
import { missingParams } from './parameters.ts';
import { describe, type LayerValue, layerName } from './value.ts';

/** The layer, ready to be applied; reported and `undefined` if it is none. `what` begins the message. */
export function stepLayer(env: Env, expr: Expr, what: string): LayerValue | undefined {
  const value = env.run.evaluateLayer(env, expr);
  if (value.kind === 'poison') return undefined;
  if (value.kind !== 'layer') {
    mistake(env, 'BF2030', `${what} is a layer, not ${describe(value)}`, expr.span);
    return undefined;
  }
  return isComplete(env, value, expr) ? value : undefined;
}

/** Reports the parameters that a layer still needs; `supplied` is one that comes from elsewhere. */
export function isComplete(env: Env, layer: LayerValue, expr: Expr, supplied?: string): boolean {
  const missing = missingParams(layer).map((param) => param.name.text);
  const open = missing.filter((name) => name !== supplied);
  if (open.length === 0) return true;
  const name = layerName(layer);
  mistake(env, 'BF2021', `\`${name}\` still needs ${quoted(open)}`, expr.span, {
    hint: `write \`${name}(${open[0]}: ...)\``,
  });
  return false;
}
