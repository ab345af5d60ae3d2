// Applies a layer to tensors: a new instance with a path of its own, its parameters bound, its shapes checked, its body
// put together as a call step of the frame. A wiring leaves no instance: its body is written into its block.
import type { Layer } from '../ast/ast.ts';
import { unreachable } from '../invariant.ts';
import type { Span } from '../source.ts';
import { runBlock } from './block.ts';
import { boundLayer } from './bound-argument.ts';
import { countLayer, deeperLayer } from './budget.ts';
import { callFunctionOn } from './builtins/call-function.ts';
import { checkConstraints } from './constraints.ts';
import { type Env, type Frame, innerScope, joinPath, type Scope, uniqueName } from './context.ts';
import { binary, scalarOf } from './emit.ts';
import { evaluateBody } from './evaluate.ts';
import { mistake, userPlace } from './mistake.ts';
import type { LayerRef, Step } from './model.ts';
import { declareParams } from './parameters.ts';
import { bindInputs, checkSizes, returned } from './signature.ts';
import { mayEqual } from './sizes.ts';
import {
  describe,
  isNumeric,
  type LayerSource,
  type LayerValue,
  layerName,
  POISON,
  shapeText,
  type Tensor,
  type Value,
} from './value.ts';

type ItemSource = Extract<LayerSource, { kind: 'item' }>;

/** The result of a layer on tensors, as many as it has inputs. */
export function applyLayer(
  env: Env,
  layer: LayerValue,
  inputs: readonly Tensor[],
  span: Span,
): Value {
  const { source } = layer;
  switch (source.kind) {
    case 'placeholder':
      return (source.keepsShape && inputs[0]) || POISON;
    case 'function':
      if (inputs.length !== 1) return wrongArity(env, source.name, 1, inputs.length, span);
      return callFunctionOn(env, source.name, inputs[0]!, span);
    case 'item':
      if (layer.isInline) return applyWiring(env, layer, env.frame.prefix, inputs[0]!, span);
      return applyItem(env, layer, source, inputs, span);
    default:
      return unreachable(source, 'elaborate');
  }
}

function applyItem(
  env: Env,
  layer: LayerValue,
  source: ItemSource,
  inputs: readonly Tensor[],
  span: Span,
): Value {
  const { frame } = env;
  const { item } = source;
  const wanted = item.kind === 'layer' ? item.inputs.length : 1;
  if (inputs.length !== wanted) {
    return wrongArity(env, item.name.text, wanted, inputs.length, span, item.name.span);
  }
  countLayer(env, span);
  const path = instancePath(frame, layer);
  const steps: Step[] = frame.isRegion ? frame.steps : [];
  const inside: Frame = {
    ...frame,
    path,
    layer: layerName(layer),
    names: new Map(),
    prefix: '',
    isRouter: false,
    steps,
    weightSteps: frame.isRegion ? frame.weightSteps : steps,
    use: { span, frame },
  };
  const outcome = runItem(env, inside, layer, source, inputs, span);
  if (!outcome) return POISON;
  if (!frame.isRegion) {
    const instance = {
      path,
      kind: source.item.kind,
      layer: outcome.ref,
      inputs: inputs.map((input) => input.id),
      body: { steps, result: outcome.result.id },
      span,
      use: userPlace(env, span),
    };
    frame.steps.push({ kind: 'call', instance });
  }
  return outcome.result;
}

function wrongArity(
  env: Env,
  name: string,
  wanted: number,
  given: number,
  span: Span,
  declared?: Span,
): Value {
  const text = wanted === 1 ? 'one tensor' : `${wanted} tensors`;
  const code = given < wanted ? 'BF2021' : 'BF2022';
  return mistake(env, code, `\`${name}\` is applied to ${text}, not to ${given}`, span, {
    related: declared ? [{ span: declared, message: 'declared here' }] : [],
  });
}

/** Where the new instance stands: its home if it has one, else here, by its name. */
function instancePath(frame: Frame, layer: LayerValue): string {
  const { home } = layer;
  if (!home) {
    const name = uniqueName(frame.names, frame.prefix + (layer.name ?? layerName(layer)));
    return joinPath(frame.path, name);
  }
  if (home.isTaken) return joinPath(home.outerPath, uniqueName(home.names, home.name));
  home.isTaken = true;
  return home.path;
}

/** A wiring or router applied in the frame at hand; `prefix` goes before the names of what it applies. */
export function applyWiring(
  env: Env,
  wiring: LayerValue,
  prefix: string,
  input: Tensor,
  span: Span,
): Value {
  if (wiring.source.kind !== 'item') return POISON;
  countLayer(env, span);
  const { frame } = env;
  const inside: Frame = {
    ...frame,
    layer: layerName(wiring),
    prefix,
    isRouter: wiring.isInline === true,
    use: { span, frame },
  };
  return runItem(env, inside, wiring, wiring.source, [input], span)?.result ?? POISON;
}

interface Outcome {
  readonly result: Tensor;
  readonly ref: LayerRef;
}

function runItem(
  env: Env,
  frame: Frame,
  layer: LayerValue,
  { item, module, lineage }: ItemSource,
  inputs: readonly Tensor[],
  span: Span,
): Outcome | undefined {
  return deeperLayer(env, item.name.text, span, () => {
    const scope: Scope = { names: new Map(), outer: undefined, module, lineage };
    const inside: Env = { run: env.run, frame, scope };
    const result =
      item.kind === 'layer'
        ? runLayer(inside, layer, item, inputs, span)
        : runBlock(inside, item, layer.args, inputs[0]!, span);
    if (!result) return undefined;
    return { result, ref: boundLayer(inside, item, span) };
  });
}

function runLayer(
  env: Env,
  { args }: LayerValue,
  item: Layer,
  inputs: readonly Tensor[],
  use: Span,
): Tensor | undefined {
  const signature = bindInputs(env, item, inputs, use);
  if (!signature || !declareParams(env, item, args, use)) return undefined;
  if (!checkSizes(env, item, inputs, use) || !checkConstraints(env, item, args, use))
    return undefined;
  const body: Env = { ...env, scope: innerScope(env.scope) };
  for (const [i, { name }] of item.inputs.entries()) {
    env.scope.names.set(name.text, { value: signature.inputs[i]!, span: name.span });
  }
  const result = resultTensor(env, evaluateBody(body, item.body), item);
  return result && returned(env, item, result, signature, args);
}

/** A body may give a plain number where a single number is promised. */
function resultTensor(env: Env, value: Value, item: Layer): Tensor | undefined {
  if (value.kind === 'tensor') return value;
  if (value.kind === 'poison') return undefined;
  const { dtype } = item.output;
  const { span } = item.body.result;
  if (isNumeric(value) || value.kind === 'bool') {
    const scalar = scalarOf(env, value, dtype, span);
    return scalar.kind === 'tensor' ? scalar : undefined;
  }
  mistake(env, 'BF2023', `\`${item.name.text}\` gives a tensor, not ${describe(value)}`, span);
  return undefined;
}

/** What each layer gives on the input, added up. */
export function applySum(
  env: Env,
  layers: readonly LayerValue[],
  input: Tensor,
  span: Span,
): Value {
  let sum: Tensor | undefined;
  for (const layer of layers) {
    const value = applyLayer(env, layer, [input], span);
    if (value.kind !== 'tensor') return POISON;
    if (sum && !sameShape(env, sum, value)) {
      return mistake(
        env,
        'BF3001',
        `the sub-layers of the row give ${shapeText(sum)} and ${shapeText(value)}, which cannot be added`,
        span,
      );
    }
    sum = sum ? binary(env, 'add', sum, value, span) : value;
  }
  return sum ?? POISON;
}

const sameShape = (env: Env, a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype &&
  a.axes.length === b.axes.length &&
  a.axes.every((axis, i) => mayEqual(env, axis.size, b.axes[i]!.size));
