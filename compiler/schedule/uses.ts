// Who uses what in one scope. A use inside a nested region counts as one by the node that holds the region.
import type { Node, NodeId } from '../ops/op.ts';
import { references, type Scope } from './program.ts';

export interface Uses {
  /** The number of nodes that use this one, and one more where the scope's surroundings do. */
  count(id: NodeId): number;
  usersOf(id: NodeId): readonly Node[];
  isWanted(id: NodeId): boolean;
  /** The distinct nodes of this scope that a node uses. */
  operandsOf(node: Node): readonly NodeId[];
  /** The nodes that stand after this one. */
  after(id: NodeId): Iterable<Node>;
  has(id: NodeId): boolean;
  positionOf(id: NodeId): number;
}

export function usesIn(scope: Scope): Uses {
  const position = new Map(scope.nodes.map((node, at) => [node.id, at]));
  const operands = new Map<NodeId, readonly NodeId[]>();
  const users = new Map<NodeId, Node[]>();
  const wanted = new Set(scope.wanted);
  for (const node of scope.nodes) {
    // What a repeat emits is no use of the value that it carries.
    const read = node.op.kind === 'turns' ? [] : [...references(node)];
    const own = read.filter((id) => position.has(id));
    operands.set(node.id, own);
    for (const id of own) {
      const list = users.get(id);
      if (list) list.push(node);
      else users.set(id, [node]);
    }
  }
  return {
    count: (id) => (users.get(id)?.length ?? 0) + (wanted.has(id) ? 1 : 0),
    usersOf: (id) => users.get(id) ?? [],
    isWanted: (id) => wanted.has(id),
    operandsOf: (node) => operands.get(node.id)!,
    *after(id) {
      for (let at = position.get(id)! + 1; at < scope.nodes.length; at++) yield scope.nodes[at]!;
    },
    has: (id) => position.has(id),
    positionOf: (id) => position.get(id) ?? -1,
  };
}
