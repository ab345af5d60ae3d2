// Writes the nodes of an incremental graph: with the types that the shape rules give, at the origin of the model's node at
// hand, into the list at hand. Declares the tensors that are kept. Knows no rule of what may be done.
import { invariant } from '../../invariant.ts';
import type { Node, NodeId, Op, Origin, TensorType } from '../../ops/op.ts';
import { regionsOf } from '../../ops/regions.ts';
import { type ComputedOp, resultType } from '../../ops/shape-rule.ts';
import { type Dim, symbol } from '../../shapes/dim.ts';
import { type Graph, type StateSpec, tensorType } from '../graph.ts';

/** Thrown where an operation of the model cannot be computed row by row. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly origin: Origin;
  constructor(origin: Origin, why: string) {
    super(why);
    this.origin = origin;
  }
}

export interface Writer {
  /** The sizes of a batch and of what is new. */
  readonly batch: Dim;
  readonly time: Dim;
  readonly states: readonly StateSpec[];
  /** What the states are given. */
  readonly kept: readonly NodeId[];
  emit(op: ComputedOp, inputs: readonly NodeId[]): NodeId;
  /** Adds a node whose type is known. */
  add(op: Op, inputs: readonly NodeId[], type: TensorType): NodeId;
  typeOf(id: NodeId): TensorType;
  nodeOf(id: NodeId): Node | undefined;
  newId(): NodeId;
  /** Makes a region's parameter known. */
  declare(id: NodeId, type: TensorType): void;
  /** The nodes written meanwhile, as a list of their own; of a repeat's body if `count` is given. */
  list(write: () => void, count?: number): readonly Node[];
  /** Nodes written from now on come from there. */
  at(origin: Origin): void;
  /** `past[b] + i` for each text and each new row: i32 [b, t]. */
  positions(): NodeId;
  /** How many positions of each text were there before: i32 [b]. */
  past(): NodeId;
  /** Keeps a value's rows along `axis`: those of all positions so far, [.., capacity, ..]. */
  append(rows: NodeId, axis: number, what: string): NodeId;
  refuse(why: string): never;
}

/** The size of what is kept. Its last place is for rows that have none. */
export const CAPACITY = 'capacity';

export function createWriter(graph: Graph, time: string, past: NodeId, firstId: NodeId): Writer {
  const [batch, t] = [symbol('b'), symbol(time)];
  const types = new Map<NodeId, TensorType>();
  const nodes = new Map<NodeId, Node>();
  const states: StateSpec[] = [];
  /** By the value and the axis: what is kept once need not be kept again. */
  const appends = new Map<string, NodeId>();
  const kept: NodeId[] = [];
  let nextId = firstId;
  let list: Node[] = [];
  let repeats: readonly number[] = [];
  let origin: Origin = { path: '', layer: graph.name };

  const writer: Writer = {
    batch,
    time: t,
    states,
    kept,
    newId: () => nextId++,
    emit: (op, inputs) => writer.add(op, inputs, resultType(op, inputs.map(writer.typeOf))),
    add(op, inputs, type) {
      const node: Node = { id: nextId++, op, inputs, type, origin };
      for (const { params } of regionsOf(op)) for (const p of params) types.set(p.id, p.type);
      types.set(node.id, type);
      nodes.set(node.id, node);
      list.push(node);
      return node.id;
    },
    typeOf(id) {
      const type = types.get(id);
      invariant(type, 'graph', `no type of node ${id}`);
      return type;
    },
    nodeOf: (id) => nodes.get(id),
    declare: (id, type) => types.set(id, type),
    list(write, count) {
      const [outer, around] = [list, repeats];
      list = [];
      if (count !== undefined) repeats = [...repeats, count];
      write();
      const written = list;
      [list, repeats] = [outer, around];
      return written;
    },
    at: (place) => {
      origin = place;
    },
    past: () => past,
    positions() {
      const shape = [batch, t];
      const before = writer.emit({ kind: 'broadcast', shape, axes: [0] }, [past]);
      const row = writer.emit({ kind: 'iota', size: t }, []);
      const own = writer.emit({ kind: 'broadcast', shape, axes: [1] }, [row]);
      return writer.emit({ kind: 'binary', fn: 'add' }, [before, own]);
    },
    append(rows, axis, what) {
      const key = `${rows}:${axis}`;
      const known = appends.get(key);
      if (known !== undefined) return known;
      const { dtype, shape } = writer.typeOf(rows);
      const at = shape.findIndex((size) => size.text === batch.text);
      if (at < 0) writer.refuse('keeps rows that are the same for all texts of a batch');
      const type = tensorType(dtype, shape.with(axis, symbol(CAPACITY)));
      const levels = repeats.map((_, level) => `{${level}}`);
      const missing = levels.filter((level) => !origin.path.includes(level));
      const path = [origin.path, ...missing, what].filter(Boolean).join('.');
      const same = states.filter((state) => state.name.startsWith(path)).length;
      const name = same === 0 ? path : `${path}_${same + 1}`;
      states.push({ name, type, repeats });
      const before = writer.add({ kind: 'state', name }, [], type);
      const appended = writer.emit({ kind: 'append', axis, batch: at }, [before, rows, past]);
      appends.set(key, appended);
      kept.push(rows);
      return appended;
    },
    refuse(why) {
      throw new Refusal(origin, why);
    },
  };
  return writer;
}
