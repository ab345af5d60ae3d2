// Which value is made where and of what: a graph's bodies (its top and the regions of its operations) with their results,
// the values that training adds to the loss, and what each node needs, also inside of its regions.
import { invariant } from '../invariant.ts';
import type { Node, NodeId, Region, TensorType } from '../ops/op.ts';
import { regionsOf } from '../ops/regions.ts';
import type { Graph } from './graph.ts';

export interface Value {
  readonly id: NodeId;
  readonly type: TensorType;
}

export interface Body {
  /** What it is given; the inputs at the top. */
  readonly params: readonly Value[];
  readonly result: NodeId;
  readonly emits: readonly NodeId[];
  /** Values that are added to the loss in every turn. */
  readonly losses: readonly NodeId[];
}

export interface Links {
  readonly top: Body;
  node(id: NodeId): Node;
  /** Whether a node makes the value, other than an input. */
  isMade(id: NodeId): boolean;
  /** Whether a value is made or given in this very body. */
  isIn(id: NodeId, body: Body): boolean;
  bodyOf(region: Region): Body;
  /** All values that a node needs, each once. */
  operandsOf(node: Node): readonly NodeId[];
  /** Whether a value depends on what a body is given. */
  isMoving(id: NodeId): boolean;
  /** The weights that a value is made of which does not. */
  weightsBehind(id: NodeId): readonly NodeId[];
  /** Whether more than losses and measured values leaves the turns of a repeat. */
  isReadByTurn(repeat: Node): boolean;
  /** Whether several places of the source read this weight. */
  isTied(weight: string): boolean;
}

export function linksOf(graph: Graph): Links {
  const nodes = new Map<NodeId, Node>();
  const owners = new Map<NodeId, Body>();
  const bodies = new Map<Region, Body>();
  const operands = new Map<NodeId, readonly NodeId[]>();
  const moving = new Set<NodeId>();
  const weights = new Map<NodeId, readonly NodeId[]>();
  const readers = new Map<string, number>();
  const readByTurn = new Set<NodeId>();
  for (const node of allNodes(graph.nodes)) nodes.set(node.id, node);
  const losses = lossesByRepeat(graph, nodes);

  function addBody(list: readonly Node[], body: Body): Body {
    for (const { id } of body.params) {
      owners.set(id, body);
      moving.add(id);
    }
    for (const node of list) addNode(node, body);
    return body;
  }

  function addNode(node: Node, body: Body): void {
    const { id, op } = node;
    owners.set(id, body);
    if (op.kind === 'weight') readers.set(op.name, (readers.get(op.name) ?? 0) + 1);
    const needed = new Set(node.inputs);
    for (const region of regionsOf(op)) {
      const { params, result, emits = [] } = region;
      const inner: Body = { params, result, emits, losses: losses.get(id) ?? [] };
      bodies.set(region, addBody(region.nodes, inner));
      for (const outside of neededBy(region)) needed.add(outside);
    }
    for (const operand of needed) {
      const turns = nodes.get(operand);
      if (turns?.op.kind === 'turns') readByTurn.add(turns.inputs[0]!);
      if (moving.has(operand)) moving.add(id);
    }
    operands.set(id, [...needed]);
    const behind = [...needed].flatMap((operand) => weights.get(operand) ?? []);
    weights.set(id, op.kind === 'weight' ? [id] : moving.has(id) ? [] : [...new Set(behind)]);
  }

  /** What the nodes of a region need from around. */
  function neededBy(region: Region): NodeId[] {
    const own = new Set([...region.params, ...region.nodes].map(({ id }) => id));
    const read = region.nodes.flatMap((node) => operands.get(node.id)!);
    return [...read, region.result].filter((id) => !own.has(id));
  }

  const result = graph.outputs.find(({ kind }) => kind === 'result');
  invariant(result, 'graph', 'a model has a result');
  const top = addBody(graph.nodes, {
    params: graph.nodes.filter(({ op }) => op.kind === 'input'),
    result: result.node,
    emits: [],
    losses: losses.get(undefined) ?? [],
  });
  return {
    top,
    node: (id) => nodes.get(id)!,
    isMade: (id) => nodes.has(id) && nodes.get(id)!.op.kind !== 'input',
    isIn: (id, body) => owners.get(id) === body,
    bodyOf: (region) => bodies.get(region)!,
    operandsOf: ({ id }) => operands.get(id)!,
    isMoving: (id) => moving.has(id),
    weightsBehind: (id) => weights.get(id) ?? [],
    isReadByTurn: ({ id }) => readByTurn.has(id),
    isTied: (name) => readers.get(name)! > 1,
  };
}

/** Losses as values of the repeat's body in which they are made; those of `undefined` at the top. */
function lossesByRepeat(
  { outputs }: Graph,
  nodes: ReadonlyMap<NodeId, Node>,
): Map<NodeId | undefined, NodeId[]> {
  const losses = new Map<NodeId | undefined, NodeId[]>();
  for (const { kind, node } of outputs) {
    if (kind !== 'loss') continue;
    let id = node;
    let at: NodeId | undefined;
    for (let made = nodes.get(id)!; made.op.kind === 'turns'; made = nodes.get(id)!) {
      const repeat = nodes.get(made.inputs[0]!)!;
      invariant(repeat.op.kind === 'repeat', 'graph', 'turns are those of a repeat');
      id = repeat.op.body.emits![made.op.index]!;
      at = repeat.id;
    }
    losses.set(at, [...(losses.get(at) ?? []), id]);
  }
  return losses;
}

function* allNodes(list: readonly Node[]): Generator<Node> {
  for (const node of list) {
    yield node;
    for (const region of regionsOf(node.op)) yield* allNodes(region.nodes);
  }
}
