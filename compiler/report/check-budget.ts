// Limits of what a model may cost, held against what it costs: a diagnostic for each that is exceeded, with both sides, and the
// layers that cost most. Takes what has been measured; measures nothing.
import { flopsOf } from '../cost/conventions.ts';
import type { CostReport } from '../cost/count-cost.ts';
import type { Sizes } from '../cost/opaque-counts.ts';
import type { Diagnostic, Related, Severity } from '../diagnostics/diagnostic.ts';
import { type CostLimit, QUANTITIES, type Quantity } from '../model/cost-limit.ts';
import type { Model } from '../model/model.ts';
import type { Span } from '../source.ts';
import { largestShares, type Share } from './largest-shares.ts';
import { byteText, compact, grouped } from './quantities.ts';

/** A limit of the model's own budget, or of an option of a command. */
export interface Demand extends CostLimit {
  /** `--max-flops`. */
  readonly option?: string;
}

/** What is known of a model at sizes. */
export interface Measuring {
  readonly costsAt: (sizes: Sizes) => CostReport;
  /** Bytes that a session allocates; `undefined` where no device could run it. */
  readonly memoryAt: (sizes: Sizes) => number | undefined;
}

export function checkBudget(
  model: Model,
  demands: readonly Demand[],
  { costsAt, memoryAt }: Measuring,
  severity: Severity,
): Diagnostic[] {
  return demands.flatMap((demand) => {
    const sizes = sizesOf(model, demand);
    const costs = costsAt(sizes);
    const spent = spentOn(demand.quantity, costs, () => memoryAt(sizes));
    if (spent && spent.value <= demand.atMost * spent.for) return [];
    return [diagnosticOf(model, demand, costs, spent, severity)];
  });
}

/** A limit's own sizes; of the others, the model's context for `t` (128 where it has none), and the smallest. */
function sizesOf({ symbols }: Model, { sizes }: Demand): Record<string, number> {
  return Object.fromEntries(
    symbols.map(({ name, min, max }) => [name, sizes[name] ?? (name === 't' ? (max ?? 128) : min)]),
  );
}

/** A value, in all or for each of so many tokens. */
interface Spent {
  readonly value: bigint;
  readonly for: bigint;
}

function spentOn(
  quantity: Quantity,
  { params, work, tokens, elementBytes, kernels }: CostReport,
  memory: () => number | undefined,
): Spent | undefined {
  const inAll = (value: bigint): Spent => ({ value, for: 1n });
  switch (quantity) {
    case 'params':
      return inAll(params.total);
    case 'activated':
      return inAll(params.activated);
    case 'flops':
      return inAll(flopsOf(work, 'exact'));
    case 'flops_per_token':
      return { value: flopsOf(work, 'exact'), for: tokens };
    case 'weights':
      return inAll(params.total * elementBytes);
    case 'dispatches':
      return inAll(BigInt(kernels.reduce((sum, { times }) => sum + times, 0)));
    case 'memory': {
      const bytes = memory();
      return bytes === undefined ? undefined : inAll(BigInt(bytes));
    }
  }
}

function diagnosticOf(
  model: Model,
  demand: Demand,
  costs: CostReport,
  spent: Spent | undefined,
  severity: Severity,
): Diagnostic {
  const { quantity, option, span } = demand;
  const sizes = Object.entries(costs.symbols).map(([name, size]) => `${name} = ${size}`);
  const at = QUANTITIES[quantity].isSized && sizes.length > 0 ? ` at ${sizes.join(', ')}` : '';
  const name = `\`${model.name}\``;
  const limit = limitText(demand);
  const over = option === undefined ? `over the budget of ${limit}` : `over ${option} ${limit}`;
  const what = spent
    ? `${sayings(name, spentText(quantity, spent))[quantity]}${at}, ${over}`
    : `no device can run ${name}${at}, whatever its memory: ${over}`;
  return {
    code: 'BF4201',
    severity,
    message: what,
    span,
    related: placesOf(largestShares(model, quantity, costs)),
    hint: hintFor(model, demand, costs.symbols),
  };
}

/** Each place once, with all that is spent there. */
function placesOf(shares: readonly Share[]): Related[] {
  const spans = [...new Set(shares.map(({ use }) => use))];
  return spans.map((span) => ({
    span,
    message: shares.flatMap(({ use, text }) => (use === span ? [text] : [])).join(', '),
  }));
}

const sayings = (name: string, amount: string): Readonly<Record<Quantity, string>> => ({
  params: `${name} has ${amount}`,
  activated: `${name} activates ${amount} for a token`,
  flops: `${name} takes ${amount}`,
  flops_per_token: `${name} takes ${amount} for each token`,
  memory: `${name} allocates ${amount}`,
  weights: `the weights of ${name} take ${amount}`,
  dispatches: `${name} takes ${amount} in a run`,
});

/** `100,737,024 FLOPs (100.7M)`. */
function spentText(quantity: Quantity, { value, for: tokens }: Spent): string {
  const { unit, noun } = QUANTITIES[quantity];
  const whole = value % tokens === 0n;
  const exact = whole
    ? grouped(value / tokens)
    : `${grouped(value / tokens)}.${decimals(value % tokens, tokens)}`;
  return `${exact} ${noun}${rounded(value / tokens, unit)}`;
}

/** Two digits of a fraction. */
const decimals = (part: bigint, whole: bigint): string =>
  String((100n * part) / whole).padStart(2, '0');

/** `50M (50,000,000)`. */
function limitText({ quantity, atMost, text }: Demand): string {
  const exact = grouped(atMost);
  if (/[A-Za-z]/.test(text)) return `${text} (${exact})`;
  return `${exact}${rounded(atMost, QUANTITIES[quantity].unit)}`;
}

function rounded(value: bigint, unit: 'count' | 'bytes'): string {
  if (value < (unit === 'bytes' ? 1024n : 10_000n)) return '';
  return ` (${unit === 'bytes' ? byteText(value) : compact(value).toUpperCase()})`;
}

/** Which command says more. */
function hintFor({ name, symbols }: Model, { quantity, text, span }: Demand, sizes: Sizes): string {
  const report = `bform report ${placeOf(span, name)}`;
  const isLength = symbols.some((symbol) => symbol.name === 't');
  if (!isLength || (quantity !== 'flops' && quantity !== 'memory'))
    return `\`${report}\` shows what each layer costs`;
  const batch = sizes.b === undefined || sizes.b === 1 ? '' : ` --batch ${sizes.b}`;
  return `\`${report}${batch} --solve seq --max-${quantity} ${text}\` finds the longest sequence that keeps to it`;
}

const placeOf = ({ file }: Span, model: string): string => `${file.path}:${model}`;
