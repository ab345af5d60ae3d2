// Checks a graph between stages: what later stages take for granted. Throws, as only the compiler can be at fault.
//   operands come before their use and are in scope, also across regions; ids are unique
//   types are what the shape rules say; inputs and weights are declared, with the declared types
//   sizes are never negative and slices stay inside, for all values that the symbols may take
//   the bodies of attention are pointwise
import { InternalError, invariant } from '../invariant.ts';
import type { Node, NodeId, Op, Region, TensorType } from '../ops/op.ts';
import { regionsOf } from '../ops/regions.ts';
import { sameType } from '../ops/same-type.ts';
import { resultType } from '../ops/shape-rule.ts';
import { typeText } from '../ops/type-text.ts';
import { sliceEnd } from '../ops/view-types.ts';
import { atomsOf, constant, type Dim, isWhole, sub } from '../shapes/dim.ts';
import { type Limits, leastValue } from '../shapes/least-value.ts';
import type { Graph, GraphInput, StateSpec, WeightSpec } from './graph.ts';

interface Context {
  readonly inputs: ReadonlyMap<string, GraphInput>;
  readonly weights: ReadonlyMap<string, WeightSpec>;
  readonly states: ReadonlyMap<string, StateSpec>;
  readonly limits: ReadonlyMap<string, Limits>;
  readonly ids: Set<NodeId>;
  readonly types: Map<NodeId, TensorType>;
  readonly repeats: Map<NodeId, Extract<Op, { kind: 'repeat' }>>;
}

interface Scope {
  readonly types: Map<NodeId, TensorType>;
  readonly outer: Scope | undefined;
  /** Counts of the enclosing repeats, outermost first. */
  readonly repeats: readonly number[];
  readonly inAttend: boolean;
}

/** @throws InternalError ('graph') naming the node and what is wrong with it. */
export function verifyGraph(graph: Graph): void {
  const context: Context = {
    inputs: byName('input', graph.inputs),
    weights: byName('weight', graph.weights),
    states: byName('state', graph.states ?? []),
    limits: byName('symbol', graph.symbols),
    ids: new Set(),
    types: new Map(),
    repeats: new Map(),
  };
  byName('output', graph.outputs);
  for (const { name, type } of graph.inputs) checkSizes(`input ${name}`, type.shape, context);
  for (const weight of graph.weights) checkWeight(weight);
  const scope: Scope = { types: new Map(), outer: undefined, repeats: [], inAttend: false };
  checkNodes(graph.nodes, scope, context);
  for (const { name, node } of graph.outputs) {
    invariant(scope.types.has(node), 'graph', `output ${name} is node ${node}, which is not there`);
  }
}

function byName<T extends { readonly name: string }>(
  what: string,
  specs: readonly T[],
): ReadonlyMap<string, T> {
  const found = new Map(specs.map((spec) => [spec.name, spec]));
  invariant(found.size === specs.length, 'graph', `two ${what}s have one name`);
  return found;
}

function checkWeight({ name, shape, repeats }: WeightSpec): void {
  const whole = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  invariant(whole, 'graph', `weight ${name} has shape [${shape.join(', ')}]`);
  const turns = Array.from(name.matchAll(/\{(\d+)\}/g), (match) => Number(match[1]));
  const numbered = turns.length === repeats.length && turns.every((turn, i) => turn === i);
  invariant(numbered, 'graph', `weight ${name} does not number its ${repeats.length} repeats`);
}

function checkSizes(what: string, sizes: readonly Dim[], { limits }: Context): void {
  for (const size of sizes) {
    invariant(isWhole(size), 'graph', `${what}: size ${size.text} is not whole`);
    const unknown = atomsOf(size).find((atom) => !limits.has(atom));
    invariant(unknown === undefined, 'graph', `${what}: no symbol ${unknown} in ${size.text}`);
    const least = leastValue(size, limits);
    invariant(least !== undefined && least >= 0n, 'graph', `${what}: ${size.text} may be negative`);
  }
}

function checkNodes(nodes: readonly Node[], scope: Scope, context: Context): void {
  for (const node of nodes) {
    const what = `node ${node.id} (${node.op.kind}${node.origin.path && ` of ${node.origin.path}`})`;
    try {
      checkNode(node, scope, context);
    } catch (error) {
      if (!(error instanceof InternalError)) throw error;
      const fact = error.message.replace(/^internal error in graph: /, '');
      throw new InternalError('graph', `${what}: ${fact}`);
    }
    claim(node.id, node.type, scope, context);
  }
}

function claim(id: NodeId, type: TensorType, scope: Scope, context: Context): void {
  invariant(!context.ids.has(id), 'graph', `id ${id} stands twice`);
  context.ids.add(id);
  context.types.set(id, type);
  scope.types.set(id, type);
}

function typeIn(scope: Scope | undefined, id: NodeId): TensorType {
  for (let at = scope; at; at = at.outer) {
    const type = at.types.get(id);
    if (type) return type;
  }
  throw new InternalError('graph', `node ${id} is not in scope`);
}

function checkNode(node: Node, scope: Scope, context: Context): void {
  const { op, type } = node;
  const operands = node.inputs.map((id) => typeIn(scope, id));
  if (scope.inAttend)
    invariant(POINTWISE.has(op.kind), 'graph', `no ${op.kind} in a body of attend`);
  const expected = declaredType(node, scope, context) ?? resultTypeOf(node, operands);
  if (op.kind === 'repeat') context.repeats.set(node.id, op);
  invariant(
    sameType(type, expected),
    'graph',
    `type is ${typeText(type)}, not ${typeText(expected)}`,
  );
  for (const region of regionsOf(op)) {
    const repeats = op.kind === 'repeat' ? [...scope.repeats, op.count] : scope.repeats;
    checkRegion(
      region,
      { types: new Map(), outer: scope, repeats, inAttend: op.kind === 'attend' },
      context,
    );
  }
  checkSizes('result', type.shape, context);
  if (op.kind === 'slice') {
    checkSizes('room after the slice', [sub(operands[0]!.shape[op.axis]!, sliceEnd(op))], context);
  }
}

/** Operations of which one element can be computed alone. */
const POINTWISE: ReadonlySet<Node['op']['kind']> = new Set<Node['op']['kind']>([
  'weight',
  'const',
  'size',
  'iota',
  'unary',
  'binary',
  'select',
  'cast',
  'reshape',
  'transpose',
  'broadcast',
  'slice',
  'gather',
]);

function declaredType(node: Node, scope: Scope, context: Context): TensorType | undefined {
  const { op } = node;
  if (op.kind === 'turns') return emittedType(node, op.index, context);
  if (op.kind === 'input') {
    const input = context.inputs.get(op.name);
    invariant(input, 'graph', `no input ${op.name}`);
    return input.type;
  }
  if (op.kind === 'state') {
    const state = context.states.get(op.name);
    invariant(state, 'graph', `no state ${op.name}`);
    const fits = String(state.repeats) === String(scope.repeats);
    invariant(fits, 'graph', `state ${op.name} is outside of its repeats`);
    return state.type;
  }
  if (op.kind !== 'weight') return undefined;
  const weight = context.weights.get(op.name);
  invariant(weight, 'graph', `no weight ${op.name}`);
  const fits = weight.repeats.every((count, depth) => count === scope.repeats[depth]);
  invariant(fits, 'graph', `weight ${op.name} is outside of its repeats`);
  return { dtype: weight.dtype, shape: weight.shape.map(constant) };
}

/** All turns of what a repeat emits. */
function emittedType(node: Node, index: number, { repeats, types }: Context): TensorType {
  const [operand, ...more] = node.inputs;
  const repeat = more.length === 0 && operand !== undefined && repeats.get(operand);
  invariant(repeat, 'graph', 'the operand is no repeat');
  const emitted = repeat.body.emits?.[index];
  invariant(emitted !== undefined, 'graph', `the repeat does not emit ${index}`);
  const { dtype, shape } = types.get(emitted)!;
  return { dtype, shape: [constant(repeat.count), ...shape] };
}

function resultTypeOf({ op }: Node, operands: readonly TensorType[]): TensorType {
  const isDeclared =
    op.kind === 'input' || op.kind === 'weight' || op.kind === 'state' || op.kind === 'turns';
  invariant(!isDeclared, 'graph', 'not declared');
  return resultType(op, operands);
}

function checkRegion(region: Region, scope: Scope, context: Context): void {
  for (const { id, type } of region.params) claim(id, type, scope, context);
  checkNodes(region.nodes, scope, context);
  const result = typeIn(scope, region.result);
  for (const id of region.emits ?? []) typeIn(scope, id);
  const own = region.params[0]!.type;
  // A result from outside the region is unseen by the shape rule, so its type is checked here.
  const scalarBody = scope.inAttend && result.shape.length > 0;
  invariant(!scalarBody, 'graph', `a body of attend gives ${typeText(result)}`);
  if (!scope.inAttend) {
    invariant(
      sameType(result, own),
      'graph',
      `the body takes ${typeText(own)}, gives ${typeText(result)}`,
    );
  }
}
