// A model's body: settings, inputs, and the chain of stages. Stages are named by their `let`, else by their layer; a
// repeated stage adds its turn to the path, and a repeated block without a `let` is called `blocks`.
import type { Step as AstStep, Model as ModelItem } from '../ast/ast.ts';
import type { GraphInput } from '../graph/graph.ts';
import { asBigInt, asNumber, atomsOf, symbol } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import { checkAxes } from './check-axes.ts';
import type { Env } from './context.ts';
import { append, typeOf } from './emit.ts';
import { didYouMean, mistake } from './mistake.ts';
import { repeatStep, turnsOfStep } from './repeat.ts';
import { declare, findLocal } from './scope.ts';
import { labelOf } from './signature.ts';
import { sizeOf } from './sizes.ts';
import { stepLayer } from './step-layer.ts';
import { type Axis, layerName, type Tensor, type Value } from './value.ts';
import { wholeSize } from './whole-size.ts';

const SETTINGS = ['vocab', 'context'];

/** Reads `vocab:` and `context:` into the run. */
export function readSettings(env: Env, model: ModelItem): void {
  for (const { name, value } of model.settings) {
    if (!SETTINGS.includes(name.text)) {
      mistake(env, 'BF2014', `there is no setting \`${name.text}\``, name.span, {
        hint: didYouMean(name.text, SETTINGS) ?? 'the settings are `vocab` and `context`',
      });
      continue;
    }
    const first = env.run.settings.get(name.text);
    if (first) {
      mistake(env, 'BF2010', `\`${name.text}\` is set twice`, name.span, {
        related: [{ span: first.span, message: 'first set here' }],
      });
      continue;
    }
    const size = wholeSize(env, env.run.evaluate(env, value), value.span, `\`${name.text}\``);
    if (size) env.run.settings.set(name.text, { size, span: name.span });
  }
}

export interface ModelInput {
  readonly input: GraphInput;
  readonly tensor: Tensor;
}

/** The inputs as nodes; free names in their shapes are sizes of run time. */
export function declareInputs(env: Env, model: ModelItem): ModelInput[] | undefined {
  if (!model.inputs) return tokensInput(env, model);
  const inputs: ModelInput[] = [];
  for (const { name, shape, span } of model.inputs) {
    if (shape.rest) {
      mistake(env, 'BF3004', 'the inputs of a model have all their axes written out', shape.span);
      return undefined;
    }
    const axes: Axis[] = [];
    for (const declared of shape.axes) {
      const { size: expr } = declared;
      if (
        expr.kind === 'name' &&
        !findLocal(env.scope, expr.text) &&
        !env.run.settings.has(expr.text)
      ) {
        declare(env, expr.text, sizeOf(symbol(expr.text)), expr.span);
      }
      const size = wholeSize(env, env.run.evaluate(env, expr), expr.span, 'a size');
      if (!size) return undefined;
      axes.push({ label: labelOf(declared), size, origin: declared.span });
    }
    if (!checkAxes(env, axes, shape.span)) return undefined;
    inputs.push(addInput(env, name.text, shape.dtype, axes, span));
  }
  return inputs;
}

/** The default signature: `tokens: i32[b, t]`. */
function tokensInput(env: Env, model: ModelItem): ModelInput[] | undefined {
  const { span } = model.name;
  if (!env.run.settings.has('vocab')) {
    const isReported = model.settings.some(({ name }) => name.text === 'vocab');
    if (!isReported) {
      mistake(
        env,
        'BF2015',
        `\`${model.name.text}\` takes tokens, so it must set \`vocab\``,
        span,
        {
          hint: 'add `vocab: 256`, or give the model inputs of its own: `model m (x: [b, t, 64]) -> y`',
        },
      );
    }
    return undefined;
  }
  const axes = ['b', 't'].map((label): Axis => ({ label, size: symbol(label), origin: span }));
  for (const { label, size } of axes) declare(env, label, sizeOf(size), span);
  return [addInput(env, 'tokens', 'i32', axes, span)];
}

function addInput(
  env: Env,
  name: string,
  dtype: Tensor['dtype'],
  axes: readonly Axis[],
  span: Span,
): ModelInput {
  const tensor = append(env, { kind: 'input', name }, [], dtype, axes, span);
  env.run.inputs.set(name, tensor);
  const vocab = env.run.settings.get('vocab');
  const most = vocab && asNumber(vocab.size);
  const isTokens = name === 'tokens' && dtype === 'i32' && most !== undefined;
  return {
    tensor,
    input: { name, type: typeOf(tensor), span, ...(isTokens && { range: [0, most - 1] as const }) },
  };
}

/** The run-time sizes that the inputs hold, in the order in which they appear. */
export function symbolsOf(env: Env, inputs: readonly ModelInput[]) {
  const names = new Set(
    inputs.flatMap(({ tensor }) => tensor.axes.flatMap((axis) => atomsOf(axis.size))),
  );
  const context = env.run.settings.get('context');
  const longest = context && asBigInt(context.size);
  return [...names].map((name) => ({
    name,
    min: 1,
    ...(name === 't' && longest !== undefined && { max: Number(longest) }),
  }));
}

/** Chains the stages. The first one takes all inputs of the model. */
export function runPipeline(
  env: Env,
  steps: readonly AstStep[],
  inputs: readonly Tensor[] | undefined,
): Tensor | undefined {
  let flow = inputs;
  for (const step of steps) {
    const result = runStage(env, step, flow);
    flow = result && [result];
  }
  return flow?.[0];
}

/** One stage; without inputs (after a mistake) it is only looked at. */
function runStage(
  env: Env,
  step: AstStep,
  inputs: readonly Tensor[] | undefined,
): Tensor | undefined {
  const turns = turnsOfStep(env, step);
  if (step.kind === 'group') {
    if (!inputs || !turns) return undefined;
    if (!step.times) return runPipeline(env, step.steps, inputs);
    const input = single(env, inputs, step.span);
    return (
      input &&
      repeatStep(env, 'rep', turns, input, step.span, (inside, x) =>
        runPipeline(inside, step.steps, [x]),
      )
    );
  }
  const layer = stepLayer(env, step.layer, 'a stage');
  if (!layer || !inputs || !turns) return undefined;
  if (!step.times) return asTensor(env.run.apply(env, layer, inputs, step.span));
  const input = single(env, inputs, step.span);
  const isBlock = layer.source.kind === 'item' && layer.source.item.kind === 'block';
  const name = layer.name ?? (isBlock ? 'blocks' : layerName(layer));
  return (
    input &&
    repeatStep(env, name, turns, input, step.span, (inside, x) => {
      const { path, names } = inside.frame;
      const home = { path, names, outerPath: path, name, isTaken: false };
      return asTensor(env.run.apply(inside, { ...layer, home }, [x], step.span));
    })
  );
}

function single(env: Env, inputs: readonly Tensor[], span: Span): Tensor | undefined {
  if (inputs.length === 1) return inputs[0];
  mistake(
    env,
    'BF2021',
    `a repeat takes one tensor, but the model has ${inputs.length} inputs`,
    span,
  );
  return undefined;
}

const asTensor = (value: Value): Tensor | undefined =>
  value.kind === 'tensor' ? value : undefined;
