// Labels that are probably mistakes: named and never used, or two names for one layer. Only warned about, and only in the
// user's own files: a program that was made by another may well leave a label out.
import type { Block, Body, Expr, Item, Let, Model, Name, Order, Step } from '../ast/ast.ts';
import { unreachable } from '../invariant.ts';
import type { Env } from './context.ts';
import { warn } from './mistake.ts';

/** Warns of what a block, an order or a model names without need. */
export function checkLabels(env: Env, item: Block | Order | Model): void {
  if (env.scope.module.isStd) return;
  const { steps, others } = usesOf(item);
  const used = new Set([...steps.flatMap(namesInStep), ...others.flatMap(namesIn)]);
  const lets = item.kind === 'order' ? [] : item.lets;
  for (const { value } of lets) for (const name of namesIn(value)) used.add(name);
  const declared: readonly { readonly name: Name }[] = item.kind === 'order' ? item.params : lets;
  for (const { name } of declared) {
    if (used.has(name.text)) continue;
    const where = { order: 'no step', block: 'no row', model: 'no stage' }[item.kind];
    warn(env, 'BF2051', `${where} uses \`${name.text}\``, name.span, {
      hint: 'use it, or leave it out',
    });
  }
  warnOfTwins(env, lets, new Set(steps.flatMap(namesInStep)));
}

function usesOf(item: Block | Order | Model): {
  readonly steps: readonly Step[];
  readonly others: readonly Expr[];
} {
  switch (item.kind) {
    case 'order':
      return { steps: item.steps, others: [...item.where, ...defaultsOf(item)] };
    case 'block':
      return {
        steps: item.rows.flatMap((row) => row.steps),
        others: item.rows.map((row) => row.wiring),
      };
    case 'model':
      return { steps: item.pipeline, others: [] };
    default:
      return unreachable(item, 'elaborate');
  }
}

const defaultsOf = ({ params }: Item): Expr[] =>
  params.flatMap((param) => (param.default ? [param.default] : []));

/** Two labels of a row that are written alike: every occurrence has weights of its own, so one label says as much. */
function warnOfTwins(env: Env, lets: readonly Let[], inSteps: ReadonlySet<string>): void {
  const first = new Map<string, Let>();
  for (const label of lets) {
    const { name, value } = label;
    if (!inSteps.has(name.text) || (value.kind !== 'call' && value.kind !== 'name')) continue;
    const text = JSON.stringify(value, (key, part) => (key === 'span' ? undefined : part));
    const twin = first.get(text);
    if (!twin) first.set(text, label);
    else {
      warn(
        env,
        'BF2052',
        `\`${name.text}\` is the same layer as \`${twin.name.text}\``,
        name.span,
        {
          related: [{ span: twin.name.span, message: 'named here before' }],
          hint: `each occurrence in a row has weights of its own: \`${twin.name.text}\` can stand there twice`,
        },
      );
    }
  }
}

function namesInStep(step: Step): string[] {
  const times = step.times ? namesIn(step.times) : [];
  const inner = step.kind === 'one' ? namesIn(step.layer) : step.steps.flatMap(namesInStep);
  return [...inner, ...times];
}

/** Every name in an expression, whatever it means there; without recursion, for chains of operators may be long. */
function namesIn(root: Expr): string[] {
  const names: string[] = [];
  const waiting = [root];
  for (let expr = waiting.pop(); expr; expr = waiting.pop()) {
    if (expr.kind === 'name') names.push(expr.text);
    waiting.push(...partsOf(expr));
  }
  return names;
}

const partsOfBody = ({ statements, result }: Body): Expr[] => [
  ...statements.map((statement) =>
    statement.kind === 'weight' ? statement.init : statement.value,
  ),
  result,
];

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'bool':
    case 'name':
      return [];
    case 'list':
      return expr.items;
    case 'unary':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
      return [expr.callee, ...expr.args.map(({ value }) => value)];
    case 'index':
      return [expr.target, ...expr.indices];
    case 'if':
      return [expr.condition, ...partsOfBody(expr.then), ...partsOfBody(expr.else)];
    default:
      return unreachable(expr, 'elaborate');
  }
}
