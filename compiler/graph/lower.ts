// Model -> Graph: calls are written out where they stand, repeats become `repeat` operations with a region, experts are
// batched over their rows. Changes no name; the tree of layers survives in each node's origin only.
import { invariant, unreachable } from '../invariant.ts';
import type { Body, Model, Step } from '../model/model.ts';
import type { Node, NodeId, Op, TensorType } from '../ops/op.ts';
import { type BatchContext, batchExperts } from './batch-experts.ts';
import type { Graph } from './graph.ts';

/** What becomes an output of the graph. */
export interface LowerOptions {
  /** Whether losses and measured values are outputs too; without, only the model's result is. Default false. */
  readonly auxiliary?: boolean;
}

export function lower(model: Model, { auxiliary = false }: LowerOptions = {}): Graph {
  const { name, symbols, inputs, weights, outputs, body } = model;
  let { nextId } = model;
  const types = new Map<NodeId, TensorType>();
  const routed = new Set(weights.filter((weight) => weight.routed).map((weight) => weight.name));
  const context: Context = {
    types,
    typeOf(id) {
      const type = types.get(id);
      invariant(type, 'lower', `value ${id} has no type`);
      return type;
    },
    newId: () => nextId++,
    isRouted: (weight) => routed.has(weight),
  };
  return {
    name,
    symbols,
    inputs,
    weights,
    nodes: nodesOf(body, context),
    outputs: outputs
      .filter(({ kind }) => auxiliary || kind === 'result')
      .map(({ name, kind, id }) => ({ name: name.replace(/\{\d+\}/g, '*'), kind, node: id })),
  };
}

interface Context extends BatchContext {
  /** Of what was lowered so far. */
  readonly types: Map<NodeId, TensorType>;
}

const nodesOf = (body: Body, context: Context): Node[] =>
  body.steps.flatMap((step) => flatten(step, context));

function flatten(step: Step, context: Context): Node[] {
  const { types } = context;
  switch (step.kind) {
    case 'op':
      types.set(step.node.id, step.node.type);
      return [step.node];
    case 'call':
      return nodesOf(step.instance.body, context);
    case 'repeat': {
      const { id, count, input, param, body, emits, path, span } = step;
      types.set(param.id, param.type).set(id, param.type);
      for (const emit of emits) types.set(emit.id, emit.type);
      const origin = { path, layer: '', span };
      const region = {
        params: [param],
        nodes: nodesOf(body, context),
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
    case 'experts': {
      const { id, count, input, expertOf, param, body, path, layer, span } = step;
      types.set(param.id, param.type).set(id, step.type);
      const rows = {
        id,
        experts: count,
        input,
        expertOf,
        param: param.id,
        nodes: nodesOf(body, context),
        result: body.result,
        origin: { path, layer, span },
      };
      return batchExperts(rows, context);
    }
    default:
      return unreachable(step, 'lower');
  }
}
