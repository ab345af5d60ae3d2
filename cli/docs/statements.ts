// The statements of a layer's body, those in the branches of its conditionals too, in the order of the source.
import type { Body, Expr, Statement } from '../../compiler/ast/ast.ts';
import { unreachable } from '../../compiler/invariant.ts';

export const statementsOf = ({ statements, result }: Body): Statement[] => [
  ...statements.flatMap((statement) => [statement, ...inner(exprOf(statement))]),
  ...inner(result),
];

const exprOf = (statement: Statement): Expr =>
  statement.kind === 'weight' ? statement.init : statement.value;

function inner(expr: Expr): Statement[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'bool':
    case 'name':
      return [];
    case 'list':
      return expr.items.flatMap(inner);
    case 'unary':
      return inner(expr.operand);
    case 'binary':
      return [...inner(expr.left), ...inner(expr.right)];
    case 'call':
      return [...inner(expr.callee), ...expr.args.flatMap(({ value }) => inner(value))];
    case 'index':
      return [...inner(expr.target), ...expr.indices.flatMap(inner)];
    case 'if':
      return [...inner(expr.condition), ...statementsOf(expr.then), ...statementsOf(expr.else)];
    default:
      return unreachable(expr, 'docs');
  }
}
