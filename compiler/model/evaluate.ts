// Evaluates expressions and bodies: numbers become numbers, tensor expressions become operations of the frame's body.
// Long chains of operators are walked without recursion, and every step is counted, so any text ends in bounded time.
import type { Body, Expr } from '../ast/ast.ts';
import { unreachable } from '../invariant.ts';
import { constant, equal } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import { declareAuxiliary } from './auxiliary.ts';
import { countEvaluation, deeperExpression } from './budget.ts';
import { callFunction, isFunction } from './builtins/call-function.ts';
import { lookUpRows } from './builtins/indexing.ts';
import { callLayer } from './call-layer.ts';
import { type Env, innerScope } from './context.ts';
import { declareLets } from './lets.ts';
import { mistake, quoted } from './mistake.ts';
import { applyBinary, applyUnary, type Side } from './operators.ts';
import { callOrder } from './order.ts';
import { declare, findLocal, lookUp } from './scope.ts';
import { describe, POISON, type Value } from './value.ts';
import { declareWeight } from './weights.ts';

/** The value of an expression; mistakes are reported and give `POISON`. */
export function evaluate(env: Env, expr: Expr): Value {
  countEvaluation(env, expr.span);
  return deeperExpression(env, expr.span, () => evaluateKind(env, expr));
}

function evaluateKind(env: Env, expr: Expr): Value {
  switch (expr.kind) {
    case 'number':
      return numberOf(env, expr);
    case 'string':
      return { kind: 'string', value: expr.value };
    case 'bool':
      return { kind: 'bool', value: expr.value };
    case 'name':
      return lookUp(env, expr.text, expr.span);
    case 'list':
      return { kind: 'list', items: expr.items.map((item) => evaluate(env, item)) };
    case 'unary':
      return applyUnary(env, expr.op, sideOf(env, expr.operand), expr.span);
    case 'binary':
      return binaryChain(env, expr);
    case 'call':
      return call(env, expr);
    case 'index': {
      const target = { expr: expr.target, ...sideOf(env, expr.target) };
      const indices = expr.indices.map((index) => ({ expr: index, ...sideOf(env, index) }));
      return lookUpRows(env, target, indices, expr.span);
    }
    case 'if':
      return conditional(env, expr);
    default:
      return unreachable(expr, 'elaborate');
  }
}

/** Like `evaluate`, where only a layer makes sense: see `lookUp`. */
export function evaluateLayer(env: Env, expr: Expr): Value {
  if (expr.kind !== 'name') return evaluate(env, expr);
  countEvaluation(env, expr.span);
  return lookUp(env, expr.text, expr.span, 'layer');
}

const sideOf = (env: Env, expr: Expr): Side => ({ value: evaluate(env, expr), span: expr.span });

function numberOf(env: Env, { value, isInteger, span }: Extract<Expr, { kind: 'number' }>): Value {
  // The lexer has told already.
  if (!Number.isFinite(value)) return POISON;
  if (!isInteger) return { kind: 'number', value };
  if (Number.isSafeInteger(value)) return { kind: 'size', size: constant(value) };
  return mistake(env, 'BF2045', 'the number is too large: whole numbers go up to 2^53', span);
}

/** `a + b + c + ...`: the left spine is walked from its end. */
function binaryChain(env: Env, expr: Extract<Expr, { kind: 'binary' }>): Value {
  const spine = [expr];
  for (let left = expr.left; left.kind === 'binary'; left = left.left) spine.push(left);
  let result: Side | undefined;
  for (const node of spine.reverse()) {
    countEvaluation(env, node.span);
    const compares = node.op === '==' || node.op === '!=';
    const left = result ?? memberOr(env, compares ? node.right : undefined, node.left);
    const right = memberOr(env, compares ? node.left : undefined, node.right);
    result = { value: applyBinary(env, node.op, left, right, node.span), span: node.span };
  }
  return result!.value;
}

/** One side of `layout == half_split`: a bare name is a member where the other side is an enumeration. */
function memberOr(env: Env, other: Expr | undefined, expr: Expr): Side {
  const { span } = expr;
  const choice = other?.kind === 'name' ? findLocal(env.scope, other.text)?.value : undefined;
  if (choice?.kind !== 'member' || expr.kind !== 'name') return sideOf(env, expr);
  const local = findLocal(env.scope, expr.text)?.value;
  if (local?.kind === 'member') return { value: local, span };
  const { members } = choice;
  if (members.includes(expr.text))
    return { value: { kind: 'member', name: expr.text, members }, span };
  const value = mistake(env, 'BF2024', `\`${expr.text}\` is none of the choices`, span, {
    hint: `the choices are ${quoted(members)}`,
  });
  return { value, span };
}

function call(env: Env, expr: Extract<Expr, { kind: 'call' }>): Value {
  const { callee, args, span } = expr;
  if (callee.kind === 'name' && isFunction(callee.text)) {
    const isShadowed = findLocal(env.scope, callee.text) || env.scope.module.scope.has(callee.text);
    if (!isShadowed) return callFunction(env, callee.text, args, span);
  }
  const target = evaluateLayer(env, callee);
  if (target.kind === 'poison') return target;
  if (target.kind === 'layer' || target.kind === 'layers') {
    return callLayer(env, target, args, span);
  }
  if (target.kind === 'order') return callOrder(env, target, args, span);
  return mistake(env, 'BF2030', `${describe(target)} cannot be called`, callee.span);
}

/** Decided now; in a generic check both sides are looked at where the condition depends on parameters. */
function conditional(env: Env, expr: Extract<Expr, { kind: 'if' }>): Value {
  const condition = evaluate(env, expr.condition);
  if (condition.kind === 'poison') return condition;
  if (condition.kind !== 'bool') return notDecided(env, condition, expr.condition.span);
  const inner = (): Env => ({ ...env, scope: innerScope(env.scope) });
  if (condition.value !== undefined) {
    return evaluateBody(inner(), condition.value ? expr.then : expr.else);
  }
  return merge(evaluateBody(inner(), expr.then), evaluateBody(inner(), expr.else));
}

function notDecided(env: Env, condition: Value, span: Span): Value {
  if (condition.kind !== 'tensor') {
    return mistake(
      env,
      'BF2029',
      `\`if\` decides by true or false, not by ${describe(condition)}`,
      span,
    );
  }
  return mistake(
    env,
    'BF2028',
    '`if` is decided when compiling, but this is known only at run time',
    span,
    {
      hint: '`where(condition, a, b)` chooses at run time, element by element',
    },
  );
}

/** The value of a conditional whose side is not known: the common one, or nothing that could be said. */
function merge(a: Value, b: Value): Value {
  if (a.kind === 'tensor' && b.kind === 'tensor') {
    const isSame =
      a.dtype === b.dtype &&
      a.axes.length === b.axes.length &&
      a.axes.every((axis, i) => equal(axis.size, b.axes[i]!.size));
    return isSame ? a : POISON;
  }
  if (a.kind === 'size' && b.kind === 'size' && equal(a.size, b.size)) return a;
  if (a.kind === 'number' && b.kind === 'number') return { kind: 'number', value: undefined };
  if (a.kind === 'bool' && b.kind === 'bool') return { kind: 'bool', value: undefined };
  return POISON;
}

/** Runs the statements of a body in its scope and gives its result. */
export function evaluateBody(env: Env, body: Body): Value {
  for (const statement of body.statements) {
    const { name } = statement;
    switch (statement.kind) {
      case 'let':
        declareLets(env, [statement]);
        break;
      case 'weight':
        declare(env, name.text, declareWeight(env, statement), name.span);
        break;
      case 'loss':
      case 'measure':
        declare(env, name.text, declareAuxiliary(env, statement), name.span);
        break;
      default:
        unreachable(statement, 'elaborate');
    }
  }
  return evaluate(env, body.result);
}
