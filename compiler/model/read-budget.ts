// The budget of a model -> its limits. Reports limits that there are not, units that do not fit and sizes that the model does
// not have. What the model costs is not known here: cost/check-budget.ts holds the limits against it.
import type { Limit, Model as ModelItem } from '../ast/ast.ts';
import type { SymbolSpec } from '../graph/graph.ts';
import type { Env } from './context.ts';
import { type CostLimit, isQuantity, QUANTITIES, readQuantity } from './cost-limit.ts';
import { didYouMean, mistake, quoted } from './mistake.ts';

/** `symbols`: the sizes of the model's inputs that are known at run time; `undefined` where these have mistakes. */
export function readBudget(
  env: Env,
  { budgets }: ModelItem,
  symbols: readonly SymbolSpec[] | undefined,
): CostLimit[] {
  const [first, second] = budgets;
  if (second) {
    mistake(env, 'BF2010', 'a model has one budget', second.span, {
      related: [{ span: first!.span, message: 'the first is here' }],
      hint: 'put all limits into one',
    });
  }
  const limits: CostLimit[] = [];
  for (const limit of first?.limits ?? []) {
    const read = readLimit(env, limit, symbols);
    if (!read) continue;
    const same = limits.find((other) => isSameLimit(other, read));
    if (!same) limits.push(read);
    else {
      mistake(env, 'BF2010', `\`${read.quantity}\` is limited twice`, limit.span, {
        related: [{ span: same.span, message: 'first limited here' }],
      });
    }
  }
  return limits;
}

const isSameLimit = (a: CostLimit, b: CostLimit): boolean => {
  const sizes = new Set([...Object.keys(a.sizes), ...Object.keys(b.sizes)]);
  return a.quantity === b.quantity && [...sizes].every((name) => a.sizes[name] === b.sizes[name]);
};

function readLimit(
  env: Env,
  { name, atMost, sizes, span }: Limit,
  symbols: readonly SymbolSpec[] | undefined,
): CostLimit | undefined {
  const quantity = name.text;
  if (!isQuantity(quantity)) {
    const names = Object.keys(QUANTITIES);
    mistake(env, 'BF2070', `a budget has no limit \`${quantity}\``, name.span, {
      hint:
        didYouMean(quantity, names) ??
        `the limits are ${names.map((known) => `\`${known}\``).join(', ')}`,
    });
    return undefined;
  }
  const value = readQuantity(atMost.text, quantity);
  if (value.kind === 'wrong') mistake(env, 'BF2071', value.message, atMost.span, value);
  if (sizes.length > 0 && !QUANTITIES[quantity].isSized) {
    mistake(env, 'BF2072', `\`${quantity}\` is the same at all sizes`, sizes[0]!.span, {
      hint: 'leave `at` out',
    });
    return undefined;
  }
  const given = new Map<string, number>();
  for (const size of sizes) {
    if (given.has(size.name.text))
      mistake(env, 'BF2072', `\`${size.name.text}\` is given twice`, size.span);
    else if (symbols) checkSize(env, size, symbols);
    given.set(size.name.text, size.value);
  }
  if (value.kind === 'wrong') return undefined;
  const { text } = atMost;
  return { quantity, atMost: value.value, text, sizes: Object.fromEntries(given), span };
}

function checkSize(
  env: Env,
  { name, value, span }: Limit['sizes'][number],
  symbols: readonly SymbolSpec[],
): void {
  const symbol = symbols.find((known) => known.name === name.text);
  const names = symbols.map((known) => known.name);
  if (!symbol) {
    mistake(env, 'BF2072', `the model has no size \`${name.text}\``, name.span, {
      hint: names.length > 0 ? `it has ${quoted(names)}` : 'it has none; leave `at` out',
    });
    return;
  }
  const { min, max = Number.MAX_SAFE_INTEGER } = symbol;
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = symbol.max === undefined ? `${min} or more` : `from ${min} to ${max}`;
  mistake(env, 'BF2072', `\`${name.text}\` is ${range} in this model, not ${value}`, span);
}
