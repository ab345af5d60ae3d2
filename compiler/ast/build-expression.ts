// Concrete syntax tree -> syntax tree: shapes, statements and expressions.
// The grammar leaves an expression as a flat list of operands and operators; here they get their ranks.
import type { IToken } from 'chevrotain';
import type {
  AuxiliaryCstNode,
  AxisCstNode,
  BodyCstNode,
  CallArgumentsCstNode,
  ConditionalCstNode,
  ExpressionCstNode,
  LetCstNode,
  ListCstNode,
  OperandCstNode,
  PrimaryCstNode,
  ShapeCstNode,
  StatementCstNode,
  StepLayerCstNode,
  WeightCstNode,
  WiringCstNode,
} from '../../grammar/cst.generated.ts';
import { BINARY_RANKS, isBinaryOperator, UNARY_RANKS } from '../../grammar/operators.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { invariant } from '../invariant.ts';
import { joinSpans } from '../source.ts';
import type {
  Argument,
  Auxiliary,
  Axis,
  Body,
  Expr,
  Let,
  Shape,
  Statement,
  UnaryOperator,
  Weight,
} from './ast.ts';
import type { Builder } from './builder.ts';

const DTYPES = ['f32', 'i32', 'bool'] as const;

export function buildShape(node: ShapeCstNode, b: Builder): Shape {
  const { Identifier, axis = [] } = node.children;
  const axes = axis.filter(({ children }) => !children.DotDot);
  for (const [index, { children }] of axis.entries()) {
    if (index > 0 && children.DotDot) {
      b.error('BF1014', '`..` stands for leading axes only', b.span(children.DotDot[0]!), {
        hint: 'write it first: `[.., d]`',
      });
    }
  }
  return {
    dtype: buildDtype(Identifier?.[0], b),
    rest: axes.length < axis.length,
    axes: axes.map((a) => buildAxis(a, b)),
    span: b.nodeSpan(node),
  };
}

function buildDtype(token: IToken | undefined, b: Builder): Shape['dtype'] {
  const known = token ? DTYPES.find((dtype) => dtype === token.image) : 'f32';
  if (token && !known) {
    const near = suggest(token.image, DTYPES);
    b.error('BF1015', `there is no element type \`${token.image}\``, b.span(token), {
      hint: near ? `did you mean \`${near}\`?` : `the element types are ${DTYPES.join(', ')}`,
    });
  }
  return known ?? 'f32';
}

function buildAxis(node: AxisCstNode, b: Builder): Axis {
  const { Identifier, expression } = node.children;
  return {
    ...(Identifier && { label: b.name(Identifier[0]!) }),
    size: buildExpression(expression![0]!, b),
    span: b.nodeSpan(node),
  };
}

export function buildBody(node: BodyCstNode, b: Builder): Body {
  const statements = (node.children.statement ?? []).map((statement) =>
    buildStatement(statement, b),
  );
  const result = buildExpression(node.children.expression[0]!, b);
  return { statements, result, span: b.nodeSpan(node) };
}

function buildStatement({ children }: StatementCstNode, b: Builder): Statement {
  if (children.let) return buildLet(children.let[0]!, b);
  return children.weight
    ? buildWeight(children.weight[0]!, b)
    : buildAuxiliary(children.auxiliary![0]!, b);
}

export function buildLet(node: LetCstNode, b: Builder): Let {
  return {
    kind: 'let',
    name: b.name(node.children.Identifier[0]!),
    value: buildExpression(node.children.expression[0]!, b),
    span: b.nodeSpan(node),
  };
}

function buildWeight(node: WeightCstNode, b: Builder): Weight {
  const c = node.children;
  return {
    kind: 'weight',
    ...b.doc(c.Weight[0]!),
    name: b.name(c.Identifier[0]!),
    shape: buildShape(c.shape[0]!, b),
    init: buildExpression(c.expression[0]!, b),
    span: b.nodeSpan(node),
  };
}

function buildAuxiliary(node: AuxiliaryCstNode, b: Builder): Auxiliary {
  const { Loss, Measure, Identifier, expression } = node.children;
  return {
    kind: Loss ? 'loss' : 'measure',
    ...b.doc((Loss ?? Measure)![0]!),
    name: b.name(Identifier[0]!),
    value: buildExpression(expression[0]!, b),
    span: b.nodeSpan(node),
  };
}

export function buildExpression(node: ExpressionCstNode, b: Builder): Expr {
  const { operand, BinaryOperator = [] } = node.children;
  const terms = operand.flatMap((part, index): Term[] => {
    const operator = BinaryOperator[index];
    return [
      ...(part.children.prefix ?? []),
      buildOperand(part, b),
      ...(operator ? [operator] : []),
    ];
  });
  return climb({ terms, at: 0, builder: b }, 0);
}

/** An operator as its token, an operand as its tree. */
type Term = IToken | Expr;

interface Cursor {
  readonly terms: readonly Term[];
  readonly builder: Builder;
  at: number;
}

/** Precedence climbing: reads operators of at least the given rank. */
function climb(cursor: Cursor, minimum: number): Expr {
  let left = climbPrefix(cursor);
  let compared = false;
  for (;;) {
    const operator = cursor.terms[cursor.at];
    if (!operator || 'kind' in operator) break;
    const op = operator.image;
    invariant(isBinaryOperator(op), 'ast', `operator ${op}`);
    const { rank, side } = BINARY_RANKS[op];
    if (rank < minimum) break;
    const isChained = side === 'none' && compared;
    if (isChained) {
      cursor.builder.error(
        'BF1016',
        'comparisons cannot be chained',
        cursor.builder.span(operator),
        { hint: 'join them with `and`: `0 < x and x < n`' },
      );
    }
    compared = side === 'none';
    cursor.at++;
    const right = climb(cursor, side === 'right' ? rank : rank + 1);
    // What is chained is left out, so that nothing more is said about it.
    if (!isChained)
      left = { kind: 'binary', op, left, right, span: joinSpans(left.span, right.span) };
  }
  return left;
}

function climbPrefix(cursor: Cursor): Expr {
  const term = cursor.terms[cursor.at++];
  invariant(term, 'ast', 'an operator without its operand');
  if ('kind' in term) return term;
  const op = term.image as UnaryOperator;
  const operand = climb(cursor, UNARY_RANKS[op]);
  const span = joinSpans(cursor.builder.span(term), operand.span);
  return { kind: 'unary', op, operand, span };
}

function buildOperand({ children }: OperandCstNode, b: Builder): Expr {
  return (children.suffix ?? []).reduce(
    (target, suffix) => applySuffix(target, suffix, b),
    buildPrimary(children.primary[0]!, b),
  );
}

function applySuffix(target: Expr, suffix: CallArgumentsCstNode | ListCstNode, b: Builder): Expr {
  const span = joinSpans(target.span, b.nodeSpan(suffix));
  if (suffix.name === 'list') {
    return { kind: 'index', target, indices: buildList(suffix, b), span };
  }
  return { kind: 'call', callee: target, args: buildArguments(suffix, b), span };
}

/** The layer of a step or the wiring of a row: a name, perhaps with arguments. */
export function buildStepLayer({ children }: StepLayerCstNode | WiringCstNode, b: Builder): Expr {
  return (children.callArguments ?? []).reduce(
    (target: Expr, suffix) => applySuffix(target, suffix, b),
    buildName(children.Identifier[0]!, b),
  );
}

function buildArguments(node: CallArgumentsCstNode, b: Builder): Argument[] {
  return (node.children.argument ?? []).map((argument) => {
    const { Identifier, expression } = argument.children;
    return {
      ...(Identifier && { name: b.name(Identifier[0]!) }),
      value: buildExpression(expression[0]!, b),
      span: b.nodeSpan(argument),
    };
  });
}

const buildList = (node: ListCstNode, b: Builder): Expr[] =>
  (node.children.expression ?? []).map((e) => buildExpression(e, b));

const buildName = (token: IToken, b: Builder): Expr => ({
  kind: 'name',
  text: token.image,
  span: b.span(token),
});

function buildPrimary(node: PrimaryCstNode, b: Builder): Expr {
  const c = node.children;
  const span = b.nodeSpan(node);
  if (c.Identifier) return buildName(c.Identifier[0]!, b);
  if (c.Number) return b.number(c.Number[0]!);
  if (c.String) return { kind: 'string', value: b.string(c.String[0]!), span };
  if (c.list) return { kind: 'list', items: buildList(c.list[0]!, b), span };
  if (c.conditional) return buildConditional(c.conditional[0]!, b);
  if (c.parenthesized) return buildExpression(c.parenthesized[0]!.children.expression[0]!, b);
  return { kind: 'bool', value: c.True !== undefined, span };
}

function buildConditional(node: ConditionalCstNode, b: Builder): Expr {
  const { expression, then: thenBody, else: elseBody, conditional } = node.children;
  return {
    kind: 'if',
    condition: buildExpression(expression[0]!, b),
    // biome-ignore lint/suspicious/noThenProperty: it is the branch's name in the tree, which is never awaited
    then: buildBody(thenBody[0]!, b),
    else: elseBody ? buildBody(elseBody[0]!, b) : wrap(buildConditional(conditional![0]!, b)),
    span: b.nodeSpan(node),
  };
}

/** `else if` is an `else` whose body is the next `if`. */
const wrap = (result: Expr): Body => ({ statements: [], result, span: result.span });
