// Writes one element of a graph node as an expression: loads what is in memory, inlines everything else.
// Views become index arithmetic here, and element-wise chains scalar arithmetic; neither ever costs memory.
// Decides nothing: what is in memory was decided before (placements).
import { invariant, unreachable } from '../invariant.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { add, constant, type Dim, ONE, sub, ZERO } from '../shapes/dim.ts';
import { isOuterProduct } from './dot-roles.ts';
import type { Exprs } from './expr.ts';
import { flatten, type Index, reshapeIndex, type Shape, sameIndex } from './index-map.ts';
import type { Program } from './program.ts';
import type { BufferRef, Expr, ExprType } from './schedule.ts';

/**
 * Where a node's elements are: a value's memory, of which the node may be a part along one axis. What a repeat emits is in
 * memory with that of the other turns: `turns` are its places along the leading axes of `shape`, which it has not itself.
 */
export interface Placement {
  readonly value: number;
  readonly shape: Shape;
  readonly part?: { readonly axis: number; readonly offset: Dim };
  readonly turns?: readonly Dim[];
  /** Of rows in what is kept: along `axis` they begin where the input says for each index of the axis `batch`. */
  readonly filled?: { readonly axis: number; readonly batch: number; readonly input: string };
}

export interface Reading {
  readonly e: Exprs;
  readonly program: Program;
  readonly placements: ReadonlyMap<NodeId, Placement>;
  /** Nodes computed by this region: inlined also where they have a place in memory. */
  readonly local: ReadonlySet<NodeId>;
  /** Nodes whose element at one index is at hand: results of the region's reductions and products. */
  readonly known: Map<NodeId, { readonly index: Index; readonly value: Expr }>;
  /** Takes each node that is computed in the region. */
  readonly computed: Set<NodeId>;
}

export type Read = (node: NodeId, index: Index) => Expr;

/** The flat position of an element in the value that holds it. */
export function positionIn(e: Exprs, place: Placement, index: Index): Expr {
  const { part, turns = [], filled } = place;
  const shifted = index.map((at, axis) => {
    if (axis === part?.axis) return e.add(at, e.size(part.offset));
    if (axis !== filled?.axis) return at;
    const before = e.load({ kind: 'input', name: filled.input }, index[filled.batch]!, 'i32');
    // The last place is for rows that have none.
    const last = e.size(sub(place.shape[turns.length + axis]!, ONE));
    return e.binary('min', e.add(e.cast(before, 'u32'), at), last);
  });
  return flatten(e, [...turns.map(e.size), ...shifted], place.shape);
}

/** Makes the reader of one region. */
export function createReader(reading: Reading): Read {
  const { e, program } = reading;
  const done = new Map<string, Expr>();

  function read(id: NodeId, index: Index): Expr {
    const key = `${id}:${index.map((at) => e.idOf(at)).join()}`;
    let result = done.get(key);
    if (!result) {
      result = find(id, index);
      done.set(key, result);
    }
    return result;
  }

  function find(id: NodeId, index: Index): Expr {
    const known = reading.known.get(id);
    if (known) {
      invariant(
        sameIndex(known.index, index),
        'schedule',
        `node ${id} is read at another element than the one at hand`,
      );
      return known.value;
    }
    const place = reading.placements.get(id);
    const { dtype } = program.typeOf(id);
    if (place && !reading.local.has(id)) {
      return load({ kind: 'value', value: place.value }, positionIn(e, place, index), dtype);
    }
    const node = program.node(id);
    invariant(node, 'schedule', `parameter ${id} has no place`);
    reading.computed.add(id);
    return inline(node, index);
  }

  /** bool is stored as i32, 0 or 1. */
  function load(buffer: BufferRef, at: Expr, dtype: ExprType): Expr {
    if (dtype !== 'bool') return e.load(buffer, at, dtype);
    return e.binary('ne', e.load(buffer, at, 'i32'), e.constant(0, 'i32'));
  }

  function inline(node: Node, index: Index): Expr {
    const { op, inputs } = node;
    const { dtype, shape } = node.type;
    const operand = (i: number): NodeId => inputs[i]!;
    const shapeOf = (i: number): Shape => program.typeOf(operand(i)).shape;
    const same = (i: number): Expr => read(operand(i), index);
    switch (op.kind) {
      case 'input':
        return load({ kind: 'input', name: op.name }, flatten(e, index, shape), dtype);
      case 'weight':
        return load({ kind: 'weight', name: op.name }, flatten(e, index, shape), dtype);
      case 'const':
        return e.constant(op.value, op.dtype);
      case 'size':
        return e.cast(e.size(op.size), 'i32');
      case 'iota':
        return e.cast(index[0]!, 'i32');
      case 'unary':
        return e.unary(op.fn, same(0));
      case 'binary':
        return e.binary(op.fn, same(0), same(1));
      case 'select':
        return e.select(same(0), same(1), same(2));
      case 'cast':
        return e.cast(same(0), op.to);
      case 'reshape':
        return read(operand(0), reshapeIndex(e, index, shape, shapeOf(0)));
      case 'transpose':
        return read(operand(0), transposedIndex(index, op.perm));
      case 'broadcast':
        return read(
          operand(0),
          op.axes.map((axis) => index[axis]!),
        );
      case 'slice':
        return read(
          operand(0),
          changed(index, op.axis, (at) => e.add(e.scale(at, constant(op.step)), e.size(op.start))),
        );
      case 'pad': {
        const at = index[op.axis]!;
        const size = shapeOf(0)[op.axis]!;
        const inside = part(operand(0), index, op.axis, op.before, size);
        const early = e.binary('lt', at, e.size(op.before));
        const zero = e.constant(0, dtype);
        const end = e.size(add(op.before, size));
        return e.select(early, zero, e.select(e.binary('lt', at, end), inside, zero));
      }
      case 'concat':
        return concat(node, op.axis, index);
      case 'gather': {
        const picks = index.slice(0, index.length - shapeOf(0).length + op.indices);
        const picked = inputs.slice(1).map((id, i) => e.clamp(read(id, picks), shapeOf(0)[i]!));
        return read(operand(0), [...picked, ...index.slice(picks.length)]);
      }
      case 'dot': {
        const at = (labels: readonly number[]): Index =>
          labels.map((label) => index[op.out.indexOf(label)]!);
        invariant(isOuterProduct(node), 'schedule', `product ${node.id} has no place`);
        return e.binary('mul', read(operand(0), at(op.lhs)), read(operand(1), at(op.rhs)));
      }
      case 'reduce':
      case 'cumsum':
      case 'attend':
      case 'repeat':
      case 'top_k':
      case 'group':
      case 'segment_sum':
      case 'turns':
      case 'state':
      case 'append':
        invariant(false, 'schedule', `${op.kind} ${node.id} has no place`);
        break;
      default:
        return unreachable(op, 'schedule');
    }
  }

  function concat(node: Node, axis: number, index: Index): Expr {
    let start = ZERO;
    const parts = node.inputs.map((id) => {
      const size = program.typeOf(id).shape[axis]!;
      const value = part(id, index, axis, start, size);
      start = add(start, size);
      return { end: start, value };
    });
    return parts.reduceRight<Expr | undefined>((rest, { end, value }) => {
      if (!rest) return value;
      return e.select(e.binary('lt', index[axis]!, e.size(end)), value, rest);
    }, undefined)!;
  }

  const part = (id: NodeId, index: Index, axis: number, start: Dim, size: Dim): Expr =>
    readPart(e, index, axis, { start, size }, (own) => read(id, own));

  return read;
}

/**
 * An element of something that lies at [start, start + size) of an axis, for use where the index is known to be in
 * that range: it is written for a variable of that range first, so that its index arithmetic simplifies.
 */
export function readPart(
  e: Exprs,
  index: Index,
  axis: number,
  range: { readonly start: Dim; readonly size: Dim },
  read: (index: Index) => Expr,
): Expr {
  const inner = e.sub(index[axis]!, e.size(range.start));
  if (e.isWithin(inner, range.size)) return read(changed(index, axis, () => inner));
  const stand = e.loop(range.size);
  const value = read(changed(index, axis, () => e.variable(stand.var)));
  return e.replace([value], new Map([[stand.var, inner]]))[0]!;
}

/** The operand's index: result axis i is operand axis `perm[i]`. */
function transposedIndex(index: Index, perm: readonly number[]): Expr[] {
  return perm.map((_, axis) => index[perm.indexOf(axis)]!);
}

function changed(index: Index, axis: number, change: (at: Expr) => Expr): Expr[] {
  return index.map((at, i) => (i === axis ? change(at) : at));
}
