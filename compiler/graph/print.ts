// A graph as text, one line a node, regions indented below their node. The same graph always gives the same text.
//
//   %4 = dot[0 1, 1 2 -> 0 2](%2, %3) : f32[b, 16]   # blocks.{0}.f
import { unreachable } from '../invariant.ts';
import type { Node, Op, Region } from '../ops/op.ts';
import { typeText } from '../ops/type-text.ts';
import type { Dim } from '../shapes/dim.ts';
import type { Graph, GraphInput, Initializer, StateSpec, SymbolSpec, WeightSpec } from './graph.ts';

/** The graph as text, a line for each node; stable, for people and for tests. */
export function printGraph(graph: Graph): string {
  return [
    `graph ${graph.name}`,
    ...graph.symbols.map(symbolLine),
    ...graph.inputs.map(inputLine),
    ...graph.weights.map(weightLine),
    ...(graph.states ?? []).map(stateLine),
    ...graph.nodes.flatMap((node) => nodeLines(node, '')),
    ...graph.outputs.map(
      ({ name, kind, node }) => `${kind === 'result' ? 'output' : kind} ${name} = %${node}`,
    ),
    '',
  ].join('\n');
}

function symbolLine({ name, min, max }: SymbolSpec): string {
  return `symbol ${name} ${min}..${max ?? ''}`;
}

function inputLine({ name, type, range }: GraphInput): string {
  return `input ${name}: ${typeText(type)}${range ? ` in ${range.join('..')}` : ''}`;
}

function weightLine({ name, dtype, shape, init, repeats, embedding }: WeightSpec): string {
  const times = repeats.map((count) => ` * ${count}`).join('');
  const note = embedding ? '   # embedding' : '';
  return `weight ${name}: ${dtype}[${shape.join(', ')}]${times} = ${initText(init)}${note}`;
}

function stateLine({ name, type, repeats }: StateSpec): string {
  return `state ${name}: ${typeText(type)}${repeats.map((count) => ` * ${count}`).join('')}`;
}

export function initText(init: Initializer): string {
  switch (init.kind) {
    case 'zeros':
    case 'ones':
      return init.kind;
    case 'constant':
      return `constant(${init.value})`;
    case 'normal':
      return `normal(std: ${init.std})`;
    case 'uniform':
      return `uniform(${init.low}, ${init.high})`;
    default:
      return unreachable(init, 'graph');
  }
}

function nodeLines(node: Node, indent: string): string[] {
  const operands = node.inputs.map((id) => `%${id}`).join(', ');
  const value = opText(node.op) + (operands && `(${operands})`);
  const path = node.origin.path && `   # ${node.origin.path}`;
  const line = `${indent}%${node.id} = ${value} : ${typeText(node.type)}${path}`;
  return [
    line,
    ...bodies(node.op).flatMap(([name, body]) => regionLines(name, body, `${indent}  `)),
  ];
}

function bodies(op: Op): (readonly [name: string, region: Region])[] {
  if (op.kind === 'repeat') return [['body', op.body]];
  if (op.kind !== 'attend') return [];
  return [
    ...(op.score ? [['score', op.score] as const] : []),
    ...(op.mask ? [['mask', op.mask] as const] : []),
  ];
}

function regionLines(name: string, region: Region, indent: string): string[] {
  const params = region.params.map(({ id, type }) => `%${id}: ${typeText(type)}`).join(', ');
  return [
    `${indent}${name}(${params})`,
    ...region.nodes.flatMap((node) => nodeLines(node, `${indent}  `)),
    `${indent}  -> ${[region.result, ...(region.emits ?? [])].map((id) => `%${id}`).join(', ')}`,
  ];
}

const list = (values: readonly (number | Dim)[]): string =>
  values.map((value) => (typeof value === 'number' ? value : value.text)).join(' ');

function opText(op: Op): string {
  switch (op.kind) {
    case 'input':
    case 'weight':
    case 'state':
      return `${op.kind}[${op.name}]`;
    case 'const':
      return `const[${Object.is(op.value, -0) ? '-0' : op.value}]`;
    case 'size':
    case 'iota':
      return `${op.kind}[${op.size.text}]`;
    case 'unary':
    case 'binary':
      return op.fn;
    case 'select':
      return 'select';
    case 'cast':
      return `cast[${op.to}]`;
    case 'reshape':
      return 'reshape';
    case 'transpose':
      return `transpose[${list(op.perm)}]`;
    case 'broadcast':
      return `broadcast[${list(op.axes)}]`;
    case 'slice':
      return `slice[axis ${op.axis}, from ${op.start.text}${op.step === 1 ? '' : `, step ${op.step}`}]`;
    case 'pad':
      return `pad[axis ${op.axis}, ${op.before.text} before, ${op.after.text} after]`;
    case 'concat':
    case 'cumsum':
      return `${op.kind}[axis ${op.axis}]`;
    case 'reduce':
      return `reduce[${op.fn}, axes ${list(op.axes)}]`;
    case 'dot':
      return `${op.ragged ? 'ragged ' : ''}dot[${list(op.lhs)}, ${list(op.rhs)} -> ${list(op.out)}]`;
    case 'gather':
    case 'segment_sum':
      return op.kind;
    case 'top_k':
      return `top_k[${op.k.text}]`;
    case 'group':
      return `group[${op.gives} of ${op.groups.text}]`;
    case 'turns':
      return `turns[${op.index}]`;
    case 'attend':
      return `attend[scale ${op.scale}]`;
    case 'repeat':
      return `repeat[${op.count}]`;
    case 'append':
      return `append[axis ${op.axis}, batch ${op.batch}]`;
    default:
      return unreachable(op, 'graph');
  }
}
