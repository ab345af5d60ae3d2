// Makes a graph ready for scheduling: drops what nothing uses, moves out of repeats what is the same in each turn,
// and makes wide concatenations trees, so that no single operation binds many buffers.
// Looks up nodes by number across regions. Decides nothing about regions or memory.
import type { Graph } from '../graph/graph.ts';
import { invariant } from '../invariant.ts';
import type { Node, NodeId, Op, Region, TensorType } from '../ops/op.ts';
import { add } from '../shapes/dim.ts';

/** A list of nodes that is scheduled by itself: the graph's, or the body of a repeat. */
export interface Scope {
  readonly nodes: readonly Node[];
  /** The values that must be in memory when the scope ends: `result` and `emits`, or what the graph gives. */
  readonly wanted: readonly NodeId[];
  /** Of a body: what the next turn begins with, and what is kept of each turn. */
  readonly result?: NodeId;
  readonly emits: readonly NodeId[];
  /** The number of repeats around it. */
  readonly depth: number;
}

export interface Program {
  readonly graph: Graph;
  readonly root: Scope;
  /** A node of any scope; `undefined` for a region's parameter. */
  node(id: NodeId): Node | undefined;
  typeOf(id: NodeId): TensorType;
  /** The smallest value of a symbol. */
  minimum(symbol: string): number;
}

export function prepareProgram(graph: Graph): Program {
  const nodes = new Map<NodeId, Node>();
  const types = new Map<NodeId, TensorType>();
  let nextId = 0;
  const visit = (list: readonly Node[]): void => {
    for (const node of list) {
      nodes.set(node.id, node);
      types.set(node.id, node.type);
      nextId = Math.max(nextId, node.id + 1);
      for (const region of regionsOf(node.op)) {
        for (const param of region.params) {
          types.set(param.id, param.type);
          nextId = Math.max(nextId, param.id + 1);
        }
        visit(region.nodes);
      }
    }
  };
  visit(graph.nodes);
  const names: Names = { types, newId: () => nextId++ };
  const wanted = [...new Set(graph.outputs.map((output) => output.node))];
  const own = ownRows(narrowConcats(graph.nodes, names), names);
  const prepared = hoist(dropDead(own, wanted), 0);
  visit(prepared);
  const minima = new Map(graph.symbols.map((symbol) => [symbol.name, symbol.min]));
  return {
    graph,
    root: { nodes: prepared, wanted: [...wanted, ...rowsKept(prepared)], emits: [], depth: 0 },
    node: (id) => nodes.get(id),
    typeOf(id) {
      const type = types.get(id);
      invariant(type, 'schedule', `unknown node ${id}`);
      return type;
    },
    minimum: (symbol) => minima.get(symbol) ?? 0,
  };
}

/** The scope that a repeat's body is. */
export function bodyScope(body: Region, depth: number): Scope {
  const { nodes, result, emits = [] } = body;
  return { nodes, wanted: [...resultsOf(body), ...rowsKept(nodes)], result, emits, depth };
}

/** What a list of nodes adds to what is kept. */
const rowsKept = (nodes: readonly Node[]): NodeId[] =>
  nodes.flatMap(({ op, inputs }) => (op.kind === 'append' ? [inputs[1]!] : []));

const resultsOf = ({ result, emits = [] }: Region): NodeId[] => [...new Set([result, ...emits])];

export function regionsOf(op: Op): readonly Region[] {
  if (op.kind === 'repeat') return [op.body];
  if (op.kind === 'attend') return [op.score, op.mask].filter((region) => region !== undefined);
  return [];
}

function withRegions(op: Op, change: (region: Region) => Region): Op {
  if (op.kind === 'repeat') return { ...op, body: change(op.body) };
  if (op.kind !== 'attend') return op;
  return {
    ...op,
    ...(op.score && { score: change(op.score) }),
    ...(op.mask && { mask: change(op.mask) }),
  };
}

/** Every node number that a node refers to, also from inside its regions. */
export function references(node: Node): Set<NodeId> {
  const found = new Set(node.inputs);
  for (const region of regionsOf(node.op)) {
    for (const id of resultsOf(region)) found.add(id);
    for (const inner of region.nodes) for (const id of references(inner)) found.add(id);
  }
  return found;
}

function dropDead(nodes: readonly Node[], wanted: readonly NodeId[]): Node[] {
  const needed = new Set(wanted);
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.id)) continue;
    const op = withRegions(node.op, (region) => ({
      ...region,
      nodes: dropDead(region.nodes, resultsOf(region)),
    }));
    const live = { ...node, op };
    for (const id of references(live)) needed.add(id);
    kept.push(live);
  }
  return kept.reverse();
}

/** Moves the nodes of each repeat's body that depend on neither the carried value nor the turn before the repeat. */
function hoist(nodes: readonly Node[], depth: number): Node[] {
  return nodes.flatMap((node) => {
    if (node.op.kind !== 'repeat') return [node];
    const { body } = node.op;
    const varying = new Set(body.params.map((param) => param.id));
    const kept = new Set(rowsKept(body.nodes));
    const stays: Node[] = [];
    const moves: Node[] = [];
    for (const inner of hoist(body.nodes, depth + 1)) {
      const varies =
        kept.has(inner.id) ||
        [...references(inner)].some((id) => varying.has(id)) ||
        namesTurn(inner, depth);
      if (varies) varying.add(inner.id);
      (varies ? stays : moves).push(inner);
    }
    const op: Op = { ...node.op, body: { ...body, nodes: stays } };
    return [...moves, { ...node, op }];
  });
}

/** True if the node is, or holds, a weight that differs by the turn of the repeat at this depth. */
function namesTurn(node: Node, depth: number): boolean {
  if (node.op.kind === 'weight' || node.op.kind === 'state')
    return node.op.name.includes(`{${depth}}`);
  return regionsOf(node.op).some((region) => region.nodes.some((inner) => namesTurn(inner, depth)));
}

/** Gives the rows that are appended nodes of their own, which can be computed where they belong: nothing else is there. */
function ownRows(nodes: readonly Node[], names: Names): Node[] {
  return nodes.flatMap((node) => {
    const op = withRegions(node.op, (region) => ({
      ...region,
      nodes: ownRows(region.nodes, names),
    }));
    if (op.kind !== 'append') return [{ ...node, op }];
    const [state, rows, filled] = node.inputs as [NodeId, NodeId, NodeId];
    const type = names.types.get(rows)!;
    const perm = type.shape.map((_, axis) => axis);
    const id = names.newId();
    const own: Node = { ...node, id, op: { kind: 'transpose', perm }, inputs: [rows], type };
    return [own, { ...node, inputs: [state, id, filled] }];
  });
}

const WIDEST_CONCAT = 4;

interface Names {
  readonly types: Map<NodeId, TensorType>;
  newId(): NodeId;
}

function narrowConcats(nodes: readonly Node[], names: Names): Node[] {
  return nodes.flatMap((node) => {
    if (node.op.kind === 'concat') return narrowConcat(node, node.op.axis, names);
    const op = withRegions(node.op, (region) => ({
      ...region,
      nodes: narrowConcats(region.nodes, names),
    }));
    return [{ ...node, op }];
  });
}

function narrowConcat(node: Node, axis: number, { types, newId }: Names): Node[] {
  const made: Node[] = [];
  let inputs = [...node.inputs];
  while (inputs.length > WIDEST_CONCAT) {
    const next: NodeId[] = [];
    for (let i = 0; i < inputs.length; i += WIDEST_CONCAT) {
      const part = inputs.slice(i, i + WIDEST_CONCAT);
      const size = part.map((id) => types.get(id)!.shape[axis]!).reduce(add);
      const shape = node.type.shape.map((old, at) => (at === axis ? size : old));
      const joined = { ...node, id: newId(), inputs: part, type: { ...node.type, shape } };
      types.set(joined.id, joined.type);
      made.push(joined);
      next.push(joined.id);
    }
    inputs = next;
  }
  return [...made, { ...node, inputs }];
}
