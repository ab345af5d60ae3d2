// How far a region can extend forward from its anchor (a reduction, product or attention): the nodes at which all
// that depends on the anchor comes together again, each computed from the element at hand.
// Everything between such a node and the anchor can stay in registers, even if used several times.
import type { Node, NodeId } from '../ops/op.ts';
import { type Located, locate, type Space } from './locate.ts';
import type { Program } from './program.ts';
import type { Uses } from './uses.ts';

export interface Joint {
  readonly node: NodeId;
  readonly level: Located['level'];
  /** The anchor, this node and all between. */
  readonly members: ReadonlySet<NodeId>;
}

/** Longer chains are cut: a kernel has a bounded number of statements. */
const MOST_MEMBERS = 120;

/** The joints of an anchor, nearest first; the anchor itself is the first. None lies at or behind a node of `ends`. */
export function reach(
  anchor: Node,
  at: Located,
  space: Space,
  uses: Uses,
  program: Program,
  ends: ReadonlySet<NodeId>,
): Joint[] {
  const known = new Map<NodeId, Located>([[anchor.id, at]]);
  const open = new Map<NodeId, number>([[anchor.id, uses.count(anchor.id)]]);
  const joints: Joint[] = [{ node: anchor.id, level: at.level, members: new Set(known.keys()) }];
  for (const node of uses.after(anchor.id)) {
    const operands = uses.operandsOf(node).filter((id) => known.has(id));
    if (operands.length === 0) continue;
    const beyond = known.size >= MOST_MEMBERS || ends.has(node.id);
    const place = beyond ? undefined : locate(node, known, space, program);
    if (!place) break;
    for (const id of operands) {
      const left = open.get(id)! - 1;
      if (left === 0) open.delete(id);
      else open.set(id, left);
    }
    known.set(node.id, place);
    open.set(node.id, uses.count(node.id));
    if (open.size === 1) {
      joints.push({ node: node.id, level: place.level, members: new Set(known.keys()) });
    }
  }
  return joints;
}
