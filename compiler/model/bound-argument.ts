// Values as they are kept in a model: the parameters an instance was given, for printing and reports.
import type { Item } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import { countEvaluation } from './budget.ts';
import type { Env } from './context.ts';
import type { BoundArgument, LayerRef } from './model.ts';
import { writtenOut } from './order.ts';
import { type LayerValue, layerName, type Value } from './value.ts';

/** The layer whose parameters are bound in the scope of `env`. */
export function boundLayer(env: Env, item: Item, use: Span): LayerRef {
  const args: [string, BoundArgument][] = [];
  for (const { name } of item.params) {
    const value = env.scope.names.get(name.text)?.value;
    const bound = value && boundArgument(env, value, use);
    if (bound) args.push([name.text, bound]);
  }
  return { name: item.name.text, args };
}

/** `undefined` for what no parameter can be. Layers within layers are written out, so they are counted. */
function boundArgument(env: Env, value: Value, use: Span): BoundArgument | undefined {
  countEvaluation(env, use);
  switch (value.kind) {
    case 'size':
      return { kind: 'size', text: value.size.text };
    case 'number':
      return { kind: 'number', value: value.value ?? Number.NaN };
    case 'bool':
      return { kind: 'bool', value: value.value ?? false };
    case 'member':
      return { kind: 'member', name: value.name };
    case 'layer':
      return { kind: 'layer', layer: layerRef(env, value, use) };
    case 'layers':
      return {
        kind: 'layers',
        layers: (writtenOut(env, value.steps, use) ?? []).map(({ layer }) =>
          layerRef(env, layer, use),
        ),
      };
    default:
      return undefined;
  }
}

/** The layer with the arguments it was given; defaults are not known before it is applied. */
function layerRef(env: Env, layer: LayerValue, use: Span): LayerRef {
  const args: [string, BoundArgument][] = [];
  for (const [name, { value }] of layer.args) {
    const bound = boundArgument(env, value, use);
    if (bound) args.push([name, bound]);
  }
  return { name: layerName(layer), args };
}
