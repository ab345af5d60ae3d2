// The core tensor operations: few, closed, and all that the compiler knows. Layers are source, not operations.
//
//   sources      input  weight  const  size  iota
//   elementwise  unary  binary  select  cast            operands have equal shapes: broadcasting is explicit
//   views        reshape  transpose  broadcast  slice  pad  concat
//   reductions   reduce  cumsum
//   products     dot                                    two operands, any labels (einsum); ragged: rows of groups
//   indexing     gather
//   choosing     top_k                                  places of the largest
//   grouping     group  segment_sum                     rows in groups of unequal size, known at run time
//   attention    attend                                 softmax-weighted sum; score and mask are regions
//   structure    repeat  turns                          a region run `count` times, weights differ by turn
//   memory       state  append                          what a decoder keeps from one run to the next
//
// An operation has an entry in each of: shape rule (shape-rule.ts), cost rule (cost/), reference evaluator
// (reference/), ONNX (export/), WGSL (schedule/ and wgsl/). Holds no names of layers, no buffers.
import type { Dim } from '../shapes/dim.ts';
import type { Span } from '../source.ts';

export type DType = 'f32' | 'i32' | 'bool';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

export type UnaryFn =
  | 'neg'
  | 'abs'
  | 'floor'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'tanh'
  | 'erf'
  | 'sigmoid'
  | 'sin'
  | 'cos'
  | 'not';

/** `div` on i32 rounds down and `mod` takes the divisor's sign, as in Python. Comparisons give bool. */
export type BinaryFn =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'mod'
  | 'pow'
  | 'min'
  | 'max'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'and'
  | 'or';

export type ReduceFn = 'sum' | 'max' | 'min';

/** A node's number, unique in the whole graph, also across regions. */
export type NodeId = number;

export type Op =
  | { readonly kind: 'input'; readonly name: string }
  /** By path name; inside repeats the path holds `{0}`, `{1}`, ... for the turn of the outermost, next, ... repeat. */
  | { readonly kind: 'weight'; readonly name: string }
  | { readonly kind: 'const'; readonly value: number; readonly dtype: DType }
  /** The run-time value of a size, an i32 scalar. */
  | { readonly kind: 'size'; readonly size: Dim }
  /** `0, 1, ... size-1`, i32. */
  | { readonly kind: 'iota'; readonly size: Dim }
  | { readonly kind: 'unary'; readonly fn: UnaryFn }
  | { readonly kind: 'binary'; readonly fn: BinaryFn }
  /** Operands: condition (bool), value where true, value where false. */
  | { readonly kind: 'select' }
  /** f32 to i32 rounds toward zero; bool becomes 0 or 1. */
  | { readonly kind: 'cast'; readonly to: DType }
  /** Same elements in row-major order. */
  | { readonly kind: 'reshape'; readonly shape: readonly Dim[] }
  /** Result axis i is operand axis `perm[i]`. */
  | { readonly kind: 'transpose'; readonly perm: readonly number[] }
  /** Operand axis i becomes result axis `axes[i]` (rising); the result's other axes repeat it. */
  | { readonly kind: 'broadcast'; readonly shape: readonly Dim[]; readonly axes: readonly number[] }
  /** Elements `start`, `start + step`, ... along the axis; `size` of them. */
  | {
      readonly kind: 'slice';
      readonly axis: number;
      readonly start: Dim;
      readonly size: Dim;
      readonly step: number;
    }
  /** Zeros (or false) before and after along the axis. */
  | { readonly kind: 'pad'; readonly axis: number; readonly before: Dim; readonly after: Dim }
  | { readonly kind: 'concat'; readonly axis: number }
  /** The reduced axes disappear. `sum` of f32 or i32. */
  | { readonly kind: 'reduce'; readonly fn: ReduceFn; readonly axes: readonly number[] }
  /** Running sum along the axis, the element itself included. */
  | { readonly kind: 'cumsum'; readonly axis: number }
  /**
   * Einstein summation of two f32 operands: one label per axis; a label in `out` is kept, the others are summed.
   *
   * If `ragged`, a third operand, `starts`, i32 [groups + 1], puts the rows of the left operand into groups: row r is
   * in group g where starts[g] <= r < starts[g + 1], and meets only the g-th part of the right operand. The row label
   * is `lhs[0]` and `out[0]`, the group label `rhs[0]`; neither stands anywhere else. Rows from starts[groups] on are
   * in no group and give zeros. The products that a mixture of experts is made of.
   */
  | {
      readonly kind: 'dot';
      readonly lhs: readonly number[];
      readonly rhs: readonly number[];
      readonly out: readonly number[];
      readonly ragged?: true;
    }
  /**
   * Operands: source, then `indices` i32 tensors of equal shape that pick along the source's leading axes.
   * Result shape: index shape, then the source's other axes. An index outside is clamped to the axis.
   */
  | { readonly kind: 'gather'; readonly indices: number }
  /**
   * The places of the `k` largest along the last axis of an f32 tensor, as i32: the largest first, equal ones in the
   * order of their places; -0 equals 0, and NaN comes after every number. `k` is at most the size of the axis.
   */
  | { readonly kind: 'top_k'; readonly k: Dim }
  /**
   * Rows sorted into groups. Operand: i32 [n], the group of each row; rows outside of 0 to groups - 1 come last.
   * The order within a group is kept. Gives one of
   *   order   i32 [n]           the row at each place
   *   place   i32 [n]           the place of each row
   *   starts  i32 [groups + 1]  the first place of each group; the last is the number of rows that are in a group
   */
  | { readonly kind: 'group'; readonly groups: Dim; readonly gives: 'order' | 'place' | 'starts' }
  /**
   * The sum of the rows of each group, one after the other. Operands: values [n, ..] of f32 or i32, starts i32
   * [groups + 1], rising and at most n. Result [groups, ..].
   */
  | { readonly kind: 'segment_sum' }
  /**
   * softmax(scale * q k^T, changed by `score`, kept where `mask`) v, computed without a t x t tensor.
   * Operands: q [b, h, t, k], k [b, g, s, k], v [b, g, s, n], with h a multiple of g (grouped queries: query
   * head `h` reads key head `h / (h/g)`). Result [b, h, t, n]. A row with no key kept gives zeros.
   */
  | {
      readonly kind: 'attend';
      readonly scale: number;
      readonly score?: Region;
      readonly mask?: Region;
    }
  /** One operand and one result of the same type, carried through the region `count` times. */
  | { readonly kind: 'repeat'; readonly count: number; readonly body: Region }
  /** Operand: a repeat. Its body's further result `emits[index]`, of all turns: [count, ..]. */
  | { readonly kind: 'turns'; readonly index: number }
  /** What earlier runs have appended, zeros before the first. By path name, as a weight. Only `append` reads it. */
  | { readonly kind: 'state'; readonly name: string }
  /**
   * Operands: a state, rows, and i32 [b], how many places along `axis` each index of the axis `batch` has filled. The
   * result is the state with row i of x at place filled[x] + i, and those that would lie past the last place there. It
   * is also what the next run finds.
   */
  | { readonly kind: 'append'; readonly axis: number; readonly batch: number };

/** Where a node comes from: for reports, diagnostics and names in errors. */
export interface Origin {
  /** The path of the layer instance, e.g. `blocks.{0}.a`; empty at the model's top. */
  readonly path: string;
  /** The name of that instance's layer, e.g. `attention`. */
  readonly layer: string;
  readonly span?: Span;
}

export interface Node {
  readonly id: NodeId;
  readonly op: Op;
  readonly inputs: readonly NodeId[];
  readonly type: TensorType;
  readonly origin: Origin;
}

/**
 * A list of nodes in an order in which operands come first, with its own parameters. A region also sees the nodes
 * before it in the enclosing lists. Parameters by use:
 *   attend mask    (b, h, i, j)     i32 scalars: batch, query head, query position, key position; result bool
 *   attend score   (s, b, h, i, j)  s the f32 scaled score; result f32. Bodies are scalar; `gather` may read weights
 *   repeat body    (x)              result: the next x
 */
export interface Region {
  readonly params: readonly { readonly id: NodeId; readonly type: TensorType }[];
  readonly nodes: readonly Node[];
  readonly result: NodeId;
  /** Further results of a repeat's body, kept for every turn; `turns` reads them. Absent: none. */
  readonly emits?: readonly NodeId[];
}
