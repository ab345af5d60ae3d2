// Orders: which sub-layers follow which. The steps of a row, and those of a declared `order`, become sub-layers and repeats
// before any of them is applied; a repeat stays one piece. Knows nothing of wirings and of tensors.
import type { Argument, Step as AstStep, Expr, Order } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import { countEvaluation, deeperLayer } from './budget.ts';
import { checkConstraints } from './constraints.ts';
import type { Env, Frame, Scope } from './context.ts';
import { checkLabels } from './labels.ts';
import { didYouMean, mistake, quoted } from './mistake.ts';
import {
  bindArguments,
  declareParams,
  evaluateArgument,
  isComplete,
  matchArguments,
} from './parameters.ts';
import { turnsOfStep } from './repeat.ts';
import { isKnown } from './scope.ts';
import {
  type BoundValue,
  describe,
  type LayersValue,
  type OrderStep,
  type OrderValue,
  POISON,
  type Poison,
  UNKNOWN_STEP,
} from './value.ts';

/** The sub-layers that steps stand for. Every mistake among them is reported, and leaves an unknown step. */
export function orderOf(env: Env, steps: readonly AstStep[]): OrderStep[] {
  return steps.flatMap((step): OrderStep[] => {
    const turns = turnsOfStep(env, step, 0);
    const inner = step.kind === 'group' ? orderOf(env, step.steps) : subLayers(env, step.layer);
    if (turns === undefined) return [UNKNOWN_STEP];
    if (turns === 0 || inner.length === 0) return [];
    return turns === 1 ? inner : [{ kind: 'repeat', count: turns, steps: inner, span: step.span }];
  });
}

/** One layer, or all that an order gives. */
function subLayers(env: Env, expr: Expr): OrderStep[] {
  const name = expr.kind === 'call' ? expr.callee : expr;
  if (name.kind === 'name' && !isKnown(env, name.text)) {
    const labels = labelsInSight(env);
    if (labels.length > 0 && !env.run.program.stdNames().has(name.text)) {
      mistake(env, 'BF2011', `nothing is called \`${name.text}\` here`, name.span, {
        hint: nearLabel(name.text, labels) ?? `the labels here are ${quoted(labels)}`,
      });
      return [UNKNOWN_STEP];
    }
  }
  const value = env.run.evaluateLayer(env, expr);
  switch (value.kind) {
    case 'poison':
      return [UNKNOWN_STEP];
    case 'layers':
      return placed(env, value.steps, expr.span);
    case 'layer':
      if (!isComplete(env, value, expr.span)) return [UNKNOWN_STEP];
      return [{ kind: 'one', layer: value, span: expr.span }];
    default:
      mistake(env, 'BF2030', `a step of a row is a layer, not ${describe(value)}`, expr.span, {
        hint: value.kind === 'order' ? `write \`${value.item.name.text}(...)\`` : undefined,
      });
      return [UNKNOWN_STEP];
  }
}

/** Any two labels of one letter are near each other, so among those nothing is guessed. */
const nearLabel = (name: string, labels: readonly string[]): string | undefined =>
  name.length > 1 ? didYouMean(name, labels) : undefined;

/** The names that stand for sub-layers in the bodies around. */
function labelsInSight(env: Env): string[] {
  const labels: string[] = [];
  for (let at: Scope | undefined = env.scope; at; at = at.outer) {
    for (const [name, { value }] of at.names) {
      if (value.kind === 'layer' || value.kind === 'layers') labels.push(name);
    }
  }
  return labels;
}

/** Steps that come from elsewhere, with the place that names them. */
function placed(env: Env, steps: readonly OrderStep[], span: Span): OrderStep[] {
  return steps.map((step): OrderStep => {
    countEvaluation(env, span);
    if (step.kind === 'unknown') return step;
    if (step.kind === 'one') return { ...step, span };
    return { ...step, steps: placed(env, step.steps, span), span };
  });
}

/** A declared order with its arguments: its steps as sub-layers. */
export function callOrder(
  env: Env,
  { item, module, lineage }: OrderValue,
  args: readonly Argument[],
  span: Span,
): LayersValue | Poison {
  const params = matchArguments(item, args);
  const given = args.map((argument, i) => ({
    argument,
    param: params[i],
    value: evaluateArgument(env, params[i], argument.value),
  }));
  const bound = bindArguments(env, item, new Map(), given);
  if (!bound) return POISON;
  const frame: Frame = { ...env.frame, layer: item.name.text, use: { span, frame: env.frame } };
  const scope: Scope = { names: new Map(), outer: undefined, module, lineage };
  return runOrder({ run: env.run, frame, scope }, item, bound, span);
}

/** The steps of an order at arguments. */
export function runOrder(
  env: Env,
  item: Order,
  args: ReadonlyMap<string, BoundValue>,
  use: Span,
): LayersValue | Poison {
  if (!declareParams(env, item, args, use) || !checkConstraints(env, item, args, use))
    return POISON;
  checkLabels(env, item);
  return deeperLayer(env, item.name.text, use, () => ({
    kind: 'layers',
    steps: orderOf(env, item.steps),
  }));
}

/** Every sub-layer in turn, repeats written out; `undefined` if one is unknown. */
export function writtenOut(
  env: Env,
  steps: readonly OrderStep[],
  span: Span,
): Extract<OrderStep, { kind: 'one' }>[] | undefined {
  const all: Extract<OrderStep, { kind: 'one' }>[] = [];
  for (const step of steps) {
    if (step.kind === 'unknown') return undefined;
    countEvaluation(env, span);
    if (step.kind === 'one') {
      all.push(step);
      continue;
    }
    for (let turn = 0; turn < step.count; turn++) {
      const turnSteps = writtenOut(env, step.steps, span);
      if (!turnSteps) return undefined;
      all.push(...turnSteps);
    }
  }
  return all;
}
