// Blocks: rows of sub-layers under their wirings, from top to bottom. Every occurrence of a label is an instance of its
// own (`a`, `a_2`); a group that repeats is a repeat step, elaborated once.
import type { Block, Expr, Param, Row } from '../ast/ast.ts';
import { unreachable } from '../invariant.ts';
import type { Span } from '../source.ts';
import { countLayer } from './budget.ts';
import { checkConstraints } from './constraints.ts';
import { type Env, innerScope, joinPath, uniqueName } from './context.ts';
import { checkLabels } from './labels.ts';
import { declareLets } from './lets.ts';
import { mistake, warn } from './mistake.ts';
import { orderOf, writtenOut } from './order.ts';
import { declareParams, isComplete } from './parameters.ts';
import { repeatStep } from './repeat.ts';
import { mayEqual } from './sizes.ts';
import {
  type BoundValue,
  describe,
  type LayerValue,
  layerName,
  type OrderStep,
  shapeText,
  type Tensor,
  type Value,
} from './value.ts';

/** The result of a block's rows on a tensor. */
export function runBlock(
  env: Env,
  block: Block,
  args: ReadonlyMap<string, BoundValue>,
  input: Tensor,
  use: Span,
): Tensor | undefined {
  if (!declareParams(env, block, args, use)) return undefined;
  if (!checkConstraints(env, block, args, use) || !checkWidth(env, block, input, use))
    return undefined;
  const inside: Env = { ...env, scope: innerScope(env.scope) };
  declareLets(inside, block.lets);
  checkLabels(inside, block);
  let x: Tensor | undefined = input;
  for (const row of block.rows) {
    const wiring = wiringOf(inside, row.wiring);
    if (wiring && x) x = runRow(inside, wiring, row, x);
    else {
      orderOf(inside, row.steps);
      x = undefined;
    }
  }
  return x;
}

/** A block with a size parameter `d` works on a stream of that width. */
function checkWidth(env: Env, block: Block, input: Tensor, use: Span): boolean {
  const param = block.params.find(
    ({ name, type }) => name.text === 'd' && type.kind === 'named' && type.name === 'dim',
  );
  const value = param && env.scope.names.get('d')?.value;
  const last = input.axes.at(-1);
  if (value?.kind !== 'size' || (last && mayEqual(env, last.size, value.size))) return true;
  mistake(
    env,
    'BF3003',
    `\`${block.name.text}\` has d = ${value.size.text}, but is applied to ${shapeText(input)}`,
    use,
    {
      related: [
        {
          span: param!.span,
          message: `\`d\` is the last axis of what \`${block.name.text}\` takes and gives`,
        },
        ...(last ? [{ span: last.origin, message: `${last.size.text} comes from here` }] : []),
      ],
    },
  );
  return false;
}

interface Wiring {
  readonly layer: LayerValue;
  /** The parameter that the row supplies. */
  readonly param: Param;
}

/** A layer whose last parameter, a `layer` or `layers`, is the only one still open. */
function wiringOf(env: Env, expr: Expr): Wiring | undefined {
  const value = env.run.evaluateLayer(env, expr);
  if (value.kind === 'poison') return undefined;
  if (
    value.kind !== 'layer' ||
    value.source.kind !== 'item' ||
    value.source.item.kind !== 'layer'
  ) {
    mistake(env, 'BF2031', `a row begins with a wiring, not with ${describe(value)}`, expr.span, {
      hint: 'write `pre_norm(layer_norm): a f`',
    });
    return undefined;
  }
  const { item } = value.source;
  const param = item.params.at(-1);
  const type = param?.type.kind === 'named' ? param.type.name : undefined;
  const related = [{ span: item.name.span, message: 'declared here' }];
  if (!param || (type !== 'layer' && type !== 'layers') || item.inputs.length !== 1) {
    mistake(
      env,
      'BF2031',
      `\`${item.name.text}\` is no wiring: its last parameter is no \`layer\` or \`layers\``,
      expr.span,
      { related },
    );
    return undefined;
  }
  if (value.args.has(param.name.text)) {
    mistake(
      env,
      'BF2022',
      `the row supplies \`${param.name.text}\` of \`${item.name.text}\``,
      expr.span,
      { related },
    );
    return undefined;
  }
  if (!isComplete(env, value, expr.span, new Set([param.name.text]))) return undefined;
  return { layer: value, param };
}

function runRow(env: Env, wiring: Wiring, row: Row, x: Tensor): Tensor | undefined {
  const steps = orderOf(env, row.steps);
  if (steps.length === 0) {
    mistake(env, 'BF2050', 'nothing is left of this row: all its steps run 0 times', row.span);
    return undefined;
  }
  const isWhole = wiring.param.type.kind === 'named' && wiring.param.type.name === 'layers';
  return isWhole ? runTogether(env, wiring, steps, row.span, x) : runSteps(env, wiring, steps, x);
}

/** One sub-layer after the other. */
function runSteps(
  env: Env,
  wiring: Wiring,
  steps: readonly OrderStep[],
  input: Tensor,
): Tensor | undefined {
  let x: Tensor | undefined = input;
  for (const step of steps) x = x && runStep(env, wiring, step, x);
  return x;
}

function runStep(env: Env, wiring: Wiring, step: OrderStep, x: Tensor): Tensor | undefined {
  switch (step.kind) {
    case 'unknown':
      return undefined;
    case 'one': {
      const sub = placedIn(env, step.layer);
      const prefix = `${sub.home!.name}_`;
      const value = env.run.applyWiring(
        env,
        supplied(wiring, sub, step.span),
        prefix,
        x,
        step.span,
      );
      return asTensor(value);
    }
    case 'repeat':
      return repeatStep(env, 'rep', step.count, x, step.span, (inside, carried) =>
        runSteps(inside, wiring, step.steps, carried),
      );
    default:
      return unreachable(step, 'elaborate');
  }
}

/** All sub-layers of the row at once, under a wiring that takes `layers`; repeats are written out. */
function runTogether(
  env: Env,
  wiring: Wiring,
  order: readonly OrderStep[],
  span: Span,
  x: Tensor,
): Tensor | undefined {
  const steps = writtenOut(env, order, span)?.map((step): OrderStep => {
    countLayer(env, step.span);
    return { ...step, layer: placedIn(env, step.layer) };
  });
  if (!steps) return undefined;
  warnOfDoubles(env, order);
  const value: Value = { kind: 'layers', steps };
  return asTensor(env.run.applyWiring(env, supplied(wiring, value, span), '', x, span));
}

/** A sum of the same layer with other weights is seldom meant: the row is read as one after the other. */
function warnOfDoubles(env: Env, order: readonly OrderStep[]): void {
  const seen = new Set<LayerValue>();
  for (const step of order) {
    if (step.kind === 'repeat') warnOfDouble(env, step.span);
    if (step.kind !== 'one') continue;
    if (seen.has(step.layer)) warnOfDouble(env, step.span);
    seen.add(step.layer);
  }
}

function warnOfDouble(env: Env, span: Span): void {
  if (env.scope.module.isStd) return;
  warn(env, 'BF2053', 'this sub-layer stands twice in a row that adds up what all give', span, {
    hint: 'a wider layer does the same; to run one after the other, take a wiring of one `layer`',
  });
}

/** A sub-layer with its place among the block's instances. */
function placedIn({ frame }: Env, layer: LayerValue): LayerValue {
  const name = uniqueName(frame.names, layer.name ?? layerName(layer));
  const path = joinPath(frame.path, name);
  return {
    ...layer,
    home: { path, names: frame.names, outerPath: frame.path, name, isTaken: false },
  };
}

function supplied({ layer, param }: Wiring, value: Value, span: Span): LayerValue {
  return { ...layer, args: new Map([...layer.args, [param.name.text, { value, span }]]) };
}

const asTensor = (value: Value): Tensor | undefined =>
  value.kind === 'tensor' ? value : undefined;
