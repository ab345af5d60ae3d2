// Expressions, shapes and the bodies made of them, as documents. A long expression breaks behind its loosest operators (a line
// must not begin with `-`), a long call between its arguments, an `if` in its braces.
import type { IToken } from 'chevrotain';
import type { BinaryOperator } from '../../compiler/ast/ast.ts';
import type {
  ArgumentCstNode,
  AxisCstNode,
  BodyCstNode,
  CallArgumentsCstNode,
  ConditionalCstNode,
  ExpressionCstNode,
  LetCstNode,
  ListCstNode,
  OperandCstNode,
  ParenthesizedCstNode,
  PrimaryCstNode,
  ShapeCstNode,
  StatementCstNode,
} from '../cst.generated.ts';
import { BINARY_RANKS } from '../operators.ts';
import { type BodyLine, braces, bracketed } from './bracketed.ts';
import { type Doc, group, indent, line, row, softLine, space } from './doc.ts';
import type { Written } from './written.ts';

export function expressionDoc({ children }: ExpressionCstNode, w: Written): Doc {
  const operands = children.operand.map((operand) => operandDoc(operand, w));
  return ranked(operands, children.BinaryOperator ?? [], w);
}

/** Operands with operators between; those of the loosest rank break first. */
function ranked(operands: readonly Doc[], operators: readonly IToken[], w: Written): Doc {
  if (operators.length === 0) return operands[0]!;
  const ranks = operators.map(({ image }) => BINARY_RANKS[image as BinaryOperator].rank);
  const loosest = Math.min(...ranks);
  const parts: Doc[] = [];
  let start = 0;
  for (let i = 0; i <= operators.length; i++) {
    const operator = operators[i];
    if (operator && ranks[i] !== loosest) continue;
    parts.push(ranked(operands.slice(start, i + 1), operators.slice(start, i), w));
    if (operator) parts.push(space, w.word(operator), line);
    start = i + 1;
  }
  return group(indent(parts));
}

function operandDoc({ children }: OperandCstNode, w: Written): Doc {
  const { prefix = [], primary, suffix = [] } = children;
  return row(
    prefix.flatMap((token) => [w.word(token), ...(token.image === 'not' ? [space] : [])]),
    primaryDoc(primary[0]!, w),
    suffix.map((node) => (node.name === 'list' ? listDoc(node, w) : callDoc(node, w))),
  );
}

function primaryDoc({ children: c }: PrimaryCstNode, w: Written): Doc {
  if (c.list) return listDoc(c.list[0]!, w);
  if (c.parenthesized) return parenthesizedDoc(c.parenthesized[0]!, w);
  if (c.conditional) return group(conditionalDoc(c.conditional[0]!, w));
  const [token] = c.Number ?? c.String ?? c.True ?? c.False ?? c.Identifier ?? [];
  return w.word(token!);
}

export function parenthesizedDoc({ children: c }: ParenthesizedCstNode, w: Written): Doc {
  const { comments, word } = w.closing(c.RightParen[0]!);
  const inner = expressionDoc(c.expression[0]!, w);
  return group(w.word(c.LeftParen[0]!), indent(softLine, inner, comments), softLine, word);
}

function listDoc({ children: c }: ListCstNode, w: Written): Doc {
  return bracketed(
    {
      open: c.LeftBracket[0]!,
      nodes: c.expression,
      commas: c.Comma,
      close: c.RightBracket[0]!,
    },
    (node) => expressionDoc(node, w),
    w,
    { filled: (c.expression ?? []).every(isOneWord) },
  );
}

export function callDoc({ children: c }: CallArgumentsCstNode, w: Written): Doc {
  return bracketed(
    { open: c.LeftParen[0]!, nodes: c.argument, commas: c.Comma, close: c.RightParen[0]! },
    (node) => argumentDoc(node, w),
    w,
    { close: c.argument?.length === 1 && endsInBrackets(c.argument[0]!) },
  );
}

function argumentDoc({ children: c }: ArgumentCstNode, w: Written): Doc {
  const value = expressionDoc(c.expression[0]!, w);
  return c.Identifier ? row(w.word(c.Identifier[0]!), w.word(c.Colon![0]!), space, value) : value;
}

function isOneWord({ children }: ExpressionCstNode): boolean {
  const [operand] = children.operand;
  const { prefix, suffix, primary } = operand!.children;
  const { list, parenthesized, conditional } = primary[0]!.children;
  const isWord = !list && !parenthesized && !conditional;
  return children.operand.length === 1 && !prefix && !suffix && isWord;
}

/** Whether a long argument breaks within its own last brackets: a call or a list. */
function endsInBrackets({ children }: ArgumentCstNode): boolean {
  const { operand } = children.expression[0]!.children;
  const { suffix = [], primary } = operand[0]!.children;
  const last = suffix.at(-1);
  const isCall = last?.name === 'callArguments';
  return operand.length === 1 && (isCall || (!last && primary[0]!.children.list !== undefined));
}

/** All braces of a chain of `if` and `else` break together: the caller makes it one group. */
function conditionalDoc({ children: c }: ConditionalCstNode, w: Written): Doc {
  const [other] = c.else ?? [];
  return row(
    w.word(c.If[0]!),
    space,
    expressionDoc(c.expression[0]!, w),
    space,
    bodyDoc(c.then[0]!, w),
    space,
    w.word(c.Else[0]!),
    space,
    other ? bodyDoc(other, w) : conditionalDoc(c.conditional![0]!, w),
  );
}

export function bodyDoc({ children: c }: BodyCstNode, w: Written): Doc {
  const [result] = c.expression;
  const lines: BodyLine[] = [
    ...(c.statement ?? []).map((node) => ({ node, doc: statementDoc(node, w) })),
    { node: result!, doc: expressionDoc(result!, w) },
  ];
  return braces(c.LeftBrace[0]!, lines, c.RightBrace[0]!, w);
}

function statementDoc({ children }: StatementCstNode, w: Written): Doc {
  if (children.let) return letDoc(children.let[0]!, w);
  if (children.weight) {
    const c = children.weight[0]!.children;
    return row(
      w.word(c.Weight[0]!),
      space,
      w.word(c.Identifier[0]!),
      w.word(c.Colon[0]!),
      space,
      shapeDoc(c.shape[0]!, w),
      space,
      w.word(c.Equal[0]!),
      space,
      expressionDoc(c.expression[0]!, w),
    );
  }
  const { Loss, Measure, Identifier, Equal, expression } = children.auxiliary![0]!.children;
  return definition((Loss ?? Measure)![0]!, Identifier[0]!, Equal[0]!, expression[0]!, w);
}

export const letDoc = ({ children: c }: LetCstNode, w: Written): Doc =>
  definition(c.Let[0]!, c.Identifier[0]!, c.Equal[0]!, c.expression[0]!, w);

const definition = (
  keyword: IToken,
  name: IToken,
  equal: IToken,
  value: ExpressionCstNode,
  w: Written,
): Doc =>
  row(w.word(keyword), space, w.word(name), space, w.word(equal), space, expressionDoc(value, w));

export function shapeDoc({ children: c }: ShapeCstNode, w: Written): Doc {
  const list = bracketed(
    { open: c.LeftBracket[0]!, nodes: c.axis, commas: c.Comma, close: c.RightBracket[0]! },
    (node) => axisDoc(node, w),
    w,
  );
  return c.Identifier ? row(w.word(c.Identifier[0]!), list) : list;
}

function axisDoc({ children: c }: AxisCstNode, w: Written): Doc {
  if (c.DotDot) return w.word(c.DotDot[0]!);
  const size = expressionDoc(c.expression![0]!, w);
  return c.Identifier ? row(w.word(c.Identifier[0]!), w.word(c.Colon![0]!), space, size) : size;
}
