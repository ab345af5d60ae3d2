// The syntax tree: names as written, spans, comments for the formatter. No resolved name, no computed number.
//
//   File      = edition? Use* (Layer | Order | Block | Model)*
//   Use       = 'use' ("std" ('.' name)* | "./path.bform") '.' '{' name ('as' name)?, ... '}'
//   Layer     = doc? 'layer' name Params? '(' Input, ... ')' '->' Shape ('where' Expr, ...)? Body
//   Order     = doc? 'order' name Params? ('where' Expr, ...)? '{' Step+ '}'
//   Block     = doc? 'block' name Params? ('where' Expr, ...)? '{' Let* Row+ '}'
//   Model     = doc? 'model' name Params? ('(' Input, ... ')' ('->' name)?)? ('where' ...)? '{' (Setting | Let | Budget)* Pipeline '}'
//   Params    = '(' name ':' ParamType ('=' Expr)?, ... ')'
//   ParamType = dim | int | float | bool | activation | layer | layers | router | '{' name, ... '}'
//   Input     = name ':' Shape
//   Shape     = dtype? '[' '..'? , Axis, ... ']'        Axis = (name ':')? Expr
//   Body      = '{' (Let | Weight | Auxiliary)* Expr '}'
//   Let       = 'let' name '=' Expr
//   Weight    = 'weight' name ':' Shape '=' Expr        the initialiser: a call, or tied("path")
//   Auxiliary = ('loss' | 'measure') name '=' Expr       an output beside the model's result
//   Row       = Expr ':' Step+                          wiring, then the permutation
//   Budget    = 'budget' '{' (name '<=' quantity ('at' name '=' number, ...)?)+ '}'
//   Step      = (Call | '(' Step+ ')') ('*' Expr)?
//   Pipeline  = Step ('->' Step)*
import type { Span } from '../source.ts';

export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A comment as written, with its delimiters; kept in source order for the formatter. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
}

export interface AstFile {
  readonly kind: 'file';
  readonly edition?: { readonly value: number; readonly span: Span };
  readonly uses: readonly Use[];
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
  readonly span: Span;
}

export interface Use {
  readonly kind: 'use';
  readonly from:
    | { readonly kind: 'std'; readonly path: readonly Name[]; readonly span: Span }
    | { readonly kind: 'file'; readonly path: string; readonly span: Span };
  readonly names: readonly { readonly name: Name; readonly alias?: Name }[];
  readonly span: Span;
}

export type Item = Layer | Order | Block | Model;

interface ItemBase {
  readonly name: Name;
  /** The text of the `///` lines above, joined by newlines, without the slashes. */
  readonly doc?: string;
  readonly params: readonly Param[];
  readonly where: readonly Expr[];
  readonly span: Span;
}

export interface Layer extends ItemBase {
  readonly kind: 'layer';
  readonly inputs: readonly Input[];
  readonly output: Shape;
  readonly body: Body;
}

/** Which sub-layers follow which: what a row is written with. */
export interface Order extends ItemBase {
  readonly kind: 'order';
  readonly steps: readonly Step[];
}

export interface Block extends ItemBase {
  readonly kind: 'block';
  readonly lets: readonly Let[];
  readonly rows: readonly Row[];
}

export interface Model extends ItemBase {
  readonly kind: 'model';
  /** Absent: the default signature `(tokens: i32[b, t]) -> logits`. */
  readonly inputs?: readonly Input[];
  readonly outputName?: Name;
  readonly settings: readonly Setting[];
  readonly budgets: readonly Budget[];
  readonly lets: readonly Let[];
  readonly pipeline: readonly Step[];
}

/** What a model is to cost at most. */
export interface Budget {
  readonly limits: readonly Limit[];
  readonly span: Span;
}

/** `flops <= 2G at b = 1, t = 512`. */
export interface Limit {
  readonly name: Name;
  /** As written, with its unit. */
  readonly atMost: { readonly text: string; readonly span: Span };
  readonly sizes: readonly { readonly name: Name; readonly value: number; readonly span: Span }[];
  readonly span: Span;
}

export type ParamTypeName =
  | 'dim'
  | 'int'
  | 'float'
  | 'bool'
  | 'activation'
  | 'layer'
  | 'layers'
  | 'router';

export type ParamType =
  | { readonly kind: 'named'; readonly name: ParamTypeName; readonly span: Span }
  | { readonly kind: 'enum'; readonly members: readonly Name[]; readonly span: Span };

export interface Param {
  readonly name: Name;
  readonly type: ParamType;
  readonly default?: Expr;
  readonly span: Span;
}

export interface Input {
  readonly name: Name;
  readonly shape: Shape;
  readonly span: Span;
}

export interface Shape {
  readonly dtype: 'f32' | 'i32' | 'bool';
  /** `[.., d]`: any leading axes. */
  readonly rest: boolean;
  readonly axes: readonly Axis[];
  readonly span: Span;
}

/** An axis: a size, with a name of its own where the size is not already a plain name. */
export interface Axis {
  readonly label?: Name;
  readonly size: Expr;
  readonly span: Span;
}

export interface Setting {
  readonly name: Name;
  readonly value: Expr;
  readonly span: Span;
}

export interface Let {
  readonly kind: 'let';
  readonly name: Name;
  readonly value: Expr;
  readonly span: Span;
}

export interface Weight {
  readonly kind: 'weight';
  readonly doc?: string;
  readonly name: Name;
  readonly shape: Shape;
  readonly init: Expr;
  readonly span: Span;
}

/** A value that becomes an output of the model: a loss that training adds to its own, or a measured tensor. */
export interface Auxiliary {
  readonly kind: 'loss' | 'measure';
  readonly doc?: string;
  readonly name: Name;
  readonly value: Expr;
  readonly span: Span;
}

export type Statement = Let | Weight | Auxiliary;

export interface Body {
  readonly statements: readonly Statement[];
  readonly result: Expr;
  readonly span: Span;
}

export interface Row {
  readonly wiring: Expr;
  readonly steps: readonly Step[];
  readonly span: Span;
}

export type Step =
  | { readonly kind: 'one'; readonly layer: Expr; readonly times?: Expr; readonly span: Span }
  | {
      readonly kind: 'group';
      readonly steps: readonly Step[];
      readonly times?: Expr;
      readonly span: Span;
    };

export type UnaryOperator = '-' | 'not';
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '@'
  | '^'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or';

export interface Argument {
  readonly name?: Name;
  readonly value: Expr;
  readonly span: Span;
}

export type Expr =
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly isInteger: boolean;
      readonly text: string;
      readonly span: Span;
    }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'bool'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'name'; readonly text: string; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Expr[]; readonly span: Span }
  | {
      readonly kind: 'unary';
      readonly op: UnaryOperator;
      readonly operand: Expr;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly op: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  /** `f(x, axis: d)`; also the application of a layer: `ffn(hidden: 64)(x)`. */
  | {
      readonly kind: 'call';
      readonly callee: Expr;
      readonly args: readonly Argument[];
      readonly span: Span;
    }
  /** `table[i, j]`: the leading axes of `target` looked up by integer tensors. */
  | {
      readonly kind: 'index';
      readonly target: Expr;
      readonly indices: readonly Expr[];
      readonly span: Span;
    }
  /** Chosen at compile time; each branch is a body of its own and may declare weights. */
  | {
      readonly kind: 'if';
      readonly condition: Expr;
      readonly then: Body;
      readonly else: Body;
      readonly span: Span;
    };
