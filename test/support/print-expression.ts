// Expressions, shapes and steps of a syntax tree -> text, with brackets only where the ranks of operators ask for them.
// An expression is one line, but for the bodies of an `if` that declare something.
import type {
  Argument,
  Axis,
  Body,
  Expr,
  ParamType,
  Shape,
  Statement,
  Step,
} from '../../compiler/ast/ast.ts';
import { invariant, unreachable } from '../../compiler/invariant.ts';
import { BINARY_RANKS, SUFFIX_RANK, UNARY_RANKS } from '../../grammar/operators.ts';

const INDENT = '  ';

export const indent = (text: string): string => text.replace(/^(?=.)/gm, INDENT);

export function printExpression(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'name':
      return expr.text;
    case 'string':
      return printString(expr.value);
    case 'bool':
      return String(expr.value);
    case 'list':
      return `[${expr.items.map(printExpression).join(', ')}]`;
    case 'unary': {
      const operand = within(expr.operand, UNARY_RANKS[expr.op]);
      return expr.op === 'not' ? `not ${operand}` : `-${operand}`;
    }
    case 'binary': {
      const { rank, side } = BINARY_RANKS[expr.op];
      const left = within(expr.left, side === 'left' ? rank : rank + 1);
      const right = within(expr.right, side === 'right' ? rank : rank + 1);
      return `${left} ${expr.op} ${right}`;
    }
    case 'call':
      return `${within(expr.callee, SUFFIX_RANK)}(${expr.args.map(printArgument).join(', ')})`;
    case 'index': {
      const indices = expr.indices.map(printExpression).join(', ');
      return `${within(expr.target, SUFFIX_RANK)}[${indices}]`;
    }
    case 'if':
      return printConditional(expr);
    default:
      return unreachable(expr, 'ast');
  }
}

/** An expression where one of at least a rank is wanted. */
function within(expr: Expr, rank: number): string {
  const text = printExpression(expr);
  return rankOf(expr) < rank ? `(${text})` : text;
}

function rankOf(expr: Expr): number {
  if (expr.kind === 'binary') return BINARY_RANKS[expr.op].rank;
  if (expr.kind === 'unary') return UNARY_RANKS[expr.op];
  return expr.kind === 'if' ? 0 : SUFFIX_RANK;
}

function printConditional(expr: Extract<Expr, { kind: 'if' }>): string {
  const condition = within(expr.condition, 1);
  const { statements, result } = expr.else;
  const isElseIf = statements.length === 0 && result.kind === 'if';
  const otherwise = isElseIf ? printExpression(result) : printBody(expr.else);
  return `if ${condition} ${printBody(expr.then)} else ${otherwise}`;
}

/** On one line if it is only a result. */
function printBody({ statements, result }: Body): string {
  if (statements.length === 0 && result.kind !== 'if') return `{ ${printExpression(result)} }`;
  const lines = [...statements.map(printStatement), printExpression(result)];
  return `{\n${indent(lines.join('\n'))}\n}`;
}

export function printStatement(statement: Statement): string {
  if (statement.kind === 'let') {
    return `let ${statement.name.text} = ${printExpression(statement.value)}`;
  }
  if (statement.kind !== 'weight') {
    const { doc, kind, name, value } = statement;
    return `${printDoc(doc)}${kind} ${name.text} = ${printExpression(value)}`;
  }
  const { doc, name, shape, init } = statement;
  return `${printDoc(doc)}weight ${name.text}: ${printShape(shape)} = ${printExpression(init)}`;
}

export function printDoc(doc: string | undefined): string {
  if (doc === undefined) return '';
  return doc
    .split('\n')
    .map((line) => `${`/// ${line}`.trimEnd()}\n`)
    .join('');
}

const printArgument = ({ name, value }: Argument): string =>
  `${name ? `${name.text}: ` : ''}${printExpression(value)}`;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
};

export function printString(value: string): string {
  invariant(!value.includes('\r'), 'ast', 'a carriage return in a string');
  return `"${value.replace(/["\\\n\t]/g, (character) => ESCAPES[character]!)}"`;
}

export function printShape({ dtype, rest, axes }: Shape): string {
  const parts = [...(rest ? ['..'] : []), ...axes.map(printAxis)];
  return `${dtype === 'f32' ? '' : dtype}[${parts.join(', ')}]`;
}

const printAxis = ({ label, size }: Axis): string =>
  `${label ? `${label.text}: ` : ''}${printExpression(size)}`;

export const printParamType = (type: ParamType): string =>
  type.kind === 'named' ? type.name : `{${type.members.map(({ text }) => text).join(', ')}}`;

/** Steps with what stands between them: a space in a row, an arrow in a pipeline. */
export function printSteps(steps: readonly Step[], between: ' ' | ' -> '): string {
  return steps.map((step) => printStep(step, between)).join(between);
}

export function printStep(step: Step, between: ' ' | ' -> '): string {
  const text =
    step.kind === 'one' ? printExpression(step.layer) : `(${printSteps(step.steps, between)})`;
  if (!step.times) return text;
  const isPlain = step.times.kind === 'number' || step.times.kind === 'name';
  const times = printExpression(step.times);
  return `${text} * ${isPlain ? times : `(${times})`}`;
}
