// `where` constraints: checked at each use and reported there, with the values of both sides.
import type { Expr, Item } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { mistake } from './mistake.ts';
import { textAt } from './span-text.ts';
import { describe, type Value } from './value.ts';

/** True if nothing is known to be violated. A generic check stays silent and only says no. */
export function checkConstraints(env: Env, item: Item, use: Span): boolean {
  let holds = true;
  for (const clause of item.where) {
    const value = env.run.evaluate(env, clause);
    if (value.kind === 'poison') holds = false;
    else if (value.kind !== 'bool') {
      mistake(
        env,
        value.kind === 'tensor' ? 'BF2028' : 'BF2029',
        `a constraint must be true or false, not ${describe(value)}`,
        clause.span,
      );
      holds = false;
    } else if (value.value === undefined) noteEquation(env, clause);
    else if (!value.value) {
      if (!env.run.isGeneric) reportViolation(env, item, clause, use);
      holds = false;
    }
  }
  return holds;
}

function reportViolation(env: Env, item: Item, clause: Expr, use: Span): void {
  const text = textAt(clause.span);
  mistake(env, 'BF2025', `\`${item.name.text}\` wants ${text}${valuesOf(env, clause)}`, use, {
    related: [{ span: clause.span, message: 'the constraint' }],
  });
}

/** `, but d is 64 and heads is 6`: the names in the clause with their values. */
function valuesOf(env: Env, clause: Expr): string {
  const names = new Map<string, string>();
  const visit = (expr: Expr): void => {
    if (expr.kind === 'binary') {
      visit(expr.left);
      visit(expr.right);
    } else if (expr.kind === 'unary') visit(expr.operand);
    else if (expr.kind === 'call') for (const arg of expr.args) visit(arg.value);
    else if (expr.kind === 'name' && !names.has(expr.text)) {
      const text = valueText(env.run.evaluate(env, expr));
      if (text !== undefined) names.set(expr.text, text);
    }
  };
  visit(clause);
  const parts = [...names].map(([name, value]) => `${name} is ${value}`);
  return parts.length > 0 ? `, but ${parts.join(' and ')}` : '';
}

function valueText(value: Value): string | undefined {
  if (value.kind === 'size') return value.size.text;
  if (value.kind === 'number' || value.kind === 'bool') return String(value.value);
  return value.kind === 'member' ? value.name : undefined;
}

/** Remembers that a `where` may make sizes equal that a generic check would tell apart. */
function noteEquation(env: Env, clause: Expr): void {
  if (clause.kind !== 'binary') return;
  if (clause.op === 'and') {
    noteEquation(env, clause.left);
    noteEquation(env, clause.right);
  }
  if (clause.op !== '==') return;
  const [left, right] = [env.run.evaluate(env, clause.left), env.run.evaluate(env, clause.right)];
  const isRemainder = [clause.left, clause.right].some(
    (side) => side.kind === 'binary' && side.op === '%',
  );
  if (left.kind === 'size' && right.kind === 'size' && !isRemainder) {
    env.run.equations.push(left.size, right.size);
  }
}
