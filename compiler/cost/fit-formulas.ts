// Formulas in several parameters out of counts at a few of their values. Parameters decide what a graph is, so that a cost is
// known at any of their values but not as a formula: it is interpolated exactly, in rational numbers. First along each
// parameter alone, to learn its degree; then on the grid of as many values as that takes; then held against counts at values
// that were not used.

import { constant, type Dim, div, equal, mul, substitute, symbol } from '../shapes/dim.ts';
import { interpolate } from './open-sizes.ts';

export interface Parameter {
  readonly name: string;
  /** One more than the terms that a formula may have, to hold it against: four for one of second degree. At least two. */
  readonly values: readonly number[];
}

export type Values = Readonly<Record<string, number>>;

/** Counts at values of the parameters, always as many; `undefined` where the values do not fit together. */
export type CountsAt = (values: Values) => readonly Dim[] | undefined;

/** The formulas, or the parameter in which some count is none; `undefined` where some values do not fit together. */
export type Fitted = { readonly formulas: readonly Dim[] } | { readonly notOpen: string };

/** A polynomial of so many terms, times the parameter where it also stands in a denominator. */
interface Form {
  readonly terms: number;
  readonly isQuotient: boolean;
}

class DoesNotFit extends Error {}

export function fitFormulas(
  parameters: readonly Parameter[],
  countsAt: CountsAt,
): Fitted | undefined {
  const known = new Map<string, readonly Dim[]>();
  const at = (values: Values): readonly Dim[] => {
    const key = parameters.map(({ name }) => values[name]).join(' ');
    const counts = known.get(key) ?? countsAt(values);
    if (!counts) throw new DoesNotFit();
    known.set(key, counts);
    return counts;
  };
  try {
    return solve(parameters, at);
  } catch (error) {
    if (error instanceof DoesNotFit) return undefined;
    throw error;
  }
}

function solve(parameters: readonly Parameter[], at: (values: Values) => readonly Dim[]): Fitted {
  const pick = (which: (parameter: Parameter, index: number) => number): Values =>
    Object.fromEntries(parameters.map((parameter, i) => [parameter.name, which(parameter, i)]));
  const first = pick(({ values }) => values[0]!);
  const forms = new Map<string, Form>();
  for (const { name, values } of parameters) {
    const points = values.map((x) => ({ x, counts: at({ ...first, [name]: x }) }));
    const form = formAlong(name, points);
    if (!form) return { notOpen: name };
    forms.set(name, form);
  }
  const formulas = onGrid(parameters, forms, {}, at);
  const last = pick(({ values }) => values.at(-1)!);
  const mixed = pick(({ values }, index) => values[1 + ((index + 1) % (values.length - 1))]!);
  for (const values of [last, mixed]) {
    const found = formulas.map((formula) => valueAt(formula, values));
    const isOff = at(values).some((count, index) => !equal(count, found[index]!));
    if (isOff) return { notOpen: parameters.at(-1)!.name };
  }
  return { formulas };
}

interface Point {
  readonly x: number;
  readonly counts: readonly Dim[];
}

/** The simplest form that all counts have along one parameter. */
function formAlong(name: string, points: readonly Point[]): Form | undefined {
  const most = points.length - 1;
  const polynomials = Array.from(
    { length: most },
    (_, index): Form => ({ terms: index + 1, isQuotient: false }),
  );
  return [...polynomials, { terms: most, isQuotient: true }].find((form) => {
    const formulas = along(name, form, points.slice(0, form.terms));
    // Where a parameter adds or removes layers, there is nothing to interpolate between.
    return points.every(
      ({ x, counts }) =>
        counts.length === formulas.length &&
        counts.every(
          (count, i) => formulas[i] && equal(valueAt(formulas[i], { [name]: x }), count),
        ),
    );
  });
}

/** The formulas of that form through points, as many as it has terms. */
const along = (name: string, { isQuotient }: Form, points: readonly Point[]): (Dim | undefined)[] =>
  points[0]!.counts.map((_, index) => {
    const through = points.map(({ x, counts }) => ({
      x,
      y: isQuotient ? mul(counts[index]!, constant(x)) : counts[index]!,
    }));
    const polynomial = interpolate(name, through);
    return isQuotient ? div(polynomial, symbol(name)) : polynomial;
  });

function onGrid(
  [parameter, ...rest]: readonly Parameter[],
  forms: ReadonlyMap<string, Form>,
  given: Values,
  at: (values: Values) => readonly Dim[],
): readonly Dim[] {
  if (!parameter) return at(given);
  const { name, values } = parameter;
  const form = forms.get(name)!;
  const points = values
    .slice(0, form.terms)
    .map((x) => ({ x, counts: onGrid(rest, forms, { ...given, [name]: x }, at) }));
  return along(name, form, points).map((formula) => formula!);
}

const valueAt = (formula: Dim, values: Values): Dim =>
  substitute(
    formula,
    new Map(Object.entries(values).map(([name, value]) => [name, constant(value)])),
  );
