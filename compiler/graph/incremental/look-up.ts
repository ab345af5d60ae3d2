// Looking rows up in an incremental graph: in tables that have no positions, along other axes than that of the positions, and
// rows by their own numbers, by the places that sorting them gives, and back.
import type { Op } from '../../ops/op.ts';
import { type Dim, div, equal, isWhole, mul } from '../../shapes/dim.ts';
import { commonRows, isFragile, row, solid, unlifted, withBatch } from './operands.ts';
import { mentions, type Rows, sameRows, type Value } from './rows.ts';
import type { Writer } from './writer.ts';

type Gather = Extract<Op, { kind: 'gather' }>;

export function lookUp(op: Gather, values: readonly Value[], w: Writer): Value {
  const [source, ...indices] = values as [Value, ...Value[]];
  const axis = source.rows?.axis;
  if (axis !== undefined && axis < op.indices) return lookUpRows(op, source, axis, indices, w);
  const shape = unlifted(source, w);
  if (shape.slice(0, op.indices).some((size) => mentions(size, w.time.text)))
    w.refuse('looks up any positions of a text');
  if (source.rows) {
    if (source.lifted || indices.some(({ rows, lifted }) => rows || lifted))
      w.refuse('brings different positions of a text together');
    const picked = unlifted(indices[0]!, w).length;
    return row(op, values, { ...source.rows, axis: source.rows.axis - op.indices + picked }, w);
  }
  if (source.lifted) w.refuse('looks up what differs between texts');
  const rows = commonRows(indices, w);
  const lifted = indices.some((index) => index.lifted);
  const ids = indices.map((index) => (lifted ? withBatch(solid(index, w), w) : solid(index, w).id));
  return { id: w.emit(op, [solid(source, w).id, ...ids]), rows, ...(lifted && { lifted }) };
}

/** Each row by its own number, or in the order of a sorting. */
function lookUpRows(
  op: Gather,
  source: Value,
  axis: number,
  indices: readonly Value[],
  w: Writer,
): Value {
  const index = indices[axis]!;
  const rows = rowsFound(source.rows!, unlifted(source, w)[axis]!, index, w);
  if (!rows || source.lifted || isFragile(source, w)) w.refuse('looks up any positions of a text');
  const ids = indices.map((other, i) => {
    if (i === axis) return ownNumbers(index, w);
    if (other.lifted || (other.rows && !sameRows(other.rows, rows)))
      w.refuse('brings different positions of a text together');
    return solid(other, w).id;
  });
  return { id: w.emit(op, [source.id, ...ids]), rows };
}

/** Numbers of positions are those of all so far; rows are found by those of the new ones. */
function ownNumbers(index: Value, w: Writer): number {
  const { role } = index;
  if (role?.kind !== 'number' || !equal(role.size, w.time)) return index.id;
  const shape = unlifted(index, w);
  const rows = w.emit({ kind: 'iota', size: w.time }, []);
  return w.emit({ kind: 'broadcast', shape, axes: [index.rows!.axis] }, [rows]);
}

/** The rows that these numbers find, of rows along an axis of this size; `undefined` where they may be any. */
function rowsFound(from: Rows, size: Dim, { role, rows }: Value, w: Writer): Rows | undefined {
  if (!role || !rows) return undefined;
  switch (role.kind) {
    case 'order':
      return from.sorted === undefined && sameRows({ ...from, sorted: role.key }, rows)
        ? rows
        : undefined;
    case 'place':
      return from.sorted === role.key ? rows : undefined;
    case 'number': {
      const found = { ...from, axis: rows.axis };
      const whole = (part: Dim | undefined): part is Dim => part !== undefined && isWhole(part);
      if (!role.by) return equal(role.size, size) ? found : undefined;
      const times = div(role.size, size);
      if (!role.of || !whole(times)) return undefined;
      if (role.by === 'mod')
        return equal(role.of, size) ? { ...found, before: mul(times, from.before) } : undefined;
      return equal(role.of, times) ? { ...found, after: mul(times, from.after) } : undefined;
    }
    case 'starts':
    case 'length':
      return w.refuse('computes with the places of rows');
  }
}
