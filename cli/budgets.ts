// What models may cost: limits of their own budgets and of options such as --max-flops, held against what they cost.
// Plans the models that have limits.
import { InvalidArgumentError, Option } from 'commander';
import type { Model as ModelItem } from '../compiler/ast/ast.ts';
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import { emit, overBudget, type Plan, planLoaded } from '../compiler/compile.ts';
import type { Diagnostic, Severity } from '../compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../compiler/diagnostics/render.ts';
import { type CostLimit, type Quantity, readQuantity } from '../compiler/model/cost-limit.ts';
import type { Model } from '../compiler/model/model.ts';
import type { Program } from '../compiler/modules.ts';
import type { Demand } from '../compiler/report/check-budget.ts';
import { UsageError } from './exit.ts';
import { sessionMemoryAt } from './session-memory.ts';
import { inColor, talk } from './streams.ts';

/** The limit of an option: `--max-flops 2G`. */
export type OptionLimit = Pick<CostLimit, 'quantity' | 'atMost' | 'text'>;

export interface OptionLimits {
  /** The model that they are for; all of the file where absent. */
  readonly model: string | undefined;
  readonly limits: readonly OptionLimit[];
  /** Sizes that they are for: the model's own where absent. */
  readonly batch: number | undefined;
  readonly seq: number | undefined;
}

const OPTIONS = [
  ['params', 'parameters', '100M'],
  ['activated', 'parameters that a token meets', '20M'],
  ['flops', 'FLOPs of a run', '2G'],
  ['memory', 'bytes that a session allocates', '4GiB'],
  ['dispatches', 'kernels that a run starts', '300'],
] as const;

/** `--max-params` and the others, or some of them; their values are of the type `OptionLimit`. */
export const limitOptions = (
  quantities: readonly Quantity[] = OPTIONS.map(([quantity]) => quantity),
): Option[] =>
  OPTIONS.filter(([quantity]) => quantities.includes(quantity)).map(([quantity, what, example]) =>
    new Option(`--max-${quantity} <limit>`, `at most so many ${what}: ${example}`).argParser(
      (text: string): OptionLimit => {
        const read = readQuantity(text, quantity);
        if (read.kind === 'quantity') return { quantity, atMost: read.value, text };
        throw new InvalidArgumentError(`${read.message}; ${read.hint}.`);
      },
    ),
  );

/** What is said of the budgets of a file's models, and of options. The file itself is free of mistakes. */
export async function checkBudgets(program: Program, asked: OptionLimits): Promise<Diagnostic[]> {
  const models = program.entry.ast.items.filter((item): item is ModelItem => item.kind === 'model');
  const names = models.map(({ name }) => name.text);
  if (asked.model !== undefined && !names.includes(asked.model))
    return [...planLoaded(program, { model: asked.model }).diagnostics];
  const found: Diagnostic[] = [];
  for (const item of models) {
    const isAsked = asked.model === undefined || asked.model === item.name.text;
    const limits = isAsked ? asked.limits : [];
    if (item.budgets.length === 0 && limits.length === 0) continue;
    const isOpen = item.params.some((param) => !param.default);
    if (!isOpen) found.push(...(await checkModel(program, item, { ...asked, limits })));
    else if (limits.length > 0) found.push(notChecked(item, limits));
  }
  return found;
}

async function checkModel(
  program: Program,
  { name }: ModelItem,
  asked: OptionLimits,
): Promise<Diagnostic[]> {
  const { diagnostics, result } = planLoaded(program, {
    model: name.text,
    // A model has its costs also where no device could bind its weights.
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
  });
  if (!result) return [...diagnostics];
  return unmet(result, [...result.model.budget, ...demandsOf(result.model, asked)], 'error');
}

/** Throws `UsageError` for sizes that the model does not take. */
function demandsOf({ name, span, symbols }: Model, asked: OptionLimits): Demand[] {
  const given = { b: asked.batch, t: asked.seq };
  const sizes = symbols.flatMap(({ name: size, min, max = Number.MAX_SAFE_INTEGER }) => {
    const value = size === 'b' || size === 't' ? given[size] : undefined;
    if (value === undefined) return [];
    if (value >= min && value <= max) return [[size, value] as const];
    throw new UsageError(`${size} = ${value} is outside the limits of ${name}: ${min} to ${max}.`);
  });
  return asked.limits.map((limit) => ({
    ...limit,
    sizes: Object.fromEntries(sizes),
    span,
    option: optionOf(limit),
  }));
}

const optionOf = ({ quantity }: { readonly quantity: Quantity }): string => `--max-${quantity}`;

const notChecked = ({ name, params }: ModelItem, limits: readonly OptionLimit[]): Diagnostic => {
  const open = params.filter((param) => !param.default).map((param) => `\`${param.name.text}\``);
  return {
    code: 'BF2073',
    severity: 'warning',
    message: `${limits.map(optionOf).join(', ')} of \`${name.text}\` is not checked: ${open.join(', ')} has no default`,
    span: name.span,
    related: [],
  };
};

/** Of a model that is compiled or reported on, its budget is no error: tells what it exceeds. */
export async function warnOfBudget(plan: Plan): Promise<void> {
  const warnings = await unmet(plan, plan.model.budget, 'warning');
  if (warnings.length > 0) talk(renderDiagnostics(warnings, { color: inColor('stderr') }));
}

async function unmet(
  plan: Plan,
  demands: readonly Demand[],
  severity: Severity,
): Promise<Diagnostic[]> {
  const asksMemory = demands.some(({ quantity }) => quantity === 'memory');
  const manifest = asksMemory && { ...(await buildManifest(emit(plan))), files: {} };
  const memoryAt = (sizes: Readonly<Record<string, number>>) =>
    manifest ? sessionMemoryAt(manifest, sizes)?.total : undefined;
  return overBudget(plan, demands, memoryAt, severity);
}
