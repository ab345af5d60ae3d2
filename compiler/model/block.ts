// Blocks: rows of sub-layers under their wirings, from top to bottom. Every occurrence of a label is an instance of its
// own (`a`, `a_2`); a group that repeats is a repeat step, elaborated once.
import type { Step as AstStep, Block, Expr, Param, Row } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import { countLayer } from './budget.ts';
import { checkConstraints } from './constraints.ts';
import { type Env, innerScope, joinPath, uniqueName } from './context.ts';
import { declareLets } from './lets.ts';
import { mistake } from './mistake.ts';
import { declareParams } from './parameters.ts';
import { repeatStep, turnsOfStep } from './repeat.ts';
import { mayEqual } from './sizes.ts';
import { isComplete, stepLayer } from './step-layer.ts';
import {
  type BoundValue,
  describe,
  type LayerValue,
  layerName,
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
  if (!checkConstraints(env, block, use) || !checkWidth(env, block, input, use)) return undefined;
  const inside: Env = { ...env, scope: innerScope(env.scope) };
  declareLets(inside, block.lets);
  let x: Tensor | undefined = input;
  for (const row of block.rows) {
    const wiring = wiringOf(inside, row.wiring);
    if (wiring && x) x = runRow(inside, wiring, row, x);
    else {
      lookAt(inside, row.steps);
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
  if (!isComplete(env, value, expr, param.name.text)) return undefined;
  return { layer: value, param };
}

function runRow(env: Env, wiring: Wiring, row: Row, x: Tensor): Tensor | undefined {
  const isWhole = wiring.param.type.kind === 'named' && wiring.param.type.name === 'layers';
  return isWhole ? runTogether(env, wiring, row, x) : runSteps(env, wiring, row.steps, x);
}

/** Finds the mistakes of steps that cannot be run, because of an earlier one. */
function lookAt(env: Env, steps: readonly AstStep[]): void {
  for (const step of steps) {
    turnsOfStep(env, step);
    if (step.kind === 'group') lookAt(env, step.steps);
    else subLayer(env, step.layer);
  }
}

/** One sub-layer after the other. */
function runSteps(
  env: Env,
  wiring: Wiring,
  steps: readonly AstStep[],
  input: Tensor,
): Tensor | undefined {
  let x: Tensor | undefined = input;
  for (const step of steps) {
    if (x) x = runStep(env, wiring, step, x);
    else lookAt(env, [step]);
  }
  return x;
}

function runStep(env: Env, wiring: Wiring, step: AstStep, x: Tensor): Tensor | undefined {
  const turns = turnsOfStep(env, step);
  if (turns === undefined) return undefined;
  if (turns > 1) {
    return repeatStep(env, 'rep', turns, x, step.span, (inside, carried) =>
      runSteps(inside, wiring, membersOf(step), carried),
    );
  }
  if (step.kind === 'group') return runSteps(env, wiring, step.steps, x);
  const sub = subLayer(env, step.layer);
  return sub && wired(env, wiring, sub, x, step.span);
}

/** The steps inside of a repeated step, without its count. */
const membersOf = (step: AstStep): readonly AstStep[] =>
  step.kind === 'group' ? step.steps : [{ kind: 'one', layer: step.layer, span: step.span }];

/** All sub-layers of the row at once, under a wiring that takes `layers`; groups are written out. */
function runTogether(env: Env, wiring: Wiring, row: Row, x: Tensor): Tensor | undefined {
  const members: LayerValue[] = [];
  if (!collect(env, row.steps, members)) return undefined;
  const value: Value = { kind: 'layers', members };
  return asTensor(env.run.applyWiring(env, supplied(wiring, value, row.span), '', x, row.span));
}

function collect(env: Env, steps: readonly AstStep[], members: LayerValue[]): boolean {
  let isFine = true;
  for (const step of steps) {
    const turns = turnsOfStep(env, step);
    if (turns === undefined) isFine = false;
    for (let i = 0; i < (turns ?? 0); i++) {
      if (step.kind === 'group') isFine = collect(env, step.steps, members) && isFine;
      else {
        countLayer(env, step.span);
        const sub = subLayer(env, step.layer);
        if (sub) members.push(sub);
        else isFine = false;
      }
    }
  }
  return isFine;
}

/** A sub-layer with its place among the block's instances. */
function subLayer(env: Env, expr: Expr): LayerValue | undefined {
  const value = stepLayer(env, expr, 'a step of a row');
  if (!value) return undefined;
  const { frame } = env;
  const name = uniqueName(frame.names, value.name ?? layerName(value));
  const path = joinPath(frame.path, name);
  return {
    ...value,
    home: { path, names: frame.names, outerPath: frame.path, name, isTaken: false },
  };
}

function wired(
  env: Env,
  wiring: Wiring,
  sub: LayerValue,
  x: Tensor,
  span: Span,
): Tensor | undefined {
  const prefix = `${sub.home!.name}_`;
  return asTensor(env.run.applyWiring(env, supplied(wiring, sub, span), prefix, x, span));
}

function supplied({ layer, param }: Wiring, value: Value, span: Span): LayerValue {
  return { ...layer, args: new Map([...layer.args, [param.name.text, { value, span }]]) };
}

const asTensor = (value: Value): Tensor | undefined =>
  value.kind === 'tensor' ? value : undefined;
