// The loops of a reduction, product or attention before its region exists: scratch variables, shared by all tensors of
// one shape, so that places in two anchors' loops can be compared.
import type { Node, NodeId } from '../ops/op.ts';
import { type DotRoles, dotRoles } from './dot-roles.ts';
import { createExprs, type Exprs } from './expr.ts';
import { flatten, indexOf, loopsOver, type Shape, sameShape } from './index-map.ts';
import { type Located, locate, type Space } from './locate.ts';
import type { Program } from './program.ts';
import type { Joint } from './reach.ts';
import type { Expr } from './schedule.ts';

export interface Spaces {
  of(node: Node): { readonly at: Located; readonly space: Space };
  /** True if two anchors' loops are the same, element for element. */
  agree(node: Node, other: Node, joint: Joint): boolean;
  /** True if storing a product at this joint divides the product's row or column number. */
  scatters(anchor: Node, joint: Joint): boolean;
}

export function createSpaces(program: Program): Spaces {
  const e = createExprs(program.minimum);
  const vars = new Map<string, readonly Expr[]>();
  const roles = new Map<NodeId, DotRoles>();
  const varsOf = (shape: Shape): readonly Expr[] => {
    const key = shape.map((size) => size.text).join(', ');
    const made = vars.get(key) ?? indexOf(e, loopsOver(e, shape)).slice(0, shape.length);
    vars.set(key, made);
    return made;
  };
  const rolesOf = (node: Node): DotRoles => {
    const found = roles.get(node.id) ?? dotRoles(node, program);
    roles.set(node.id, found);
    return found;
  };
  return {
    of: (node) => spaceOf(node, e, varsOf, program),
    agree(node, other, joint) {
      if (node.op.kind !== other.op.kind) return false;
      if (node.op.kind === 'reduce' && other.op.kind === 'reduce') {
        if (joint.members.has(other.id)) return true;
        const [a, b] = [node, other].map((one) => program.typeOf(one.inputs[0]!).shape);
        return String(node.op.axes) === String(other.op.axes) && sameShape(a!, b!);
      }
      return node.op.kind === 'dot' && outOf(rolesOf(node)) === outOf(rolesOf(other));
    },
    scatters(anchor, joint) {
      const { at, space } = spaceOf(anchor, e, varsOf, program);
      const known = new Map<NodeId, Located>([[anchor.id, at]]);
      for (const id of joint.members) {
        const node = program.node(id)!;
        const place = known.has(id) ? undefined : locate(node, known, space, program);
        if (place) known.set(id, place);
      }
      const flat = flatten(e, known.get(joint.node)!.index, program.typeOf(joint.node).shape);
      return flat !== flatten(e, at.index, anchor.type.shape);
    },
  };
}

/** The left operand and what each axis of the result is. */
function outOf(roles: DotRoles): string {
  const role = (label: number): string => {
    if (roles.batch.includes(label)) return `b${roles.batch.indexOf(label)}`;
    if (roles.m.includes(label)) return `m${roles.m.indexOf(label)}`;
    return `n ${roles.sizes.get(label)!.text}`;
  };
  return [roles.left, ...roles.out.map(role)].join(', ');
}

/** The loops of an anchor's region and where its result is in them. */
function spaceOf(
  node: Node,
  e: Exprs,
  varsOf: (shape: Shape) => readonly Expr[],
  program: Program,
): { at: Located; space: Space } {
  const { op } = node;
  if (op.kind === 'reduce') {
    const { shape } = program.typeOf(node.inputs[0]!);
    const all = varsOf(shape);
    const summed = (_: unknown, axis: number): boolean => op.axes.includes(axis);
    const rows = all.filter((_, axis) => !op.axes.includes(axis));
    const space = { e, rows, cols: all.filter(summed), colSizes: shape.filter(summed) };
    return { at: { index: rows, level: 'row' }, space };
  }
  const index = varsOf(node.type.shape);
  return { at: { index, level: 'point' }, space: { e, rows: index, cols: [], colSizes: [] } };
}
