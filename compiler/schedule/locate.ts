// Follows elements from a reduction or product through the nodes that compute on them in place: which index of a
// later node is made of the element at hand? This is what decides how far a region extends.
// Works on any loop variables: fusion asks it on scratch ones, lowering again on the region's own.
import type { Node, NodeId } from '../ops/op.ts';
import type { Exprs } from './expr.ts';
import { type Index, reshapeIndex, type Shape, sameIndex, sameShape } from './index-map.ts';
import type { Program } from './program.ts';
import type { Expr } from './schedule.ts';

/** `row`: one element for each row of a rows region; `point`: one for each point of the region's whole space. */
export interface Located {
  readonly index: Index;
  readonly level: 'row' | 'point';
}

/** The loops of a region. `cols` are those that its reductions run along: only a rows region has them. */
export interface Space {
  readonly e: Exprs;
  readonly rows: Index;
  readonly cols: Index;
  readonly colSizes: Shape;
}

/**
 * Where the node is, given where its operands are (operands that are not in `known` are read from elsewhere).
 * `undefined` where it needs elements other than the one at hand.
 */
export function locate(
  node: Node,
  known: ReadonlyMap<NodeId, Located>,
  space: Space,
  program: Program,
): Located | undefined {
  const { e } = space;
  const { op, inputs } = node;
  const first = known.get(inputs[0]!);
  switch (op.kind) {
    case 'unary':
    case 'binary':
    case 'select':
    case 'cast': {
      const places = inputs.map((id) => known.get(id)).filter((place) => place !== undefined);
      const [one] = places;
      const agree = places.every(
        (place) => place.level === one!.level && sameIndex(place.index, one!.index),
      );
      return agree ? one : undefined;
    }
    case 'reshape': {
      if (!first) return undefined;
      const from = program.typeOf(inputs[0]!).shape;
      const index = reshapeIndex(e, first.index, from, node.type.shape);
      // Reading back must give the element at hand, or it could not be recognised.
      const back = reshapeIndex(e, index, node.type.shape, from);
      return sameIndex(back, first.index) ? { ...first, index } : undefined;
    }
    case 'transpose':
      return first && { ...first, index: op.perm.map((axis) => first.index[axis]!) };
    case 'broadcast':
      return first?.level === 'row' ? broadcastRow(node, op.axes, first, space) : undefined;
    case 'reduce': {
      if (first?.level !== 'point' || space.cols.length === 0) return undefined;
      const summed = op.axes.map((axis) => first.index[axis]!);
      if (!sameIndex(sorted(e, summed), sorted(e, space.cols))) return undefined;
      return { index: first.index.filter((_, axis) => !op.axes.includes(axis)), level: 'row' };
    }
    default:
      return undefined;
  }
}

/** A row's element repeated: along all columns, or along axes of size one. */
function broadcastRow(
  node: Node,
  axes: readonly number[],
  row: Located,
  { e, cols, colSizes }: Space,
): Located | undefined {
  const { shape } = node.type;
  const free = shape.filter((_, axis) => !axes.includes(axis));
  const ones = free.every((size) => size.text === '1');
  if (!ones && !sameShape(free, colSizes)) return undefined;
  const fill = ones ? free.map(() => e.constant(0, 'u32')) : [...cols];
  const index = shape.map((_, axis) => {
    const from = axes.indexOf(axis);
    return from >= 0 ? row.index[from]! : fill.shift()!;
  });
  return { index, level: ones ? 'row' : 'point' };
}

const sorted = (e: Exprs, index: Index): Expr[] => [...index].sort((a, b) => e.idOf(a) - e.idOf(b));
