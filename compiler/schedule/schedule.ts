// What runs, in what order, in which buffers; not how it is spelled in WGSL.
//
//   Schedule = values, packs, slots, steps
//   Step     = region | repeat (count, carried value, steps)
//   Region   = map | rows | dot | attend | group | top_k | segment_sum
//              one region becomes one kernel and one dispatch
//   Expr     = a scalar expression over the region's loop variables; also all index arithmetic
//
// A region's loops are numbered variables. Every tensor access is a load at a flat element index, so views
// (reshape, transpose, slice, broadcast, pad, concat) and element-wise chains live inside expressions and cost no memory.
// Holds no WGSL text, no binding numbers.
import type { GraphOutput } from '../graph/graph.ts';
import type { BinaryFn, DType, NodeId, UnaryFn } from '../ops/op.ts';
import { type Dim, symbol } from '../shapes/dim.ts';

/**
 * A tensor in memory: an input, a weight of a pack, or the result of a region.
 * bool is stored as i32, 0 or 1: loads are compared with 0, stores are casts, so no load, store or value is bool.
 */
export type BufferRef =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'weight'; readonly name: string }
  | { readonly kind: 'value'; readonly value: number };

/**
 * Scalar expressions are interned: equal expressions are the same object, so a printer names shared parts once.
 * dtype `u32` is for index arithmetic only. `div` and `mod` of u32 round down.
 */
export type Expr =
  | { readonly kind: 'const'; readonly dtype: ExprType; readonly value: number }
  | { readonly kind: 'var'; readonly dtype: 'u32'; readonly index: LoopVar }
  /** A size at run time; folded to a number by the printer where it has no symbols. */
  | { readonly kind: 'size'; readonly dtype: 'u32'; readonly size: Dim }
  | {
      readonly kind: 'load';
      readonly dtype: ExprType;
      readonly buffer: BufferRef;
      readonly at: Expr;
    }
  /** The result of a reduction, product or attention of the region, where an epilogue uses it. */
  | { readonly kind: 'acc'; readonly dtype: ExprType; readonly index: number }
  | { readonly kind: 'unary'; readonly dtype: ExprType; readonly fn: UnaryFn; readonly a: Expr }
  | {
      readonly kind: 'binary';
      readonly dtype: ExprType;
      readonly fn: BinaryFn;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** Evaluates only what it needs where a branch loads out of its buffer's range otherwise (pad, concat). */
  | {
      readonly kind: 'select';
      readonly dtype: ExprType;
      readonly cond: Expr;
      readonly then: Expr;
      readonly else: Expr;
    }
  | { readonly kind: 'cast'; readonly dtype: ExprType; readonly a: Expr };

export type ExprType = DType | 'u32';
/** Loop variables are numbered per region; the region says what each stands for. */
export type LoopVar = number;

export interface Loop {
  readonly var: LoopVar;
  readonly size: Dim;
}

/** A tensor that a region writes: element `at` becomes `value`. Every element is written exactly once. */
export interface Store {
  readonly target: number;
  readonly at: Expr;
  readonly value: Expr;
}

interface RegionBase {
  /** Short stable name for labels and file comments: from the layer paths it computes. */
  readonly label: string;
  /** The graph nodes computed here, for reports and for `print --stage schedule`. */
  readonly nodes: readonly number[];
  /** Why it is one region: each merge and each refusal, in words. */
  readonly notes: readonly string[];
}

/** Independent points: an element-wise chain, a look-up, a copy. Several stores share one space. */
export interface MapRegion extends RegionBase {
  readonly kind: 'map';
  readonly loops: readonly Loop[];
  readonly stores: readonly Store[];
}

/**
 * Reductions along one loop (`col`) for every point of `rows`, in order: a later one may use the results of
 * earlier ones as `acc`. Then stores: at each row (`rowStores`), and at each row and column (`colStores`).
 */
export interface RowsRegion extends RegionBase {
  readonly kind: 'rows';
  readonly rows: readonly Loop[];
  readonly col: Loop;
  readonly stages: readonly {
    readonly acc: number;
    readonly fn: 'sum' | 'max' | 'min';
    readonly value: Expr;
  }[];
  /** A running sum instead of a reduction: `acc` holds the sum up to and with the column; only `colStores` see it. */
  readonly scan?: { readonly acc: number; readonly value: Expr };
  readonly rowStores: readonly Store[];
  readonly colStores: readonly Store[];
}

/**
 * Products that share their left operand: for every batch point, row m and column n of a group,
 * acc = sum over k of a(m, k) * b(k, n). Groups lie side by side (q, k, v); the products of one group share n and
 * meet in its stores (gate and up). `a` and `b` are expressions over (batch, m, k) and (batch, k, n).
 */
export interface DotRegion extends RegionBase {
  readonly kind: 'dot';
  readonly batch: readonly Loop[];
  readonly m: Loop;
  /**
   * Rows in parts: part p goes up to row `end`, u32 over `part`, and begins where the one before it ends; `b` is over
   * (batch, part, k, n). Rows after the last part are in none: there acc = 0.
   */
  readonly ragged?: { readonly part: Loop; readonly end: Expr };
  readonly k: Loop;
  readonly a: Expr;
  /** Sums over k of each row, `value` over (batch, m, k), that stores use as `acc`. Not with `ragged`. */
  readonly rowSums?: readonly { readonly acc: number; readonly value: Expr }[];
  readonly groups: readonly {
    readonly n: Loop;
    readonly products: readonly { readonly acc: number; readonly b: Expr }[];
    readonly stores: readonly Store[];
  }[];
}

/**
 * Tiled attention with an online softmax: acc(i, n) = sum_j softmax_j(score) v(j, n).
 * q over (b, h, i, c); k over (b, h, j, c); v over (b, h, j, n): the grouping of heads is inside the index expressions,
 * `groupSize` says how many query heads share a key head. `score` is over (b, h, i, j) with acc `scoreAcc` for
 * scale * q.k; `mask` over (b, h, i, j). Keys outside [`lo`, `hi`) of row i (expressions over i) are masked for
 * certain and need not be visited; `mask` is absent where the interval says it all.
 */
export interface AttendRegion extends RegionBase {
  readonly kind: 'attend';
  readonly b: Loop;
  readonly h: Loop;
  readonly i: Loop;
  readonly j: Loop;
  readonly c: Loop;
  readonly n: Loop;
  readonly groupSize: number;
  readonly scale: number;
  readonly q: Expr;
  readonly k: Expr;
  readonly v: Expr;
  readonly scoreAcc: number;
  readonly score?: Expr;
  readonly mask?: Expr;
  readonly lo?: Expr;
  readonly hi?: Expr;
  /** The acc that the stores use for the result; stores are over (b, h, i, n). */
  readonly acc: number;
  readonly stores: readonly Store[];
}

/**
 * Rows sorted by `key`, the i32 number of their group, in a stable order; keys outside the groups come last. Stores are
 * over `row`, with acc `place` for the row's place in that order, or over `group`, which counts one more than there are
 * groups, with acc `start` for the number of rows before it. Both accs are u32.
 */
export interface GroupRegion extends RegionBase {
  readonly kind: 'group';
  readonly row: Loop;
  readonly group: Loop;
  readonly key: Expr;
  readonly place: number;
  readonly start: number;
  readonly rowStores: readonly Store[];
  readonly groupStores: readonly Store[];
}

/**
 * The largest along one loop (`col`) for every point of `rows`: acc is the column, u32, of the one that `rank` - 1 others
 * come before. Larger f32 values come first, equal ones (0 and -0 too) by column, NaN last. Stores are over (rows, rank).
 */
export interface TopKRegion extends RegionBase {
  readonly kind: 'top_k';
  readonly rows: readonly Loop[];
  readonly col: Loop;
  readonly rank: Loop;
  readonly value: Expr;
  readonly acc: number;
  readonly stores: readonly Store[];
}

/**
 * Sums of neighbouring rows: acc(group, cols) = the sum of value(row, cols) over the rows from `from` to before `to`,
 * u32 over `group`, neither beyond the size of `row`; one after the other. Stores are over (group, cols).
 */
export interface SegmentSumRegion extends RegionBase {
  readonly kind: 'segment_sum';
  readonly group: Loop;
  readonly cols: readonly Loop[];
  readonly row: Loop;
  readonly from: Expr;
  readonly to: Expr;
  readonly value: Expr;
  readonly acc: number;
  readonly stores: readonly Store[];
}

export type Region =
  | MapRegion
  | RowsRegion
  | DotRegion
  | AttendRegion
  | GroupRegion
  | TopKRegion
  | SegmentSumRegion;

/**
 * The turn of the repeat at a depth, 0 for the outermost, as it stands in sizes: a store to a value of all turns has it in
 * its index, and the runtime knows it in each turn.
 */
export const turnOf = (depth: number): Dim => symbol(`{${depth}}`);

/**
 * A repeat carries one value: `param` is what a turn reads, `result` what it writes. Where the two have different slots
 * the slots change roles after each turn, so nothing is copied; after the last turn the value is in `param`'s role.
 * `emits` are values of all turns, of which each turn writes its part; they are in memory from the first turn on.
 */
export type ScheduleStep =
  | { readonly kind: 'region'; readonly region: Region }
  | {
      readonly kind: 'repeat';
      readonly count: number;
      readonly carry: { readonly param: number; readonly result: number };
      readonly emits: readonly number[];
      readonly steps: readonly ScheduleStep[];
    };

/** A tensor that lives in a slot between the region that writes it and the last that reads it. */
export interface ScheduledValue {
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
  readonly slot: number;
  /** The nodes in it, with the paths of the layers that make them: more than one where maps lie side by side. */
  readonly holds: readonly {
    readonly node: NodeId;
    readonly path: string;
    readonly shape: readonly Dim[];
  }[];
}

/** A buffer reused over time; it holds the largest of its values. Two values live at once never share one. */
export interface Slot {
  readonly id: number;
  readonly values: readonly number[];
}

/**
 * Weights that are bound together: one buffer range, in the order given, at fixed element offsets (multiples of 64).
 * Inside repeats each turn has its own copy of the pack. No pack exceeds the binding limit; a single weight that
 * does is refused by name (BF4001).
 */
export interface Pack {
  readonly id: number;
  readonly repeats: readonly number[];
  readonly weights: readonly {
    readonly name: string;
    readonly offset: number;
    readonly elements: number;
  }[];
  readonly elements: number;
}

/** What runs in which order and in which buffers, before any kernel is written. */
export interface Schedule {
  readonly values: readonly ScheduledValue[];
  readonly slots: readonly Slot[];
  /** Values that keep their slots from run to run, which are theirs alone; zeros before the first. */
  readonly kept: readonly number[];
  readonly packs: readonly Pack[];
  readonly steps: readonly ScheduleStep[];
  readonly outputs: readonly (Omit<GraphOutput, 'node'> & { readonly value: number })[];
}
