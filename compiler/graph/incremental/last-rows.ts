// The results of one position of each text: everything after the last place where all new positions are needed (the states,
// the repeats) is computed for that position alone, such as the product with a large vocabulary.
import type { NodeId, Op } from '../../ops/op.ts';
import type { ComputedOp } from '../../ops/shape-rule.ts';
import { type Dim, equal, ONE, substitute } from '../../shapes/dim.ts';
import { isPlain, mentions, type Value } from './rows.ts';
import type { Writer } from './writer.ts';

/** Values with one row where they had those of all new positions. `last` is i32 [b]. */
export function lastRows(values: readonly Value[], w: Writer, last: () => NodeId): NodeId[] {
  const wanted = values.filter(({ rows }) => rows);
  if (wanted.some(({ rows }) => !isPlain(rows!)))
    w.refuse('gives its results in another order than that of the positions');
  if (wanted.length === 0) return values.map(({ id }) => id);
  const index = last();
  const whole = neededWhole(w);
  const done = new Map<NodeId, NodeId | undefined>();
  const one = new Map<string, Dim>([[w.time.text, ONE]]);
  const short = (size: Dim): Dim => substitute(size, one);
  const shape = (sizes: readonly Dim[]): Dim[] => sizes.map(short);

  /** The value with one row; itself where it has none. */
  function rowOf(id: NodeId): NodeId | undefined {
    if (!w.typeOf(id).shape.some((size) => mentions(size, w.time.text))) return id;
    if (!done.has(id)) done.set(id, (whole.has(id) ? undefined : again(id)) ?? picked(id));
    return done.get(id);
  }

  /** The operation on one row. */
  function again(id: NodeId): NodeId | undefined {
    const node = w.nodeOf(id);
    const op = node && oneRow(node.op);
    if (!node || !op) return undefined;
    const operands = node.inputs.map(rowOf);
    return operands.every((x) => x !== undefined) ? w.emit(op, operands) : undefined;
  }

  function oneRow(op: Op): ComputedOp | undefined {
    switch (op.kind) {
      case 'unary':
      case 'binary':
      case 'select':
      case 'cast':
      case 'transpose':
      case 'concat':
      case 'reduce':
        return op;
      case 'dot':
        return op.ragged ? undefined : op;
      case 'reshape':
      case 'broadcast':
        return { ...op, shape: shape(op.shape) };
      case 'slice':
        return { ...op, start: short(op.start), size: short(op.size) };
      default:
        return undefined;
    }
  }

  function picked(id: NodeId): NodeId | undefined {
    const { shape: sizes } = w.typeOf(id);
    const time = sizes.findIndex((size) => equal(size, w.time));
    const batch = sizes.findIndex((size) => equal(size, w.batch));
    const many = sizes.filter((size) => mentions(size, w.time.text)).length > 1;
    if (time < 0 || batch < 0 || many) return undefined;
    const others = sizes.map((_, axis) => axis).filter((axis) => axis !== batch && axis !== time);
    const perm = [batch, time, ...others];
    const table = w.emit({ kind: 'transpose', perm }, [id]);
    const texts = w.emit({ kind: 'iota', size: w.batch }, []);
    const found = w.emit({ kind: 'gather', indices: 2 }, [table, texts, index]);
    const row = [w.batch, ONE, ...others.map((axis) => sizes[axis]!)];
    const flat = w.emit({ kind: 'reshape', shape: row }, [found]);
    const back = perm.map((_, axis) => perm.indexOf(axis));
    return w.emit({ kind: 'transpose', perm: back }, [flat]);
  }

  return values.map(({ id, rows }) => {
    const found = rows ? rowOf(id) : id;
    return found ?? w.refuse('gives results in which positions cannot be told apart');
  });
}

/** What the states are made of: of that there are all rows anyway. */
function neededWhole(w: Writer): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  const waiting = [...w.kept];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(w.nodeOf(id)?.inputs ?? []));
  }
  return found;
}
