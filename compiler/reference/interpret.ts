// The meaning of a graph: evaluates it in float64 with plain loops, in the order in which it stands.
// Everything else is checked against this: kernels, passes, cost rules. Clear rather than fast; a t x t score row is
// looked at one query at a time. Knows nothing of schedules, kernels or files.

import type { Graph } from '../graph/graph.ts';
import { invariant, unreachable } from '../invariant.ts';
import type { DType, Node, NodeId, Region } from '../ops/op.ts';
import { castScalar } from '../ops/scalar.ts';
import { type Dim, evaluate } from '../shapes/dim.ts';
import { attend } from './attend.ts';
import { binary, gather, select, unary } from './elementwise.ts';
import type { Machine, Rounding, Work } from './rounding.ts';
import { cumsum, dot, reduce } from './sums.ts';
import { count, scalar, type Tensor } from './tensor.ts';
import { broadcast, concat, pad, slice, transpose } from './views.ts';

/** What a graph is evaluated on. Elements are row-major; bool is 0 or 1. */
export interface Bindings {
  readonly symbols: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** By full path name: `blocks.3.a.wq.w` where the graph has `blocks.{0}.a.wq.w`. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>;
}

export interface Interpretation {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly work: Work;
}

interface Context {
  readonly graph: Graph;
  readonly bindings: Bindings;
  readonly machine: Machine;
  readonly values: Map<NodeId, Tensor>;
  readonly weights: Map<string, Tensor>;
  /** The turns of the enclosing repeats, outermost first. */
  turns: readonly number[];
}

/**
 * Evaluates every output.
 * @param rounding makes each f32 result less exact; by default nothing is rounded
 * @throws InternalError ('graph') if an input, weight or symbol is missing or has the wrong number of elements
 */
export function interpret(graph: Graph, bindings: Bindings, rounding?: Rounding): Interpretation {
  const work: Work = { macs: 0, elementwise: 0 };
  const context: Context = {
    graph,
    bindings,
    machine: { work, rounding },
    values: new Map(),
    weights: new Map(),
    turns: [],
  };
  run(graph.nodes, context);
  const outputs = graph.outputs.map(({ name, node }) => [name, lookUp(node, context)] as const);
  return { outputs: Object.fromEntries(outputs), work };
}

function run(nodes: readonly Node[], context: Context): void {
  for (const node of nodes) context.values.set(node.id, evaluateNode(node, context));
}

function runRegion(region: Region, args: readonly Tensor[], context: Context): Tensor {
  region.params.forEach((param, i) => {
    context.values.set(param.id, args[i]!);
  });
  run(region.nodes, context);
  return lookUp(region.result, context);
}

function lookUp(id: NodeId, context: Context): Tensor {
  const value = context.values.get(id);
  invariant(value, 'graph', `node ${id} is used before it is computed`);
  return value;
}

function evaluateNode(node: Node, context: Context): Tensor {
  const { op } = node;
  const { machine, bindings } = context;
  const at = (size: Dim) => Number(evaluate(size, bindings.symbols));
  const operand = (index: number) => lookUp(node.inputs[index]!, context);
  switch (op.kind) {
    case 'input':
      return bind(op.name, bindings.inputs[op.name], node.type.dtype, node.type.shape.map(at));
    case 'weight':
      return weight(op.name, node.type.shape.map(at), context);
    case 'const': {
      const round = op.dtype === 'f32' ? machine.rounding : undefined;
      return scalar(op.dtype, round ? round.sum(op.value, Math.abs(op.value), 1) : op.value);
    }
    case 'size':
      return scalar('i32', at(op.size));
    case 'iota': {
      const size = at(op.size);
      return {
        dtype: 'i32',
        shape: [size],
        data: Float64Array.from({ length: size }, (_, i) => i),
      };
    }
    case 'unary':
      return unary(machine, op.fn, operand(0));
    case 'binary':
      return binary(machine, op.fn, operand(0), operand(1));
    case 'select':
      return select(operand(0), operand(1), operand(2));
    case 'cast': {
      const x = operand(0);
      return { ...x, dtype: op.to, data: x.data.map((value) => castScalar(op.to, value)) };
    }
    case 'reshape':
      return { ...operand(0), shape: op.shape.map(at) };
    case 'transpose':
      return transpose(operand(0), op.perm);
    case 'broadcast':
      return broadcast(operand(0), op.shape.map(at), op.axes);
    case 'slice':
      return slice(operand(0), op.axis, at(op.start), at(op.size), op.step);
    case 'pad':
      return pad(operand(0), op.axis, at(op.before), at(op.after));
    case 'concat':
      return concat(
        node.inputs.map((_, i) => operand(i)),
        op.axis,
      );
    case 'reduce':
      return reduce(machine, op.fn, operand(0), op.axes);
    case 'cumsum':
      return cumsum(machine, operand(0), op.axis);
    case 'dot':
      return dot(machine, op, operand(0), operand(1));
    case 'gather':
      return gather(
        operand(0),
        node.inputs.slice(1).map((_, i) => operand(i + 1)),
      );
    case 'attend':
      return attend(machine, operand(0), operand(1), operand(2), {
        scale: op.scale,
        keep: (...place) => !op.mask || isKept(op.mask, place, context),
        score: (s, ...place) => {
          if (!op.score) return s;
          const args = [scalar('f32', s), ...place.map((index) => scalar('i32', index))];
          return runRegion(op.score, args, context).data[0]!;
        },
      });
    case 'repeat':
      return repeat(op.count, op.body, operand(0), context);
    default:
      return unreachable(op, 'graph');
  }
}

/** The work of a mask counts only for the keys that it keeps: no kernel visits the others. */
function isKept(mask: Region, place: readonly number[], context: Context): boolean {
  const { work } = context.machine;
  const before = work.elementwise;
  const args = place.map((index) => scalar('i32', index));
  const keep = runRegion(mask, args, context).data[0] !== 0;
  if (!keep) work.elementwise = before;
  return keep;
}

function repeat(turns: number, body: Region, x: Tensor, context: Context): Tensor {
  const outer = context.turns;
  let carried = x;
  for (let turn = 0; turn < turns; turn++) {
    context.turns = [...outer, turn];
    carried = runRegion(body, [carried], context);
  }
  context.turns = outer;
  return carried;
}

function weight(template: string, shape: readonly number[], context: Context): Tensor {
  const name = weightName(template, context.turns);
  const known =
    context.weights.get(name) ?? bind(name, context.bindings.weights[name], 'f32', shape);
  context.weights.set(name, known);
  return known;
}

/** The full path name of a weight in given turns: `blocks.{0}.w` in turn 3 is `blocks.3.w`. */
export function weightName(template: string, turns: readonly number[]): string {
  return template.replace(/\{(\d+)\}/g, (_, depth) => String(turns[Number(depth)]));
}

function bind(
  name: string,
  elements: ArrayLike<number> | undefined,
  dtype: DType,
  shape: readonly number[],
): Tensor {
  invariant(elements, 'graph', `no value for ${name}`);
  const expected = count(shape);
  const found = elements.length;
  invariant(found === expected, 'graph', `${name} has ${found} elements, not ${expected}`);
  return { dtype, shape, data: new Float64Array(elements) };
}
