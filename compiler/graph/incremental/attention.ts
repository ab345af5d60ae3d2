// Attention in an incremental graph: keys and values of all positions so far are kept, queries are those of the new ones, and
// masks and scores see where in its text each query is.
import { maskInterval } from '../../ops/mask-interval.ts';
import type { Node, NodeId, Op, Region } from '../../ops/op.ts';
import { asNumber, equal } from '../../shapes/dim.ts';
import { type Context, solid } from './operands.ts';
import { isPlain, mentions, type Value } from './rows.ts';

type Attend = Extract<Op, { kind: 'attend' }>;

export function attention(op: Attend, values: readonly Value[], context: Context): Value {
  const { w } = context;
  const [q, k, v] = values.map((value) => solid(value, w)) as [Value, Value, Value];
  for (const { rows, lifted } of [q, k, v]) {
    if (lifted || (rows && !(isPlain(rows) && rows.axis === 2)))
      w.refuse('attends along another axis than that of the positions');
  }
  const rewritten: Attend = {
    ...op,
    ...(op.score && { score: atPosition(op.score, 1, context) }),
    ...(op.mask && { mask: atPosition(op.mask, 0, context) }),
  };
  const keys = w.typeOf(k.id).shape[2]!;
  if (!mentions(keys, w.time.text))
    return { id: w.emit(rewritten, [q.id, k.id, v.id]), rows: q.rows };
  if (!equal(keys, w.time)) w.refuse('attends to more than the positions of a text');
  if (!isCausal(op.mask, context)) w.refuse('attends to later positions');
  const [allKeys, allValues] = [w.append(k.id, 2, 'keys'), w.append(v.id, 2, 'values')];
  return { id: w.emit(rewritten, [q.id, allKeys, allValues]), rows: q.rows };
}

/** True where no query keeps a key after its own position. */
function isCausal(mask: Region | undefined, { original }: Context): boolean {
  return maskInterval(mask, original).hi.some(({ slope, offset }) => {
    const ahead = asNumber(offset);
    const behind = offset.terms.every(({ num, powers }) => num < 0n && powers.length === 0);
    return slope === 1 && ((ahead !== undefined && ahead <= 1) || behind);
  });
}

/** The region with positions for numbers of new rows. `first` is where the parameters (b, h, i, j) begin. */
function atPosition(region: Region, first: number, { w, valueAt }: Context): Region {
  const [text, query] = [region.params[first]!.id, region.params[first + 2]!.id];
  for (const { id, type } of region.params) w.declare(id, type);
  const made = new Map<NodeId, NodeId>(region.params.map(({ id }) => [id, id]));
  const find = (id: NodeId): NodeId => {
    const inner = made.get(id);
    if (inner !== undefined) return inner;
    const outer = solid(valueAt(id), w);
    if (outer.rows || outer.lifted) w.refuse('has a mask or score that reads rows');
    return outer.id;
  };
  let result = region.result;
  const nodes = w.list(() => {
    const past = w.emit({ kind: 'gather', indices: 1 }, [w.past(), text]);
    made.set(query, w.emit({ kind: 'binary', fn: 'add' }, [query, past]));
    for (const node of region.nodes) {
      if (usesLength(node, w.time.text)) w.refuse('has a mask or score that knows the length');
      made.set(node.id, w.add(node.op, node.inputs.map(find), node.type));
    }
    result = find(region.result);
  });
  return { params: region.params, nodes, result };
}

const usesLength = ({ op, type }: Node, time: string): boolean =>
  (op.kind === 'size' && mentions(op.size, time)) || type.shape.some((s) => mentions(s, time));
