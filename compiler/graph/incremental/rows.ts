// Where a value has the positions of a text: what an incremental graph may leave as it is, because each row of it depends on
// its own position alone, and how views move those rows. Knows shapes, no operations.
import type { NodeId } from '../../ops/op.ts';
import { atomsOf, type Dim, div, equal, isWhole, mul, ONE, product } from '../../shapes/dim.ts';

type Shape = readonly Dim[];

/**
 * The axis along which rows lie: of `before * t * after` places, (x * t + i) * after + y belongs to position i. `sorted`: in
 * the order that grouping by this value gives instead.
 */
export interface Rows {
  readonly axis: number;
  readonly before: Dim;
  readonly after: Dim;
  readonly sorted?: string;
}

/** What the numbers of a value mean where they are places of rows: then they serve to look rows up and for nothing else. */
export type Role =
  /** Numbers of the rows of an axis of this size, repeated along axes of others. */
  | { readonly kind: 'number'; readonly size: Dim; readonly by?: 'div' | 'mod'; readonly of?: Dim }
  | { readonly kind: 'order' | 'place' | 'starts'; readonly key: string }
  | { readonly kind: 'length' };

/** A value of the model in the incremental graph. */
export interface Value {
  readonly id: NodeId;
  /** Absent: it is the same at every position. */
  readonly rows?: Rows | undefined;
  /**
   * True where it depends on positions but has no batch in the model: it has an axis for it here, before all others, since the
   * texts of a batch are at different positions. `rows` count without that axis.
   */
  readonly lifted?: boolean;
  readonly role?: Role | undefined;
  /** Of rows of zeros before a text: how many. */
  readonly padded?: { readonly of: Value; readonly before: number } | undefined;
}

export const sameRows = (a: Rows, b: Rows): boolean =>
  a.axis === b.axis &&
  a.sorted === b.sorted &&
  equal(a.before, b.before) &&
  equal(a.after, b.after);

export const plainRows = (axis: number): Rows => ({ axis, before: ONE, after: ONE });

export const isPlain = ({ before, after, sorted }: Rows): boolean =>
  equal(before, ONE) && equal(after, ONE) && sorted === undefined;

export const mentions = (size: Dim, symbol: string): boolean => atomsOf(size).includes(symbol);

/** Where the rows are after a reshape; `undefined` where they are on no axis of their own. */
export function reshapedRows(rows: Rows, from: Shape, to: Shape, time: Dim): Rows | undefined {
  const outer = mul(product(from.slice(0, rows.axis)), rows.before);
  const inner = mul(product(from.slice(rows.axis + 1)), rows.after);
  for (const axis of to.keys()) {
    const before = div(outer, product(to.slice(0, axis)));
    const after = div(inner, product(to.slice(axis + 1)));
    if (!before || !after || !isWhole(before) || !isWhole(after)) continue;
    if (!equal(mul(mul(before, time), after), to[axis]!)) continue;
    const whole = equal(before, rows.before) && equal(after, rows.after);
    if (rows.sorted !== undefined && !whole) return undefined;
    return { axis, before, after, ...(rows.sorted !== undefined && { sorted: rows.sorted }) };
  }
  return undefined;
}
