// The core graph of a whole model: what is costed, differentiated, scheduled and evaluated by the reference.
//
//   Graph  = inputs, weights, nodes in order, outputs
//   Node   = id, op, operand ids, type, origin            (ops/op.ts)
//
// Types and constructors only. Does not know attention, ffn or moe, nor buffers.
import type { DType, Node, NodeId, TensorType } from '../ops/op.ts';
import type { Dim } from '../shapes/dim.ts';
import type { Span } from '../source.ts';

export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

/** A trained tensor. `shape` holds numbers only (no symbols). */
export interface WeightSpec {
  /** Path name; holds `{0}`, ... inside repeats, whose counts are `repeats`, outermost first. */
  readonly name: string;
  readonly dtype: 'f32';
  readonly shape: readonly number[];
  readonly init: Initializer;
  readonly repeats: readonly number[];
  /** True for look-up tables of tokens: counted as embedding parameters in reports. */
  readonly embedding: boolean;
  /**
   * For the weights of experts, which have the expert as their first axis: of how many rows each expert is one of
   * `experts` choices. In a run, `rows / experts` rows meet each expert's part.
   */
  readonly routed?: { readonly experts: number; readonly rows: Dim };
  readonly span?: Span;
}

/** A tensor that is kept from one run to the next. In repeats, whose counts are `repeats`, each turn has its own. */
export interface StateSpec {
  /** Path name; holds `{0}`, ... for all repeats around it. */
  readonly name: string;
  readonly type: TensorType;
  readonly repeats: readonly number[];
}

export interface GraphInput {
  readonly name: string;
  readonly type: TensorType;
  /** Smallest and largest legal value of an i32 input, where known (tokens: 0 and vocab - 1). */
  readonly range?: readonly [number, number];
  /** Where it is declared. */
  readonly span?: Span;
}

/** What a model is run for, a number that training adds to its loss, or a value to look at. */
export type OutputKind = 'result' | 'loss' | 'measure';

export interface GraphOutput {
  /** That of an auxiliary output is a path, with `*` for the turn of each repeat, which is an axis of the value. */
  readonly name: string;
  readonly kind: OutputKind;
  readonly node: NodeId;
}

/** A size that is bound at run time, with its limits. */
/** A size of run time, with the values that it may have. */
export interface SymbolSpec {
  readonly name: string;
  readonly min: number;
  readonly max?: number;
}

/** Core operations in the order in which they can run, with symbolic shapes: what costs, kernels and exports are read off. */
export interface Graph {
  readonly name: string;
  readonly symbols: readonly SymbolSpec[];
  readonly inputs: readonly GraphInput[];
  readonly weights: readonly WeightSpec[];
  /** Absent: none, as in the graph of a model. */
  readonly states?: readonly StateSpec[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
}

export const scalarType = (dtype: DType): TensorType => ({ dtype, shape: [] });
export const tensorType = (dtype: DType, shape: readonly Dim[]): TensorType => ({ dtype, shape });
