// What every part of elaboration is given: the run (ids, weights, budget, where to report), the frame (the instance
// whose body is being put together) and the scope (what names mean). The functions that call each other in circles,
// evaluating and applying, are reached through the run, so that files import each other in one direction only.
import type { Expr } from '../ast/ast.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Initializer } from '../graph/graph.ts';
import type { Module, Program } from '../modules.ts';
import type { NodeId, TensorType } from '../ops/op.ts';
import type { Dim } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import type { Step } from './model.ts';
import type { LayerValue, Lineage, Tensor, Value } from './value.ts';

export interface WeightRecord {
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly init: Initializer;
  readonly repeats: readonly number[];
  /** Set for a weight of experts: the first axis of its shape is theirs. */
  readonly routed?: ExpertRows;
  readonly span: Span;
  /** Set when a model's input looks rows up in it. */
  isEmbedding: boolean;
}

/** A value that leaves the model beside its result. */
export interface AuxiliaryRecord {
  readonly name: string;
  readonly kind: 'loss' | 'measure';
  readonly id: NodeId;
  readonly type: TensorType;
}

/** How many experts there are, and how many rows go to one of them each. */
export interface ExpertRows {
  readonly experts: number;
  readonly rows: Dim;
}

/** Running totals; see limits.ts. */
export interface Totals {
  layers: number;
  operations: number;
  evaluations: number;
  parameters: bigint;
  layerDepth: number;
  expressionDepth: number;
}

export interface Run {
  /** A generic check knows parameters by name only; what cannot be decided then is let pass. */
  readonly isGeneric: boolean;
  readonly program: Program;
  readonly report: Report;
  readonly totals: Totals;
  readonly weights: Map<string, WeightRecord>;
  /** Weights by the node that reads them, to see which are looked up by tokens. */
  readonly weightNodes: Map<NodeId, WeightRecord>;
  /** The model's inputs by name; every layer sees them. */
  readonly inputs: Map<string, Tensor>;
  /** `vocab` and `context` of the model. */
  readonly settings: Map<string, { readonly size: Dim; readonly span: Span }>;
  /** Sizes that a generic check was told to be equal, by a `where`. */
  readonly equations: Dim[];
  /** Symbols of sequences whose positions attend to no later ones. */
  readonly causal: Set<string>;
  /** Choices along axes of run time: whether they look ahead is known when the whole model is. */
  readonly choices: { readonly env: Env; readonly span: Span; readonly along: Dim }[];
  nextId: NodeId;
  evaluate(env: Env, expr: Expr): Value;
  /** Like `evaluate`, where only a layer makes sense: there a size does not hide a layer of its name. */
  evaluateLayer(env: Env, expr: Expr): Value;
  /** Applies a layer to tensors: a new instance of it, with weights of its own. */
  apply(env: Env, layer: LayerValue, inputs: readonly Tensor[], span: Span): Value;
  /** A wiring in its block's own frame; `prefix` goes before the names of what it applies. */
  applyWiring(env: Env, wiring: LayerValue, prefix: string, input: Tensor, span: Span): Value;
  /** The sum of what layers give on one tensor. */
  applyAll(env: Env, layers: readonly LayerValue[], input: Tensor, span: Span): Value;
}

/** The instance whose body is being put together. */
export interface Frame {
  readonly path: string;
  /** The name of its layer. */
  readonly layer: string;
  /** Names taken by instances and weights in it, each with the number of times. */
  readonly names: Map<string, number>;
  /** Put before the names: `a_` while a wiring is applied to the sub-layer `a`. */
  readonly prefix: string;
  /** The counts of the repeats around it, outermost first. */
  readonly repeats: readonly number[];
  readonly steps: Step[];
  /** Where weights are read: outside of the region, for the layers given to `attend`. */
  readonly weightSteps: Step[];
  /** What leaves the body of the innermost repeat beside its result, in the order of declaration. */
  readonly auxiliary: AuxiliaryRecord[];
  /** True inside the regions of `attend`, where calls are written out. */
  readonly isRegion: boolean;
  /** Set inside of an expert, which is elaborated for one row. */
  readonly experts?: ExpertRows;
  /** True inside of a router, whose experts give back the shape that they take. */
  readonly isRouter?: boolean;
  /** Where it was applied, and in which frame. */
  readonly use?: { readonly span: Span; readonly frame: Frame };
}

export interface Binding {
  readonly value: Value;
  readonly span: Span;
  /** For a size that an input bound: where the size was written. */
  readonly origin?: Span;
}

export interface Scope {
  readonly names: Map<string, Binding>;
  readonly outer: Scope | undefined;
  readonly module: Module;
  readonly lineage: Lineage | undefined;
}

export interface Env {
  readonly run: Run;
  readonly frame: Frame;
  readonly scope: Scope;
}

/** A scope inside of another. */
export function innerScope(outer: Scope): Scope {
  return { names: new Map(), outer, module: outer.module, lineage: outer.lineage };
}

/** How often the body of this frame runs. */
export function turnsOf(frame: Frame): number {
  return frame.repeats.reduce((product, count) => product * count, 1);
}

/** A name that no instance or weight of the frame has yet: `a`, then `a_2`, `a_3`. */
export function uniqueName(names: Map<string, number>, name: string): string {
  for (;;) {
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    if (count === 1) return name;
    const numbered = `${name}_${count}`;
    if (!names.has(numbered)) {
      names.set(numbered, 1);
      return numbered;
    }
  }
}

export const joinPath = (path: string, name: string): string =>
  path === '' ? name : `${path}.${name}`;
