// Model -> Graph: calls are written out where they stand, repeats become `repeat` operations with a region.
// Changes no operation and no name; the tree of layers survives in each node's origin only.
import { unreachable } from '../invariant.ts';
import type { Body, Model, Step } from '../model/model.ts';
import type { Node, Op } from '../ops/op.ts';
import type { Graph } from './graph.ts';

export interface LowerOptions {
  /** Whether losses and measured values are outputs too; without, only the model's result is. Default false. */
  readonly auxiliary?: boolean;
}

export function lower(model: Model, { auxiliary = false }: LowerOptions = {}): Graph {
  const { name, symbols, inputs, weights, outputs, body } = model;
  return {
    name,
    symbols,
    inputs,
    weights,
    nodes: nodesOf(body),
    outputs: outputs
      .filter(({ kind }) => auxiliary || kind === 'result')
      .map(({ name, kind, id }) => ({ name: name.replace(/\{\d+\}/g, '*'), kind, node: id })),
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
      const { id, count, input, param, body, emits, path, span } = step;
      const origin = { path, layer: '', span };
      const region = {
        params: [param],
        nodes: nodesOf(body),
        result: body.result,
        ...(emits.length > 0 && { emits: emits.map(({ value }) => value) }),
      };
      const repeat: Op = { kind: 'repeat', count, body: region };
      return [
        { id, op: repeat, inputs: [input], type: param.type, origin },
        ...emits.map((emit, index): Node => {
          const op: Op = { kind: 'turns', index };
          return { id: emit.id, op, inputs: [id], type: emit.type, origin };
        }),
      ];
    }
    default:
      return unreachable(step, 'lower');
  }
}
