// Model -> Graph: calls are written out where they stand, repeats become `repeat` operations with a region.
// Changes no operation and no name; the tree of layers survives in each node's origin only.
import { unreachable } from '../invariant.ts';
import type { Body, Model, Step } from '../model/model.ts';
import type { Node } from '../ops/op.ts';
import type { Graph } from './graph.ts';

export function lower(model: Model): Graph {
  const { name, symbols, inputs, weights, output, body } = model;
  return {
    name,
    symbols,
    inputs,
    weights,
    nodes: nodesOf(body),
    outputs: [{ name: output.name, node: output.id }],
  };
}

const nodesOf = (body: Body): Node[] => body.steps.flatMap(flatten);

function flatten(step: Step): Node[] {
  switch (step.kind) {
    case 'op':
      return [step.node];
    case 'call':
      return nodesOf(step.instance.body);
    case 'repeat': {
      const { id, count, input, param, body, path, span } = step;
      const region = { params: [param], nodes: nodesOf(body), result: body.result };
      return [
        {
          id,
          op: { kind: 'repeat', count, body: region },
          inputs: [input],
          type: param.type,
          origin: { path, layer: '', span },
        },
      ];
    }
    default:
      return unreachable(step, 'lower');
  }
}
