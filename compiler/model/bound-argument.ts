// Values as they are kept in a model: the parameters an instance was given, for printing and reports.
import type { BoundArgument, LayerRef } from './model.ts';
import { type LayerValue, layerName, type Value } from './value.ts';

/** `undefined` for what no parameter can be. */
export function boundArgument(value: Value): BoundArgument | undefined {
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
      return { kind: 'layer', layer: layerRef(value) };
    case 'layers':
      return { kind: 'layers', layers: (value.members ?? []).map(layerRef) };
    default:
      return undefined;
  }
}

/** The layer with the arguments it was given; defaults are not known before it is applied. */
function layerRef(layer: LayerValue): LayerRef {
  const args: [string, BoundArgument][] = [];
  for (const [name, { value }] of layer.args) {
    const bound = boundArgument(value);
    if (bound) args.push([name, bound]);
  }
  return { name: layerName(layer), args };
}
