// Calls of the functions of the language: finds the function, binds its arguments, evaluates it.
import type { Argument } from '../../ast/ast.ts';
import type { Span } from '../../source.ts';
import type { Env } from '../context.ts';
import { didYouMean, mistake } from '../mistake.ts';
import { POISON, type Tensor, type Value } from '../value.ts';
import { ATTENTION } from './attention.ts';
import { CHOOSING } from './choosing.ts';
import { ELEMENTWISE } from './elementwise.ts';
import type { FunctionTable, Given, LanguageFunction } from './function.ts';
import { GROUPING } from './grouping.ts';
import { ORDERS } from './orders.ts';
import { PRODUCTS } from './products.ts';
import { REARRANGE } from './rearrange.ts';
import { REDUCTIONS } from './reductions.ts';
import { SIZES } from './size-functions.ts';
import { VIEWS } from './views.ts';

const FUNCTIONS: FunctionTable = {
  ...ELEMENTWISE,
  ...SIZES,
  ...REDUCTIONS,
  ...PRODUCTS,
  ...REARRANGE,
  ...VIEWS,
  ...CHOOSING,
  ...GROUPING,
  ...ATTENTION,
  ...ORDERS,
};

const TABLE = new Map(Object.entries(FUNCTIONS));

export const isFunction = (name: string): boolean => TABLE.has(name);

/** `name(args)` for a function of the language. */
export function callFunction(env: Env, name: string, args: readonly Argument[], span: Span): Value {
  const spec = TABLE.get(name)!;
  const operands: Given[] = [];
  const named = new Map<string, Given>();
  let isPoisoned = false;
  for (const arg of args) {
    const isAxis = arg.name?.text === 'axis' && spec.named?.axis !== undefined;
    const value = isAxis ? POISON : env.run.evaluate(env, arg.value);
    isPoisoned ||= !isAxis && value.kind === 'poison';
    const given: Given = { expr: arg.value, value, span: arg.value.span };
    if (!arg.name) operands.push(given);
    else if (!acceptNamed(env, name, spec, arg, named)) isPoisoned = true;
    else named.set(arg.name.text, given);
  }
  if (isPoisoned || !checkCounts(env, name, spec, operands, named, span)) return POISON;
  return spec.evaluate({ env, name, span, operands, named });
}

function acceptNamed(
  env: Env,
  name: string,
  spec: LanguageFunction,
  arg: Argument,
  named: ReadonlyMap<string, Given>,
): boolean {
  const { text, span } = arg.name!;
  const known = Object.keys(spec.named ?? {});
  if (named.has(text)) {
    mistake(env, 'BF2022', `\`${text}\` is given twice`, span);
    return false;
  }
  if (known.includes(text) || spec.takesSizes) return true;
  mistake(env, 'BF2020', `\`${name}\` has no argument \`${text}\``, span, {
    hint: didYouMean(text, known) ?? `it is written \`${spec.usage}\``,
  });
  return false;
}

function checkCounts(
  env: Env,
  name: string,
  spec: LanguageFunction,
  operands: readonly Given[],
  named: ReadonlyMap<string, Given>,
  span: Span,
): boolean {
  const [least, most] = spec.operands;
  const missing = Object.entries(spec.named ?? {}).find(
    ([key, need]) => need === 'required' && !named.has(key),
  );
  if (operands.length >= least && operands.length <= most && !missing) return true;
  const problem =
    missing && operands.length >= least && operands.length <= most
      ? `needs \`${missing[0]}:\``
      : `takes ${countText(least, most)}, not ${operands.length}`;
  mistake(env, 'BF2032', `\`${name}\` ${problem}`, span, {
    hint: `it is written \`${spec.usage}\``,
  });
  return false;
}

function countText(least: number, most: number): string {
  const plural = (n: number): string => `${n} operand${n === 1 ? '' : 's'}`;
  if (most === Number.POSITIVE_INFINITY) return `${plural(least)} or more`;
  return least === most ? plural(least) : `${least} to ${plural(most)}`;
}

/** A function of one tensor, applied as a layer: `act(x)` where `act` is `tanh`. */
export function callFunctionOn(env: Env, name: string, x: Tensor, span: Span): Value {
  const given: Given = { expr: { kind: 'name', text: name, span }, value: x, span };
  return TABLE.get(name)!.evaluate({ env, name, span, operands: [given], named: new Map() });
}
