// From the graph of a whole run to that of a step: some new positions of each text of a batch, after those that earlier steps
// have seen. What later positions need of earlier ones (keys, values, rows that convolutions read) is kept in states.
//
// New inputs are `past`, i32 [b], how many positions of each text were there before, and `last`, i32 [b], which of the
// new ones each result is wanted for; the size of what is kept is the symbol `capacity`, one more than the positions that
// fit. Works out which axis of each value is that of the positions (rows.ts); knows no layer by name.
import type { Node, NodeId, Op, Origin } from '../../ops/op.ts';
import { regionsOf } from '../../ops/regions.ts';
import { symbol } from '../../shapes/dim.ts';
import { type Graph, type GraphInput, tensorType } from '../graph.ts';
import { removeDead } from '../passes/remove-dead.ts';
import { lastRows } from './last-rows.ts';
import { type Context, solid } from './operands.ts';
import { sameRows, type Value } from './rows.ts';
import { type PlainNode, ruleOf } from './rules.ts';
import { CAPACITY, createWriter, Refusal, type Writer } from './writer.ts';

export type Incremental =
  | {
      readonly kind: 'step';
      readonly graph: Graph;
      /** Names of the new inputs and of the new symbol. */
      readonly past: string;
      readonly last?: string;
      readonly capacity: string;
    }
  /** `why` completes "The layer ...": "attends to later positions". */
  | { readonly kind: 'refused'; readonly why: string; readonly origin: Origin };

export interface StepOptions {
  /** Whether results are those of one position of each text, `last`, or of all new ones. Default true. */
  readonly onlyLast?: boolean;
}

/** The model's own results; not its losses and measured values. */
export function stepGraph(graph: Graph, { onlyLast = true }: StepOptions = {}): Incremental {
  try {
    const outputs = graph.outputs.filter(({ kind }) => kind === 'result');
    return writeStep(removeDead({ ...graph, outputs }), onlyLast);
  } catch (error) {
    if (error instanceof Refusal)
      return { kind: 'refused', why: error.message, origin: error.origin };
    throw error;
  }
}

function writeStep(graph: Graph, onlyLast: boolean): Incremental {
  const time = graph.symbols.filter(({ name }) => name !== 'b');
  const nowhere: Origin = { path: '', layer: graph.name };
  if (time.length !== 1 || !graph.symbols.some(({ name }) => name === 'b'))
    throw new Refusal(nowhere, 'takes no batch of texts');
  const names = new Set(graph.inputs.map(({ name }) => name));
  const unused = (name: string): string => (names.has(name) ? unused(`${name}_`) : name);
  const [past, last] = [unused('past'), unused('last')];
  const counts = tensorType('i32', [symbol('b')]);
  const w = createWriter(graph, time[0]!.name, 0, 1 + largestId(graph.nodes) + 1);
  w.declare(0, counts);
  const walk = createWalk(graph, w);

  let outputs: Graph['outputs'] = [];
  const nodes = w.list(() => {
    walk.list(graph.nodes);
    w.at(nowhere);
    const wanted = graph.outputs.map(({ node }) => {
      const value = solid(walk.valueAt(node), w);
      if (value.lifted) w.refuse('gives the same for all texts of a batch');
      return value;
    });
    const ids = onlyLast
      ? lastRows(wanted, w, () => w.add({ kind: 'input', name: last }, [], counts))
      : wanted.map(({ id }) => id);
    outputs = graph.outputs.map((output, i) => ({ ...output, node: ids[i]! }));
  });
  const given: GraphInput[] = [past, ...(onlyLast ? [last] : [])].map((name) => ({
    name,
    type: counts,
  }));
  const pastNode: Node = {
    id: 0,
    op: { kind: 'input', name: past },
    inputs: [],
    type: counts,
    origin: nowhere,
  };
  const step: Graph = {
    ...graph,
    symbols: [...graph.symbols, { name: CAPACITY, min: 2 }],
    inputs: [...graph.inputs, ...given],
    states: w.states,
    nodes: [pastNode, ...nodes],
    outputs,
  };
  return { kind: 'step', graph: step, past, capacity: CAPACITY, ...(onlyLast && { last }) };
}

/** Walks the model's lists of nodes and keeps what became of each. */
function createWalk(graph: Graph, w: Writer) {
  const values = new Map<NodeId, Value>();
  const emitted = new Map<NodeId, readonly Value[]>();
  const originals = new Map<NodeId, Node>();
  for (const node of allNodes(graph.nodes)) originals.set(node.id, node);
  const valueAt = (id: NodeId): Value => values.get(id)!;
  const context: Context = { w, original: (id) => originals.get(id), valueAt };

  function list(nodes: readonly Node[]): void {
    for (const node of nodes) {
      w.at(node.origin);
      values.set(node.id, step(node));
    }
  }

  function step(node: Node): Value {
    const { op } = node;
    if (op.kind === 'repeat') return repeat(node, op);
    if (op.kind !== 'turns') return ruleOf({ ...node, op } satisfies PlainNode, context);
    const [repeated] = node.inputs.map(valueAt) as [Value];
    const { rows } = emitted.get(node.inputs[0]!)![op.index]!;
    const id = w.add(op, [repeated.id], node.type);
    return { id, rows: rows && { ...rows, axis: rows.axis + 1 } };
  }

  function repeat(node: Node, op: Extract<Op, { kind: 'repeat' }>): Value {
    const x = solid(valueAt(node.inputs[0]!), w);
    if (x.lifted) w.refuse('repeats what is the same for all texts of a batch');
    const param = { ...op.body.params[0]!, id: w.newId() };
    w.declare(param.id, param.type);
    values.set(op.body.params[0]!.id, { ...x, id: param.id });
    const inside = (id: NodeId): Value => {
      const value = solid(valueAt(id), w);
      if (value.lifted) w.refuse('repeats what is the same for all texts of a batch');
      return value;
    };
    const nodes = w.list(() => list(op.body.nodes), op.count);
    w.at(node.origin);
    const result = inside(op.body.result);
    const same = x.rows && result.rows ? sameRows(x.rows, result.rows) : !result.rows;
    if (!same) w.refuse('repeats with other rows than it began with');
    const emits = op.body.emits?.map(inside);
    const body = {
      params: [param],
      nodes,
      result: result.id,
      ...(emits && { emits: emits.map(({ id }) => id) }),
    };
    emitted.set(node.id, emits ?? []);
    return { id: w.add({ ...op, body }, [x.id], node.type), rows: x.rows };
  }

  return { list, valueAt };
}

function* allNodes(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    for (const { nodes: inner } of regionsOf(node.op)) yield* allNodes(inner);
  }
}

function largestId(nodes: readonly Node[]): NodeId {
  let largest = 0;
  for (const { id, op } of allNodes(nodes)) {
    const params = regionsOf(op).flatMap((region) => region.params.map((param) => param.id));
    largest = Math.max(largest, id, ...params);
  }
  return largest;
}
