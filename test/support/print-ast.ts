// Syntax tree -> text that parses to the same tree. Long heads and pipelines are broken; comments stay before the
// line that follows them, or behind the line they follow.
// Trees made by a program need no sensible spans: places are looked at only for comments.
import type {
  AstFile,
  Block,
  Budget,
  Comment,
  Input,
  Item,
  Layer,
  Model,
  Order,
  Param,
  Use,
} from '../../compiler/ast/ast.ts';
import { unreachable } from '../../compiler/invariant.ts';
import { positionAt, type Span } from '../../compiler/source.ts';
import {
  indent,
  printDoc,
  printExpression,
  printParamType,
  printShape,
  printStatement,
  printStep,
  printSteps,
  printString,
} from './print-expression.ts';

const WIDTH = 100;

export function printAst(ast: AstFile): string {
  const comments = commentsOf(ast);
  const edition = ast.edition && comments.around(ast.edition.span, `edition ${ast.edition.value}`);
  const uses = ast.uses.map((use) => comments.around(use.span, printUse(use)));
  const items = ast.items.map((item) => {
    const before = comments.before(item.span.start);
    return comments.behind(item.span, before + printItem(item, comments));
  });
  const head = [...(edition ? [edition] : []), ...uses].join('\n');
  const parts = [head, ...items, comments.before(Number.POSITIVE_INFINITY).trimEnd()];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The comments of a file that are not printed yet. */
interface Comments {
  /** Those that begin before an offset, each on its line. */
  before(offset: number): string;
  /** The text, with those that follow the span on its last line. */
  behind(span: Span, text: string): string;
  around(span: Span, text: string): string;
}

function commentsOf({ comments }: AstFile): Comments {
  const left: Comment[] = [...comments];
  const isBehind = (comment: Comment, span: Span): boolean =>
    comment.span.start >= span.end &&
    positionAt(span.file, comment.span.start).line === positionAt(span.file, span.end).line;
  const self: Comments = {
    before(offset) {
      let text = '';
      while (left[0] && left[0].span.start < offset) text += `${left.shift()!.text}\n`;
      return text;
    },
    behind: (span, text) =>
      left[0] && isBehind(left[0], span) ? `${text} ${left.shift()!.text}` : text,
    around: (span, text) => self.behind(span, self.before(span.start) + text),
  };
  return self;
}

function printUse({ from, names }: Use): string {
  const source =
    from.kind === 'std'
      ? ['std', ...from.path.map(({ text }) => text)].join('.')
      : printString(from.path);
  const list = names.map(({ name, alias }) => name.text + (alias ? ` as ${alias.text}` : ''));
  return `use ${source}.{${list.join(', ')}}`;
}

function printItem(item: Item, comments: Comments): string {
  switch (item.kind) {
    case 'layer':
      return printHead(item, printLayerSignature(item)) + braces(layerLines(item, comments));
    case 'order':
      return printHead(item, '') + braces(orderLines(item, comments));
    case 'block':
      return printHead(item, '') + braces(blockLines(item, comments));
    case 'model':
      return printHead(item, printModelSignature(item)) + braces(modelLines(item, comments));
    default:
      return unreachable(item, 'ast');
  }
}

function printHead({ kind, doc, name, params, where }: Item, signature: string): string {
  const list = params.map(printParam);
  const conditions = where.map(printExpression).join(', ');
  const start = `${kind} ${name.text}`;
  const short = `${start}${list.length > 0 ? `(${list.join(', ')})` : ''}${signature}`;
  const long = `${start}(\n${indent(list.join(',\n'))}\n)${signature}`;
  const head = short.length <= WIDTH || list.length === 0 ? short : long;
  return `${printDoc(doc)}${head}${where.length > 0 ? `\n  where ${conditions}\n` : ' '}`;
}

const printLayerSignature = ({ inputs, output }: Layer): string =>
  ` (${inputs.map(printInput).join(', ')}) -> ${printShape(output)}`;

function printModelSignature({ inputs, outputName }: Model): string {
  if (!inputs) return '';
  return ` (${inputs.map(printInput).join(', ')})${outputName ? ` -> ${outputName.text}` : ''}`;
}

const printInput = ({ name, shape }: Input): string => `${name.text}: ${printShape(shape)}`;

const printParam = (param: Param): string =>
  `${param.name.text}: ${printParamType(param.type)}` +
  (param.default ? ` = ${printExpression(param.default)}` : '');

const braces = (lines: readonly string[]): string => `{\n${indent(lines.join('\n'))}\n}`;

function layerLines({ body, span }: Layer, comments: Comments): string[] {
  return [
    ...body.statements.map((s) => comments.around(s.span, printStatement(s))),
    comments.around(body.result.span, printExpression(body.result)),
    ...lastComments(span, comments),
  ];
}

function orderLines({ steps, span }: Order, comments: Comments): string[] {
  const first = steps[0]!.span;
  const place = { ...first, end: steps.at(-1)!.span.end };
  return [comments.around(place, printSteps(steps, ' ')), ...lastComments(span, comments)];
}

function blockLines({ lets, rows, span }: Block, comments: Comments): string[] {
  return paragraphs([
    lets.map((l) => comments.around(l.span, printStatement(l))),
    [
      ...rows.map(({ wiring, steps, span: place }) =>
        comments.around(place, `${printExpression(wiring)}: ${printSteps(steps, ' ')}`),
      ),
      ...lastComments(span, comments),
    ],
  ]);
}

function modelLines(
  { settings, budgets, lets, pipeline, span }: Model,
  comments: Comments,
): string[] {
  const short = printSteps(pipeline, ' -> ');
  const long = pipeline.map((step) => printStep(step, ' -> ')).join('\n  -> ');
  const chain = short.length < WIDTH ? short : long;
  const first = pipeline[0]!.span;
  const place = { ...first, end: pipeline.at(-1)!.span.end };
  return paragraphs([
    settings.map(({ name, value, span: at }) =>
      comments.around(at, `${name.text}: ${printExpression(value)}`),
    ),
    budgets.map((budget) => comments.around(budget.span, printBudget(budget))),
    lets.map((l) => comments.around(l.span, printStatement(l))),
    [comments.around(place, chain), ...lastComments(span, comments)],
  ]);
}

const printBudget = ({ limits }: Budget): string =>
  `budget ${braces(
    limits.map(({ name, atMost, sizes }) => {
      const at = sizes.map((size) => `${size.name.text} = ${size.value}`).join(', ');
      return `${name.text} <= ${atMost.text}${at === '' ? '' : ` at ${at}`}`;
    }),
  )}`;

/** Groups of lines with an empty line between them. */
const paragraphs = (groups: readonly (readonly string[])[]): string[] =>
  groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index > 0 ? ['', ...group] : group));

function lastComments(span: Span, comments: Comments): string[] {
  const text = comments.before(span.end).trimEnd();
  return text === '' ? [] : [text];
}
