// `where` constraints: checked at each use and reported there, with the values of both sides.
import type { Expr, Item } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { isInLibrary, mistake } from './mistake.ts';
import { findLocal } from './scope.ts';
import { textAt } from './span-text.ts';
import { type BoundValue, describe, type Value } from './value.ts';

/** True if nothing is known to be violated by the arguments. A generic check stays silent and only says no. */
export function checkConstraints(
  env: Env,
  item: Item,
  args: ReadonlyMap<string, BoundValue>,
  use: Span,
): boolean {
  let holds = true;
  for (const clause of item.where) {
    const value = env.run.evaluate(env, clause);
    if (value.kind === 'poison') holds = false;
    else if (value.kind === 'tensor') {
      reportViolation(env, item, clause, placeOf(env, clause, args, use), 'BF2028');
      holds = false;
    } else if (value.kind !== 'bool') {
      const text = `a constraint must be true or false, not ${describe(value)}`;
      mistake(env, 'BF2029', text, clause.span);
      holds = false;
    } else if (value.value === undefined) noteEquation(env, clause);
    else if (!value.value) {
      if (!env.run.isGeneric)
        reportViolation(env, item, clause, placeOf(env, clause, args, use), 'BF2025');
      holds = false;
    }
  }
  return holds;
}

/** Where it was applied; if that is in the library, the user's argument that the clause is about. */
function placeOf(env: Env, clause: Expr, args: ReadonlyMap<string, BoundValue>, use: Span): Span {
  if (!isInLibrary(env, use)) return use;
  const given = namesIn(clause).map((name) => args.get(name)?.span);
  return given.find((span) => span && !isInLibrary(env, span)) ?? use;
}

function reportViolation(
  env: Env,
  item: Item,
  clause: Expr,
  use: Span,
  code: 'BF2025' | 'BF2028',
): void {
  const text = `\`${item.name.text}\` wants ${textAt(clause.span)}`;
  const why = code === 'BF2025' ? valuesOf(env, clause) : ', which is not known when compiling';
  mistake(env, code, `${text}${why}`, use, {
    related: [{ span: clause.span, message: 'the constraint' }],
  });
}

/** `, but d is 64 and heads is 6`: the names in the clause with their values. */
function valuesOf(env: Env, clause: Expr): string {
  const parts = namesIn(clause).flatMap((text) => {
    const value = findLocal(env.scope, text)?.value;
    const shown = value && valueText(value);
    return shown === undefined ? [] : [`${text} is ${shown}`];
  });
  return parts.length > 0 ? `, but ${parts.join(' and ')}` : '';
}

/** The names in an expression, each once. */
function namesIn(expr: Expr): string[] {
  const names = new Set<string>();
  const visit = (part: Expr): void => {
    if (part.kind === 'binary') {
      visit(part.left);
      visit(part.right);
    } else if (part.kind === 'unary') visit(part.operand);
    else if (part.kind === 'call') for (const arg of part.args) visit(arg.value);
    else if (part.kind === 'name') names.add(part.text);
  };
  visit(expr);
  return [...names];
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
