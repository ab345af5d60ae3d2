// The meaning of a graph: evaluates it in float64 with plain loops, in the order in which it stands.
// Everything else is checked against this: kernels, passes, cost rules. Clear rather than fast; a t x t score row is
// looked at one query at a time. Knows nothing of schedules, kernels or files.

import type { Graph } from '../graph/graph.ts';
import { weightName } from '../graph/weight-name.ts';
import { invariant, unreachable } from '../invariant.ts';
import type { DType, Node, NodeId, Region } from '../ops/op.ts';
import { castScalar } from '../ops/scalar.ts';
import { type Dim, evaluate } from '../shapes/dim.ts';
import { attend } from './attend.ts';
import { binary, gather, select, unary } from './elementwise.ts';
import { group, raggedDot, segmentSum, topK } from './groups.ts';
import type { Machine, Rounding, Work } from './rounding.ts';
import { cumsum, dot, reduce } from './sums.ts';
import { count, fill, scalar, stack, type Tensor } from './tensor.ts';
import { append, broadcast, concat, pad, slice, transpose } from './views.ts';

/** What a graph is evaluated on. Elements are row-major; bool is 0 or 1. */
export interface Bindings {
  readonly symbols: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** By full path name: `blocks.3.a.wq.w` where the graph has `blocks.{0}.a.wq.w`. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>;
  /** By full path name, as weights; zeros where absent. */
  readonly states?: Readonly<Record<string, ArrayLike<number>>>;
}

/** The outputs of an evaluation, by name, and the operations that it did. */
export interface Interpretation {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** By full path name: what the next run is to be given. */
  readonly states: Readonly<Record<string, Float64Array>>;
  readonly work: Work;
}

/**
 * Sees a node's value in the given turns of the enclosing repeats, outermost first, before any other node does: what it
 * changes of the elements is what the others see.
 */
export type Observe = (node: Node, turns: readonly number[], value: Tensor) => void;

interface Context {
  readonly observe: Observe | undefined;
  readonly graph: Graph;
  readonly bindings: Bindings;
  readonly machine: Machine;
  readonly values: Map<NodeId, Tensor>;
  readonly weights: Map<string, Tensor>;
  readonly states: Map<string, Float64Array>;
  /** The names of states, of the nodes that read them in the turns at hand. */
  readonly stateNames: Map<NodeId, string>;
  /** What each repeat emits: for each of its body's `emits`, the values of all turns. */
  readonly emitted: Map<NodeId, Tensor[][]>;
  /** The turns of the enclosing repeats, outermost first. */
  turns: readonly number[];
}

/**
 * Evaluates every output.
 * @param rounding makes each f32 result less exact; by default nothing is rounded
 * @param observe is called for every node, each time that it is evaluated
 * @throws InternalError ('graph') if an input, weight or symbol is missing or has the wrong number of elements
 */
export function interpret(
  graph: Graph,
  bindings: Bindings,
  rounding?: Rounding,
  observe?: Observe,
): Interpretation {
  const work: Work = { macs: 0, elementwise: 0 };
  const context: Context = {
    observe,
    graph,
    bindings,
    machine: { work, rounding },
    values: new Map(),
    weights: new Map(),
    states: new Map(),
    stateNames: new Map(),
    emitted: new Map(),
    turns: [],
  };
  run(graph.nodes, context);
  const outputs = graph.outputs.map(({ name, node }) => [name, lookUp(node, context)] as const);
  const states = Object.fromEntries(context.states);
  return { outputs: Object.fromEntries(outputs), states, work };
}

function run(nodes: readonly Node[], context: Context): void {
  for (const node of nodes) {
    const value = evaluateNode(node, context);
    context.values.set(node.id, value);
    context.observe?.(node, context.turns, value);
  }
}

function lookUp(id: NodeId, context: Context): Tensor {
  const value = context.values.get(id);
  invariant(value, 'graph', `node ${id} is used before it is computed`);
  return value;
}

function sizeAt(size: Dim, { bindings }: Context): number {
  return Number(evaluate(size, bindings.symbols));
}

function shapeAt(shape: readonly Dim[], context: Context): number[] {
  return shape.map((size) => sizeAt(size, context));
}

function evaluateNode(node: Node, context: Context): Tensor {
  const { op, type } = node;
  const { machine, bindings } = context;
  const operands = node.inputs.map((id) => lookUp(id, context));
  const [x, y, z] = operands as [Tensor, Tensor, Tensor];
  switch (op.kind) {
    case 'input':
      return bind(op.name, bindings.inputs[op.name], type.dtype, shapeAt(type.shape, context));
    case 'weight':
      return weight(op.name, shapeAt(type.shape, context), context);
    case 'const': {
      const round = op.dtype === 'f32' ? machine.rounding : undefined;
      return scalar(op.dtype, round ? round.sum(op.value, Math.abs(op.value), 1) : op.value);
    }
    case 'size':
      return scalar('i32', sizeAt(op.size, context));
    case 'iota':
      return fill('i32', [sizeAt(op.size, context)], (index) => index);
    case 'unary':
      return unary(machine, op.fn, x);
    case 'binary':
      return binary(machine, op.fn, x, y);
    case 'select':
      return select(x, y, z);
    case 'cast':
      return fill(op.to, x.shape, (at) => castScalar(op.to, x.data[at]!));
    case 'reshape':
      return { ...x, shape: shapeAt(op.shape, context) };
    case 'transpose':
      return transpose(x, op.perm);
    case 'broadcast':
      return broadcast(x, shapeAt(op.shape, context), op.axes);
    case 'slice':
      return slice(x, op.axis, sizeAt(op.start, context), sizeAt(op.size, context), op.step);
    case 'pad':
      return pad(x, op.axis, sizeAt(op.before, context), sizeAt(op.after, context));
    case 'concat':
      return concat(operands, op.axis);
    case 'reduce':
      return reduce(machine, op.fn, x, op.axes);
    case 'cumsum':
      return cumsum(machine, x, op.axis);
    case 'dot':
      return op.ragged ? raggedDot(machine, op, x, y, z) : dot(machine, op, x, y);
    case 'gather':
      return gather(x, operands.slice(1));
    case 'top_k':
      return topK(x, sizeAt(op.k, context));
    case 'group':
      return group(x, sizeAt(op.groups, context), op.gives);
    case 'segment_sum':
      return segmentSum(machine, x, y);
    case 'attend': {
      const mask = op.mask && scalarBody(op.mask, context);
      const score = op.score && scalarBody(op.score, context);
      return attend(machine, x, y, z, {
        scale: op.scale,
        keep: (...place) => !mask || isKept(mask, place, machine),
        score: (...args) => (score ? score(args) : args[0]),
      });
    }
    case 'repeat':
      return repeat(node, op.count, op.body, x, context);
    case 'turns':
      return stack(context.emitted.get(node.inputs[0]!)![op.index]!);
    case 'state':
      return state(node, op.name, shapeAt(type.shape, context), context);
    case 'append': {
      const appended = append(x, y, z, op);
      context.states.set(context.stateNames.get(node.inputs[0]!)!, appended.data);
      return appended;
    }
    default:
      return unreachable(op, 'graph');
  }
}

type ScalarBody = (args: readonly number[]) => number;

/** A body of attention, to be run for each pair; what depends on no parameter and takes no work is computed once. */
function scalarBody({ params, nodes, result }: Region, context: Context): ScalarBody {
  run(nodes.filter(isLeaf), context);
  const perPair = nodes.filter((node) => !isLeaf(node));
  return (args) => {
    params.forEach(({ id, type }, i) => {
      context.values.set(id, scalar(type.dtype, args[i]!));
    });
    run(perPair, context);
    return lookUp(result, context).data[0]!;
  };
}

const isLeaf = (node: Node): boolean => node.inputs.length === 0;

/** The work of a mask counts only for the keys that it keeps: no kernel visits the others. */
function isKept(mask: ScalarBody, place: readonly number[], { work }: Machine): boolean {
  const before = work.elementwise;
  const keep = mask(place) !== 0;
  if (!keep) work.elementwise = before;
  return keep;
}

function repeat(node: Node, turns: number, body: Region, x: Tensor, context: Context): Tensor {
  const outer = context.turns;
  const emits = body.emits ?? [];
  const emitted = emits.map((): Tensor[] => []);
  let carried = x;
  for (let turn = 0; turn < turns; turn++) {
    context.turns = [...outer, turn];
    context.values.set(body.params[0]!.id, carried);
    run(body.nodes, context);
    carried = lookUp(body.result, context);
    emits.forEach((id, i) => {
      emitted[i]!.push(lookUp(id, context));
    });
  }
  context.turns = outer;
  context.emitted.set(node.id, emitted);
  return carried;
}

function weight(template: string, shape: readonly number[], context: Context): Tensor {
  const name = weightName(template, context.turns);
  const known =
    context.weights.get(name) ?? bind(name, context.bindings.weights[name], 'f32', shape);
  context.weights.set(name, known);
  return known;
}

function state(node: Node, template: string, shape: readonly number[], context: Context): Tensor {
  const name = weightName(template, context.turns);
  context.stateNames.set(node.id, name);
  const known = context.bindings.states?.[name];
  return bind(name, known ?? new Float64Array(count(shape)), node.type.dtype, shape);
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
