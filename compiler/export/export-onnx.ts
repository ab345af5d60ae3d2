// A graph as an ONNX model: every core operation in operators of opset 20, batch and length dynamic. Repeats are
// unrolled, so that each weight is an initializer under its full path name. Sees graph types only.
import type { Graph, GraphInput } from '../graph/graph.ts';
import { weightName } from '../graph/weight-name.ts';
import { InternalError, invariant, unreachable } from '../invariant.ts';
import type { Node, NodeId, Op, Region, TensorType } from '../ops/op.ts';
import { asNumber } from '../shapes/dim.ts';
import { binary, cast, ONNX_TYPE, unary } from './elementwise.ts';
import { group, raggedDot, segmentSum, topK } from './groups.ts';
import { DATA_TYPE, EXTERNAL, encodeModel, type TypeProto } from './onnx-proto.ts';
import { attend, dot, reduce } from './products.ts';
import { broadcast, gather, pad, reshape, slice, stack } from './views.ts';
import { createWriter, type Name, type SymbolPlace, type Writer } from './writer.ts';

export const OPSET = 20;
const IR_VERSION = 10;

export interface OnnxOptions {
  /** The elements of a weight, by full path name. */
  readonly weight: (name: string) => Float32Array;
  /** The file, beside the model's, that the weights go to; without it they are in the model. */
  readonly weightsFile?: string;
  readonly doc?: string | undefined;
}

export interface OnnxModel {
  readonly model: Uint8Array;
  /** What the file of weights holds, one after the other; empty where they are in the model. */
  readonly weights: readonly Uint8Array[];
}

interface Context extends OnnxOptions {
  readonly w: Writer;
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Name>;
  readonly values: Map<NodeId, { readonly name: Name; readonly type: TensorType }>;
  readonly weights: Map<string, Name>;
  readonly external: Uint8Array[];
  /** What each repeat emits: for each of its body's `emits`, the values of all turns. */
  readonly emitted: Map<NodeId, Name[][]>;
  /** The turns of the enclosing repeats, outermost first. */
  turns: readonly number[];
}

/**
 * The ONNX model of a graph.
 * @throws InternalError ('export') where a size of the graph is told by no input
 */
export function exportOnnx(graph: Graph, options: OnnxOptions): OnnxModel {
  const w = createWriter(placesOf(graph.inputs));
  const inputs = new Map(graph.inputs.map(({ name }) => [name, w.claim(name)]));
  const outputs = graph.outputs.map(({ name }) => w.claim(name));
  const context: Context = {
    ...options,
    w,
    graph,
    inputs,
    values: new Map(),
    weights: new Map(),
    external: [],
    emitted: new Map(),
    turns: [],
  };
  run(graph.nodes, context);
  w.at('outputs');
  graph.outputs.forEach(({ node }, i) => {
    w.define([outputs[i]!], 'Identity', [lookUp(node, context).name]);
  });
  const types = graph.outputs.map(({ node }) => lookUp(node, context).type);
  const model = encodeModel({
    irVersion: IR_VERSION,
    producerName: 'bform',
    ...(options.doc !== undefined && { docString: options.doc }),
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: graph.name,
      node: w.nodes,
      initializer: w.initializers,
      input: graph.inputs.map(({ name, type }) => ({
        name: inputs.get(name)!,
        type: onnxType(type),
      })),
      output: outputs.map((name, i) => ({ name, type: onnxType(types[i]!) })),
    },
  });
  return { model, weights: context.external };
}

/** The axes that are a multiple of one symbol tell it, as they do when a bundle is run. */
function placesOf(inputs: readonly GraphInput[]): Map<string, SymbolPlace> {
  const places = new Map<string, SymbolPlace>();
  for (const { name, type } of inputs) {
    for (const [axis, { terms }] of type.shape.entries()) {
      const [only, ...more] = terms;
      if (!only || more.length > 0 || only.powers.length !== 1) continue;
      const [atom, power] = only.powers[0]!;
      if (power !== 1 || places.has(atom)) continue;
      places.set(atom, { input: name, axis, num: only.num, den: only.den });
    }
  }
  return places;
}

function onnxType({ dtype, shape }: TensorType): TypeProto {
  const dim = shape.map((size) => {
    const dimValue = asNumber(size);
    return dimValue === undefined ? { dimParam: size.text } : { dimValue };
  });
  return { tensorType: { elemType: DATA_TYPE[ONNX_TYPE[dtype]], shape: { dim } } };
}

function run(nodes: readonly Node[], context: Context): void {
  for (const node of nodes) {
    context.w.at(weightName(node.origin.path, context.turns));
    context.values.set(node.id, { name: write(node, context), type: node.type });
  }
}

function lookUp(
  id: NodeId,
  { values }: Context,
): { readonly name: Name; readonly type: TensorType } {
  const value = values.get(id);
  invariant(value, 'export', `node ${id} is used before it is computed`);
  return value;
}

/** Writes the nodes of one operation; gives the name of its result. */
function write(node: Node, context: Context): Name {
  const { op, type } = node;
  const { w } = context;
  const operands = node.inputs.map((id) => lookUp(id, context));
  const names = operands.map(({ name }) => name);
  const types = operands.map((operand) => operand.type);
  const [x, y, z] = names as [Name, Name, Name];
  switch (op.kind) {
    case 'input':
      return context.inputs.get(op.name)!;
    case 'weight':
      return weight(weightName(op.name, context.turns), type, context);
    case 'const':
      return w.scalar(ONNX_TYPE[op.dtype], op.value);
    case 'size':
      return w.op('Cast', [w.size(op.size)], { to: DATA_TYPE.int32 });
    case 'iota':
      return w.iota(op.size);
    case 'unary':
      return unary(w, op.fn, x);
    case 'binary':
      return binary(w, op.fn, types[0]!.dtype, x, y);
    case 'select':
      return w.op('Where', [x, y, z]);
    case 'cast':
      return cast(w, types[0]!.dtype, op.to, x);
    case 'reshape':
      return reshape(w, x, op.shape);
    case 'transpose':
      return w.op('Transpose', [x], { perm: op.perm });
    case 'broadcast':
      return broadcast(w, x, op);
    case 'slice':
      return slice(w, x, op);
    case 'pad':
      return pad(w, x, types[0]!, op);
    case 'concat':
      return w.op('Concat', names, { axis: op.axis });
    case 'reduce':
      return reduce(w, x, op);
    case 'cumsum':
      return w.op('CumSum', [x, w.scalar('int64', op.axis)]);
    case 'dot':
      return op.ragged ? raggedDot(w, [x, y, z], types, op) : dot(w, x, y, op);
    case 'gather':
      return gather(w, x, types[0]!.shape, names.slice(1));
    case 'top_k':
      return topK(w, x, op);
    case 'group':
      return group(w, x, types[0]!, op);
    case 'segment_sum':
      return segmentSum(w, x, y, types);
    case 'attend':
      return attend(w, [x, y, z], types, op, (region, params) => body(region, params, context));
    case 'repeat':
      return repeat(node, op, x, context);
    case 'turns':
      return stack(w, context.emitted.get(node.inputs[0]!)![op.index]!);
    case 'state':
    case 'append':
      throw new InternalError('export', `${op.kind} is of no model's graph`);
    default:
      return unreachable(op, 'export');
  }
}

function weight(name: string, { shape }: TensorType, context: Context): Name {
  const { w, weights, external, weightsFile } = context;
  const known = weights.get(name);
  if (known !== undefined) return known;
  const claimed = w.claim(name);
  weights.set(name, claimed);
  const data = context.weight(name);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const tensor = { name: claimed, dataType: DATA_TYPE.float, dims: shape.map((n) => asNumber(n)!) };
  if (weightsFile === undefined) {
    w.add({ ...tensor, rawData: bytes });
    return claimed;
  }
  const offset = external.reduce((sum, { length }) => sum + length, 0);
  external.push(bytes);
  const places = { location: weightsFile, offset: String(offset), length: String(bytes.length) };
  const externalData = Object.entries(places).map(([key, value]) => ({ key, value }));
  w.add({ ...tensor, dataLocation: EXTERNAL, externalData });
  return claimed;
}

/** Of attention: its scalars become tensors over batch, head, query and key, which broadcast against each other. */
function body(region: Region, params: readonly Name[], context: Context): Name {
  const varying = new Set<NodeId>();
  region.params.forEach(({ id, type }, i) => {
    context.values.set(id, { name: params[i]!, type });
    varying.add(id);
  });
  for (const { id, op, inputs, type } of region.nodes) {
    if (!inputs.some((input) => varying.has(input))) continue;
    varying.add(id);
    const isScalar = type.shape.length === 0;
    const isFixed = op.kind !== 'gather' || !varying.has(inputs[0]!);
    invariant(isScalar && isFixed, 'export', `a ${op.kind} in a body of attention is no scalar`);
  }
  run(region.nodes, context);
  return lookUp(region.result, context).name;
}

function repeat(
  node: Node,
  { count, body: { params, nodes, result, emits = [] } }: Extract<Op, { kind: 'repeat' }>,
  x: Name,
  context: Context,
): Name {
  const outer = context.turns;
  const emitted = emits.map((): Name[] => []);
  let carried = x;
  for (let turn = 0; turn < count; turn++) {
    context.turns = [...outer, turn];
    context.values.set(params[0]!.id, { name: carried, type: node.type });
    run(nodes, context);
    carried = lookUp(result, context).name;
    emits.forEach((id, i) => {
      emitted[i]!.push(lookUp(id, context).name);
    });
  }
  context.turns = outer;
  context.emitted.set(node.id, emitted);
  return carried;
}
