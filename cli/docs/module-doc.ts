// A module as its reader needs it: what it declares for others, from its syntax tree and its doc comments.
// Texts are as written in the source; how they look on a page is for markdown.ts and html.ts. Computes no shapes.
//
//   ModuleDoc = path, about, ItemDoc*
//   ItemDoc   = kind, name, doc, signature, what it takes and gives, its constraints, weights, rows, outputs
import type { Input, Item, Param, Shape, Statement } from '../../compiler/ast/ast.ts';
import type { Module } from '../../compiler/modules.ts';
import { positionAt, type Span } from '../../compiler/source.ts';
import type { CostDoc } from './cost-formulas.ts';
import { splitDoc } from './doc-text.ts';
import { lineOf } from './source-text.ts';
import { statementsOf } from './statements.ts';

export interface ParamDoc {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
  /** Markdown. */
  readonly doc: string;
}

export interface ShapeDoc {
  readonly name: string;
  readonly shape: string;
}

export interface WeightDoc extends ShapeDoc {
  readonly init: string;
  readonly doc: string;
}

/** A loss or a measured value. */
export interface OutputDoc {
  readonly kind: 'loss' | 'measure';
  readonly name: string;
  readonly doc: string;
}

export type ItemKind = Item['kind'] | 'router';

export interface ItemDoc {
  readonly kind: ItemKind;
  readonly name: string;
  /** Markdown, without what it says about single parameters. */
  readonly doc: string;
  /** The declaration up to its body. */
  readonly signature: string;
  readonly params: readonly ParamDoc[];
  /** None of an order. */
  readonly inputs: readonly ShapeDoc[];
  /** A shape; the name of a model's output; `undefined` for an order. */
  readonly output: string | undefined;
  readonly constraints: readonly string[];
  /** `vocab` and `context` of a model. */
  readonly settings: readonly ShapeDoc[];
  /** What a model is to cost at most: `flops <= 2G at b = 1`. */
  readonly budget: readonly string[];
  /** Those that its own body declares. */
  readonly weights: readonly WeightDoc[];
  readonly outputs: readonly OutputDoc[];
  /** Lines: labels and rows of a block, the steps of an order, labels and stages of a model. None of a layer. */
  readonly body: readonly string[];
  /** Where it is declared; from one. */
  readonly line: number;
  readonly cost?: CostDoc;
}

export interface ModuleDoc {
  readonly path: string;
  /** The comment that the file begins with, as Markdown. */
  readonly about: string;
  readonly items: readonly ItemDoc[];
}

/** What is declared for others: names without a leading `_`. */
export const publicItems = ({ ast }: Module): Item[] =>
  ast.items.filter(({ name }) => !name.text.startsWith('_'));

/** All that the module declares for others. */
export function describeModule(
  module: Module,
  costOf: (item: Item) => CostDoc | undefined = () => undefined,
): ModuleDoc {
  const { file, ast } = module;
  const [first] = [ast.edition, ...ast.uses, ...ast.items].filter((part) => part !== undefined);
  const opening = ast.comments.filter(
    ({ text, span }) => span.end <= (first?.span.start ?? 0) && !text.startsWith('///'),
  );
  return {
    path: file.path,
    about: withCode(opening.map(({ text }) => text.replace(/^\/\/ ?/, '')).join('\n')),
    items: publicItems(module).map((item) => {
      const cost = costOf(item);
      return { ...describeItem(item), ...(cost && { cost }) };
    }),
  };
}

/** Paragraphs that are set in by two spaces are code, for which Markdown wants four. */
const withCode = (text: string): string =>
  text
    .split(/\n(?:[ \t]*\n)+/)
    .map((part) => (/^( {2,}.*(\n|$))+$/.test(part) ? part.replace(/^/gm, '  ') : part))
    .join('\n\n');

function describeItem(item: Item): ItemDoc {
  const names = item.params.map(({ name }) => name.text);
  const { prose, ofParams } = splitDoc(item.doc ?? '', names);
  const statements = item.kind === 'layer' ? statementsOf(item.body) : [];
  return {
    kind: isRouter(item) ? 'router' : item.kind,
    name: item.name.text,
    doc: prose,
    signature: signatureOf(item),
    params: item.params.map((param) => paramDoc(param, ofParams.get(param.name.text) ?? '')),
    inputs: inputsOf(item),
    output: outputOf(item),
    constraints: item.where.map(({ span }) => lineOf(span)),
    settings:
      item.kind === 'model'
        ? item.settings.map(({ name, value }) => ({ name: name.text, shape: lineOf(value.span) }))
        : [],
    budget:
      item.kind === 'model'
        ? item.budgets.flatMap(({ limits }) => limits.map(({ span }) => lineOf(span)))
        : [],
    weights: statements.flatMap(weightDoc),
    outputs: statements.flatMap(outputDoc),
    body: bodyOf(item),
    line: positionAt(item.name.span.file, item.name.span.start).line,
  };
}

/** A layer that is given its experts by another: see "Experts" in docs/language.md. */
const isRouter = ({ kind, params }: Item): boolean =>
  kind === 'layer' &&
  params.some(({ name, type }) => name.text === 'expert' && isType(type, 'layer')) &&
  params.some(({ name, type, default: given }) => {
    return name.text === 'experts' && isType(type, 'int') && !given;
  }) &&
  !params.some(({ type }) => isType(type, 'router'));

const isType = (type: Param['type'], name: string): boolean =>
  type.kind === 'named' && type.name === name;

const paramDoc = ({ name, type, default: given }: Param, doc: string): ParamDoc => ({
  name: name.text,
  type: lineOf(type.span),
  ...(given && { default: lineOf(given.span) }),
  doc,
});

const shapeDoc = ({ name, shape }: Input): ShapeDoc => ({
  name: name.text,
  shape: lineOf(shape.span),
});

function inputsOf(item: Item): ShapeDoc[] {
  switch (item.kind) {
    case 'layer':
      return item.inputs.map(shapeDoc);
    case 'block':
      return [{ name: 'x', shape: '[b, t, d]' }];
    case 'model':
      return item.inputs?.map(shapeDoc) ?? [{ name: 'tokens', shape: 'i32[b, t]' }];
    default:
      return [];
  }
}

function outputOf(item: Item): string | undefined {
  switch (item.kind) {
    case 'layer':
      return lineOf(item.output.span);
    case 'block':
      return '[b, t, d]';
    case 'model':
      return item.outputName?.text ?? 'logits';
    default:
      return undefined;
  }
}

function bodyOf(item: Item): string[] {
  switch (item.kind) {
    case 'layer':
      return [];
    case 'block':
      return [...item.lets, ...item.rows].map(({ span }) => lineOf(span));
    case 'order':
      return [lineOf(around(item.steps))];
    case 'model':
      return [...item.lets, { span: around(item.pipeline) }].map(({ span }) => lineOf(span));
  }
}

function weightDoc(statement: Statement): WeightDoc[] {
  if (statement.kind !== 'weight') return [];
  const { name, shape, init, doc = '' } = statement;
  return [{ name: name.text, shape: lineOf(shape.span), init: lineOf(init.span), doc }];
}

function outputDoc(statement: Statement): OutputDoc[] {
  if (statement.kind !== 'loss' && statement.kind !== 'measure') return [];
  const { kind, name, doc = '' } = statement;
  return [{ kind, name: name.text, doc }];
}

/** The declaration from its keyword to the brace that opens its body, with its line breaks. */
function signatureOf(item: Item): string {
  const { file, start } = item.name.span;
  const parts: readonly { readonly span: Span }[] = [
    item.name,
    ...item.params,
    ...('inputs' in item ? (item.inputs ?? []) : []),
    ...resultParts(item),
    ...item.where,
  ];
  const end = Math.max(...parts.map(({ span }) => span.end));
  // Only closing brackets and comments stand between the last part and the brace.
  const rest = file.text.slice(end, file.text.indexOf('{', end)).replace(/\/\/.*/g, '');
  return `${item.kind} ${(file.text.slice(start, end) + rest).trim()}`;
}

function resultParts(item: Item): readonly (Shape | { readonly span: Span })[] {
  if (item.kind === 'layer') return [item.output];
  return item.kind === 'model' && item.outputName ? [item.outputName] : [];
}

const around = (parts: readonly { readonly span: Span }[]): Span => ({
  ...parts[0]!.span,
  end: parts.at(-1)!.span.end,
});
