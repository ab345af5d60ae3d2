// What every rule of an incremental graph does with its operands: their rows must agree, what only numbers rows is no number to
// compute with, and where one differs between texts the others get an axis for the batch too.
import type { Node, NodeId } from '../../ops/op.ts';
import type { ComputedOp } from '../../ops/shape-rule.ts';
import { type Dim, equal } from '../../shapes/dim.ts';
import { type Rows, sameRows, type Value } from './rows.ts';
import type { Writer } from './writer.ts';

/** What the rules see: the model's nodes, and what became of them. */
export interface Context {
  readonly w: Writer;
  /** The model's node of a value; `undefined` for a parameter. */
  original(id: NodeId): Node | undefined;
  valueAt(id: NodeId): Value;
}

/** The shape that the value has in the model. */
export const unlifted = ({ id, lifted }: Value, w: Writer): readonly Dim[] =>
  w.typeOf(id).shape.slice(lifted ? 1 : 0);

/** True for what only looking up rows may use. Numbers of positions are positions, too. */
export function isFragile({ role, padded }: Value, { time }: Writer): boolean {
  if (padded) return true;
  return role !== undefined && !(role.kind === 'number' && !role.by && equal(role.size, time));
}

/** The value as rows that can be computed with. */
export function solid(value: Value, w: Writer): Value {
  if (isFragile(value, w))
    w.refuse(
      value.role?.kind === 'length'
        ? 'computes with the length of a text'
        : 'computes with the places of rows',
    );
  const { role: _, ...rest } = value;
  return rest;
}

/** The rows of operands that must have the same. */
export function commonRows(values: readonly Value[], w: Writer): Rows | undefined {
  const [first, ...others] = values.flatMap(({ rows }) => rows ?? []);
  if (first && others.some((rows) => !sameRows(rows, first)))
    w.refuse('brings different positions of a text together');
  return first;
}

/** The value with an axis for the batch in front, which it may have already. */
export function withBatch(value: Value, w: Writer): NodeId {
  if (value.lifted) return value.id;
  const { shape } = w.typeOf(value.id);
  const axes = shape.map((_, axis) => axis + 1);
  return w.emit({ kind: 'broadcast', shape: [w.batch, ...shape], axes }, [value.id]);
}

/** An operation for which an axis in front makes no difference, or which was changed for it. */
export function row(
  op: ComputedOp,
  values: readonly Value[],
  rows: Rows | undefined,
  w: Writer,
): Value {
  const solids = values.map((value) => solid(value, w));
  if (!solids.some(({ lifted }) => lifted))
    return {
      id: w.emit(
        op,
        solids.map(({ id }) => id),
      ),
      rows,
    };
  return {
    id: w.emit(
      op,
      solids.map((value) => withBatch(value, w)),
    ),
    rows,
    lifted: true,
  };
}
