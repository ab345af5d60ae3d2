// Products and sums in an incremental graph: they may go along any axis but that of the positions and that of the batch.
import type { Op } from '../../ops/op.ts';
import { type Dim, equal } from '../../shapes/dim.ts';
import { row, solid, unlifted } from './operands.ts';
import { mentions, sameRows, type Value } from './rows.ts';
import type { Writer } from './writer.ts';

type OpOf<K extends Op['kind']> = Extract<Op, { kind: K }>;

export function reduce(op: OpOf<'reduce'>, x: Value, w: Writer): Value {
  const shape = unlifted(x, w);
  for (const axis of op.axes) mixed(shape[axis]!, axis === x.rows?.axis, w);
  const before = op.axes.filter((axis) => axis < (x.rows?.axis ?? 0)).length;
  const rows = x.rows && { ...x.rows, axis: x.rows.axis - before };
  const axes = x.lifted ? op.axes.map((axis) => axis + 1) : op.axes;
  return row({ ...op, axes }, [x], rows, w);
}

function mixed(size: Dim, isRows: boolean, w: Writer): void {
  if (isRows || mentions(size, w.time.text)) w.refuse('sums over all positions of a text');
  if (equal(size, w.batch)) w.refuse('sums over the texts of a batch');
}

export function dot(op: OpOf<'dot'>, values: readonly Value[], w: Writer): Value {
  const [a, b] = values.map((value) => solid(value, w)) as [Value, Value];
  const labels = [op.lhs, op.rhs];
  const found = [a, b].flatMap(({ rows }, i) =>
    rows ? [{ rows, label: labels[i]![rows.axis]! }] : [],
  );
  const [first, second] = found;
  if (
    first &&
    second &&
    (first.label !== second.label ||
      !sameRows(first.rows, { ...second.rows, axis: first.rows.axis }))
  )
    w.refuse('brings different positions of a text together');
  [a, b].forEach((value, i) => {
    for (const [axis, size] of unlifted(value, w).entries()) {
      const label = labels[i]![axis]!;
      if (!op.out.includes(label)) mixed(size, label === first?.label, w);
    }
  });
  const rows = first && { ...first.rows, axis: op.out.indexOf(first.label) };
  if (!a.lifted && !b.lifted) return { id: w.emit(op, [a.id, b.id]), rows };
  const batchOf = (value: Value, own: readonly number[]): number | undefined =>
    value.lifted ? undefined : own[w.typeOf(value.id).shape.findIndex((s) => equal(s, w.batch))];
  const shared = batchOf(a, op.lhs) ?? batchOf(b, op.rhs);
  const label = shared ?? Math.max(...op.lhs, ...op.rhs) + 1;
  const [lhs, rhs] = [a, b].map((value, i) => (value.lifted ? [label, ...labels[i]!] : labels[i]!));
  const out = shared === undefined ? [label, ...op.out] : op.out;
  const id = w.emit({ kind: 'dot', lhs: lhs!, rhs: rhs!, out }, [a.id, b.id]);
  return { id, rows, ...(shared === undefined && { lifted: true }) };
}

export function raggedDot(op: OpOf<'dot'>, values: readonly Value[], w: Writer): Value {
  const [rows, parts, starts] = values as [Value, Value, Value];
  const { role } = starts;
  const fits = role?.kind === 'starts' && rows.rows?.axis === 0 && rows.rows.sorted === role.key;
  if (!fits || parts.rows || rows.lifted || parts.lifted)
    w.refuse('groups rows by what is not their own');
  const id = w.emit(op, [solid(rows, w).id, solid(parts, w).id, starts.id]);
  return { id, rows: rows.rows };
}
