// Calls of layers. The first call gives a layer its parameters, the second its tensors; a layer that needs no
// parameters may be given tensors at once.
import type { Argument, Block, Layer } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { scalarOf } from './emit.ts';
import { didYouMean, mistake } from './mistake.ts';
import { writtenOut } from './order.ts';
import { bindArguments, evaluateArgument, matchArguments, missingParams } from './parameters.ts';
import {
  describe,
  isNumeric,
  type LayersValue,
  type LayerValue,
  layerName,
  POISON,
  type Tensor,
  type Value,
} from './value.ts';

export function callLayer(
  env: Env,
  layer: LayerValue | LayersValue,
  args: readonly Argument[],
  span: Span,
): Value {
  if (layer.kind === 'layers') return callLayers(env, layer, args, span);
  if (layer.source.kind === 'placeholder' && layer.source.isOpen) {
    const values = args.map((arg) => env.run.evaluate(env, arg.value));
    if (values.some(isTensor)) return wantsExperts(env, layer, span);
    return { ...layer, source: { ...layer.source, isOpen: false } };
  }
  if (layer.source.kind !== 'item' || layer.isConfigured) {
    const values = args.map((arg) => env.run.evaluate(env, arg.value));
    return applyTo(env, layer, args, values, span);
  }
  const { item } = layer.source;
  const params = matchArguments(item, args);
  const values = args.map((arg, i) => evaluateArgument(env, params[i], arg.value));
  const takesTensors = missingParams(layer).length === 0 && args.length > 0;
  const hasTensors = item.params.length === 0 || values.some(isTensor);
  if (layer.isInline && hasTensors && !takesTensors) return wantsExperts(env, layer, span);
  if (takesTensors && hasTensors) {
    return applyTo(env, layer, args, values, span);
  }
  const given = args.map((argument, i) => ({ argument, param: params[i], value: values[i]! }));
  const bound = bindArguments(env, item, layer.args, given);
  return bound ? { ...layer, args: bound, isConfigured: true } : POISON;
}

const isTensor = (value: Value): boolean => value.kind === 'tensor';

function wantsExperts(env: Env, layer: LayerValue, span: Span): Value {
  const name = layer.name ?? layerName(layer);
  return mistake(env, 'BF2037', `\`${name}\` is a router: it takes its experts first`, span, {
    hint: `write \`${name}(experts: ..., expert: ...)(x)\``,
  });
}

/** `subs(x)`: the sum of what the sub-layers of a row give. */
function callLayers(env: Env, layers: LayersValue, args: readonly Argument[], span: Span): Value {
  const [only, ...more] = args.map((arg) => env.run.evaluate(env, arg.value));
  if (only?.kind === 'poison') return POISON;
  if (only?.kind !== 'tensor' || more.length > 0) {
    return mistake(env, 'BF2023', 'the sub-layers of a row take one tensor', span);
  }
  const members = writtenOut(env, layers.steps, span)?.map(({ layer }) => layer);
  return members ? env.run.applyAll(env, members, only, span) : POISON;
}

/** The second call: arguments in the order of the inputs, or by their names. */
function applyTo(
  env: Env,
  layer: LayerValue,
  args: readonly Argument[],
  values: readonly Value[],
  span: Span,
): Value {
  if (values.some((value) => value.kind === 'poison')) return POISON;
  const ordered = orderInputs(env, layer, args, values, span);
  if (!ordered) return POISON;
  const tensors: Tensor[] = [];
  for (const [i, { value, span: at }] of ordered.entries()) {
    const tensor = inputTensor(env, layer, i, value, at);
    if (!tensor) return POISON;
    tensors.push(tensor);
  }
  return env.run.apply(env, layer, tensors, span);
}

function orderInputs(
  env: Env,
  layer: LayerValue,
  args: readonly Argument[],
  values: readonly Value[],
  span: Span,
): { readonly value: Value; readonly span: Span }[] | undefined {
  const names = inputNames(layer);
  const shown = `\`${layerName(layer)}\``;
  const slots = new Map<number, { value: Value; span: Span }>();
  let next = 0;
  for (const [i, arg] of args.entries()) {
    const at = arg.name ? (names?.indexOf(arg.name.text) ?? -1) : next++;
    if (arg.name && at < 0) {
      mistake(env, 'BF2020', `${shown} has no input \`${arg.name.text}\``, arg.name.span, {
        hint: didYouMean(arg.name.text, names ?? []) ?? applicationHint(layer, arg.name.text),
      });
      return undefined;
    }
    if (slots.has(at)) {
      mistake(env, 'BF2022', `input \`${arg.name?.text ?? i}\` is given twice`, arg.span);
      return undefined;
    }
    slots.set(at, { value: values[i]!, span: arg.value.span });
  }
  if (names && (slots.size !== names.length || args.length !== names.length)) {
    const inputs = names.length === 1 ? 'one tensor' : `${names.length} tensors`;
    mistake(
      env,
      slots.size < names.length ? 'BF2021' : 'BF2022',
      `${shown} is applied to ${inputs}, not to ${args.length}`,
      span,
      {
        ...declaration(layer),
      },
    );
    return undefined;
  }
  return [...slots].sort(([a], [b]) => a - b).map(([, slot]) => slot);
}

const applicationHint = (layer: LayerValue, name: string): string | undefined =>
  layer.source.kind === 'item' && layer.source.item.params.some((p) => p.name.text === name)
    ? 'parameters come in the first call, tensors in the second'
    : undefined;

function declaration(layer: LayerValue) {
  if (layer.source.kind !== 'item') return {};
  return { related: [{ span: layer.source.item.name.span, message: 'declared here' }] };
}

/** The names of the inputs; not known of a placeholder. */
function inputNames({ source }: LayerValue): readonly string[] | undefined {
  if (source.kind === 'placeholder') return undefined;
  if (source.kind === 'function' || source.item.kind === 'block') return ['x'];
  return source.item.inputs.map((input) => input.name.text);
}

/** A tensor, or a number for an input that is a single number. */
function inputTensor(
  env: Env,
  layer: LayerValue,
  i: number,
  value: Value,
  span: Span,
): Tensor | undefined {
  if (value.kind === 'tensor') return value;
  const wanted = layer.source.kind === 'item' ? scalarInput(layer.source.item, i) : undefined;
  if (wanted && (isNumeric(value) || value.kind === 'bool')) {
    const tensor = scalarOf(env, value, wanted, span);
    return tensor.kind === 'poison' ? undefined : tensor;
  }
  mistake(
    env,
    'BF2023',
    `\`${layerName(layer)}\` is applied to tensors, not to ${describe(value)}`,
    span,
    declaration(layer),
  );
  return undefined;
}

/** The element type of an input that may be a single number. */
function scalarInput(item: Layer | Block, i: number) {
  const shape = item.kind === 'layer' ? item.inputs[i]?.shape : undefined;
  return shape?.axes.length === 0 ? shape.dtype : undefined;
}
