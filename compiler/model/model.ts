// A model after names are resolved, parameters bound and shapes checked: the tree of layer instances in the order
// in which they run. Bodies are core operations and calls of inner instances; a repeated block stands once.
//
//   Model    = name, symbols, inputs, outputs, weights, body
//   Body     = steps in order, result
//   Step     = op (one core node) | call (inner instance on argument values) | repeat (count, inner body, what leaves it)
//            | experts (rows, the expert of each, inner body for one row)

//   Instance = path, layer, kind, arguments, body
//
// Values are numbered once for the whole model, as nodes are in the graph; lowering (graph/lower.ts) flattens calls.
// Holds no syntax and no facts about a device.
import type { GraphInput, OutputKind, SymbolSpec, WeightSpec } from '../graph/graph.ts';
import type { Node, NodeId, TensorType } from '../ops/op.ts';
import type { Span } from '../source.ts';
import type { CostLimit } from './cost-limit.ts';

/** A parameter as it was bound, for reports, printing and the canonical form. */
export type BoundArgument =
  | { readonly kind: 'size'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'layer'; readonly layer: LayerRef }
  | { readonly kind: 'layers'; readonly layers: readonly LayerRef[] };

/** A layer with the arguments given to it so far. */
export interface LayerRef {
  readonly name: string;
  readonly args: readonly (readonly [name: string, value: BoundArgument])[];
}

export interface Instance {
  /** `blocks.{0}.a`; unique in the model. */
  readonly path: string;
  readonly kind: 'layer' | 'block';
  readonly layer: LayerRef;
  /** Value ids of the tensor arguments. */
  readonly inputs: readonly NodeId[];
  readonly body: Body;
  readonly span: Span;
  /** The nearest place outside of the library that led there; `span` itself where there is none. */
  readonly use: Span;
}

export type Step =
  | { readonly kind: 'op'; readonly node: Node }
  /** The call's value is `instance.body.result`. */
  | { readonly kind: 'call'; readonly instance: Instance }
  /** `param` holds the carried value inside the body; `id` is the value after the last turn. */
  | {
      readonly kind: 'repeat';
      readonly id: NodeId;
      readonly path: string;
      readonly count: number;
      readonly input: NodeId;
      readonly param: { readonly id: NodeId; readonly type: TensorType };
      readonly body: Body;
      /** Values of the body that leave it, for all turns. */
      readonly emits: readonly Emit[];
      readonly span: Span;
    }
  /**
   * One of `count` experts on each row of `input`: the body maps one row, `param`, and its weights have a first axis of
   * experts. Row r goes to the expert `expertOf[r]`; where that is no expert's number, the result is zeros.
   */
  | {
      readonly kind: 'experts';
      readonly id: NodeId;
      readonly count: number;
      readonly input: NodeId;
      readonly expertOf: NodeId;
      readonly param: { readonly id: NodeId; readonly type: TensorType };
      readonly body: Body;
      readonly type: TensorType;
      readonly path: string;
      readonly layer: string;
      readonly span: Span;
      readonly use: Span;
    };

/** `value` of a repeat's body, stacked over the turns, is `id` after it, of shape [turns, ..]. */
export interface Emit {
  readonly value: NodeId;
  readonly id: NodeId;
  readonly type: TensorType;
}

export interface Body {
  readonly steps: readonly Step[];
  readonly result: NodeId;
}

/** Auxiliary outputs are named by path; one inside of repeats has their turns as its first axes, outermost first. */
export interface ModelOutput {
  readonly name: string;
  readonly kind: OutputKind;
  readonly id: NodeId;
  readonly type: TensorType;
}

/** Names resolved, parameters bound, shapes checked: the tree of layers in the order in which they run. */
export interface Model {
  readonly name: string;
  /** Of its name. */
  readonly span: Span;
  readonly doc?: string;
  readonly settings: { readonly vocab?: number; readonly context?: number };
  /** What it is to cost at most: no part of what it means. */
  readonly budget: readonly CostLimit[];
  readonly symbols: readonly SymbolSpec[];
  readonly inputs: readonly GraphInput[];
  /** The result, then the losses and measured values that layers declare. */
  readonly outputs: readonly ModelOutput[];
  readonly weights: readonly WeightSpec[];
  readonly body: Body;
  /** The first number that no value has. */
  readonly nextId: NodeId;
  /** Total layer instances and operations once repeats are unrolled: what the budget bounds. */
  readonly expanded: { readonly layers: number; readonly operations: number };
}
