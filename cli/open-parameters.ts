// Costs as formulas, with parameters of the model left open: the model is made at a few values of each, and what it costs
// there is interpolated (compiler/cost/fit-formulas.ts).
import {
  type Compilation,
  emit,
  formulas,
  load,
  type Plan,
  planLoaded,
} from '../compiler/compile.ts';
import { fitFormulas } from '../compiler/cost/fit-formulas.ts';
import {
  FORMULA_KEYS,
  type Formulas,
  type SymbolicCost,
  totalOf,
} from '../compiler/cost/symbolic-cost.ts';
import { suggest } from '../compiler/diagnostics/suggest.ts';
import { invariant } from '../compiler/invariant.ts';
import type { Dim } from '../compiler/shapes/dim.ts';
import { resultOf } from './diagnostics.ts';
import { UsageError, UserError } from './exit.ts';
import { fileAndModel } from './options.ts';
import { type ReportRequest, sizesOf } from './report-model.ts';
import { openEntry } from './source-reader.ts';

interface Request extends Pick<ReportRequest, 'batch' | 'seq' | 'set' | 'auxiliary'> {
  /** Rows deeper in the tree of layers are added up in those above them. */
  readonly depth?: number | undefined;
}
type Values = Readonly<Record<string, number>>;

const MOST_OPEN = 3;

/** A model at values of its parameters; `undefined` where they do not fit together. */
export interface Maker {
  /** The whole-number parameters with their defaults, those that --set gives included. */
  readonly parameters: ReadonlyMap<string, number | undefined>;
  make(values: Values): Plan | undefined;
  /** Kernels included. */
  compile(values: Values): Compilation | undefined;
  /** With the mistakes shown. Throws `Reported`. */
  makeOrShow(values: Values): Plan;
}

export function makerOf(
  place: string,
  { set, auxiliary }: Pick<Request, 'set' | 'auxiliary'>,
): Maker {
  const { file, model } = fileAndModel(place);
  const { path, reader } = openEntry(file);
  // Read once: only the values differ.
  const program = resultOf(load(path, reader));
  const items = program.entry.ast.items.flatMap((item) => (item.kind === 'model' ? [item] : []));
  const item = items.find(({ name }) => name.text === model) ?? items[0];
  const parameters = new Map<string, number | undefined>();
  for (const { name, type, default: value } of item?.params ?? []) {
    if (type.kind === 'enum' || !['int', 'dim'].includes(type.name)) continue;
    const given = set[name.text];
    const fallback = value?.kind === 'number' ? value.value : undefined;
    parameters.set(name.text, given === undefined ? fallback : Number(given));
  }
  const planAt = (values: Values) =>
    planLoaded(program, {
      args: { ...set, ...values },
      auxiliary,
      maxBindingBytes: Number.MAX_SAFE_INTEGER,
      ...(model !== undefined && { model }),
    });
  return {
    parameters,
    make: (values) => planAt(values).result,
    compile: (values) => {
      const { result } = planAt(values);
      return result && emit(result);
    },
    makeOrShow: (values) => resultOf(planAt(values)),
  };
}

/** Throws `UsageError` for a parameter that the model does not have. */
export function checkParameter({ parameters }: Maker, name: string): void {
  if (parameters.has(name)) return;
  const names = [...parameters.keys()];
  const near = suggest(name, names);
  const hint =
    names.length === 0
      ? 'The model has no whole numbers as parameters: `model m(layers: int = 6)` would make one.'
      : near
        ? `Did you mean ${near}?`
        : `It has ${names.join(', ')}.`;
  throw new UsageError(`The model has no parameter ${name} that is a whole number. ${hint}`);
}

/** Throws `UsageError`, `UserError`, `Reported`. */
export function costFormulas(
  place: string,
  request: Request,
  open: readonly string[],
): SymbolicCost {
  const maker = makerOf(place, request);
  for (const name of open) checkParameter(maker, name);
  if (open.length > MOST_OPEN)
    throw new UsageError(`At most ${MOST_OPEN} parameters can be left open at once.`);
  const parameters = open.map((name) => ({ name, values: valuesOf(maker, name) }));
  const first = Object.fromEntries(parameters.map(({ name, values }) => [name, values[0]!]));
  const base = symbolic(maker.makeOrShow(first), request);
  if (parameters.length === 0) return base;

  let range = base.range;
  const fitted = fitFormulas(parameters, (values) => {
    const made = maker.make(values);
    if (!made) {
      const names = open.join(' and ');
      throw new UserError(
        `${names} cannot be left open at once: the model does not take ${valuesText(values)}.`,
      );
    }
    const cost = symbolic(made, request);
    range = {
      from: Math.max(range.from, cost.range.from),
      to: Math.min(range.to, cost.range.to),
    };
    return flat(cost);
  });
  invariant(fitted, 'cost', 'values that do not fit together have been refused');
  if ('notOpen' in fitted)
    throw new UserError(
      `Some cost is no polynomial in ${fitted.notOpen}, so that there is no formula in it. Leave it at a value.`,
    );
  const costs = fitted.formulas;
  const rows = base.rows.map((row, index) => ({
    ...row,
    formulas: Object.fromEntries(
      FORMULA_KEYS.map((key, at) => [key, costs[index * FORMULA_KEYS.length + at]!]),
    ) as Formulas,
  }));
  return { ...base, range, rows, total: totalOf(rows) };
}

const flat = ({ rows }: SymbolicCost): Dim[] =>
  rows.flatMap(({ formulas }) => FORMULA_KEYS.map((key) => formulas[key]));

const valuesText = (values: Values): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');

function symbolic(plan: Plan, request: Request): SymbolicCost {
  const cost = formulas(plan, sizesOf(plan.graph, request), { depth: request.depth });
  if (cost) return cost;
  throw new UserError(
    'Some attention has a mask whose pairs are no polynomial in t: there are no formulas for it.',
  );
}

/** Formulas of up to third degree, and one more value to hold them against. */
const VALUES_NEEDED = 5;

/** Where a parameter has no default, the first of these that the model takes begins. */
const TRIED = [64, 16, 128, 8, 4, 2, 1, 256, 3, 512];

/** Values that the model takes; multiples of the one it has, so that what divides it still does. */
function valuesOf(maker: Maker, name: string): number[] {
  const takes = (value: number): boolean => maker.make({ [name]: value }) !== undefined;
  const base = maker.parameters.get(name) ?? TRIED.find(takes);
  const multiples = [1, 2, 3, 4, 5, 6, 7, 8].map((times) => times * (base ?? 0));
  const parts = [2, 4, 8, 16].map((by) => (base ?? 0) / by).filter(Number.isInteger);
  const values: number[] = [];
  for (const value of [...multiples, ...parts])
    if (value > 0 && values.length < VALUES_NEEDED && takes(value)) values.push(value);
  if (values.length === VALUES_NEEDED) return values;
  throw new UserError(
    `The model takes too few values of ${name} to find a formula in it: ${values.join(', ') || 'none'} of those tried.`,
  );
}
