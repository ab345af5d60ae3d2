// Several models side by side: their figures, each with its ratio to that of the first.
import { shortFigure } from './cells.ts';
import { type Figure, figuresOf } from './figures.ts';
import type { ModelReport } from './model-report.ts';

export interface Comparison {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure that a model does not have is left empty. */
export function comparisonOf(reports: readonly ModelReport[]): Comparison {
  const figures = reports.map((report) => new Map(figuresOf(report).map((one) => [one.name, one])));
  const names = [...new Set(figures.flatMap((one) => [...one.keys()]))];
  const [first] = figures;
  return {
    titles: ['', ...titlesOf(reports)],
    rows: names.map((name) => [
      name,
      ...figures.map((one, at) => valueText(one.get(name), at > 0 ? first!.get(name) : undefined)),
    ]),
  };
}

/** Models of one name are told apart by their places. */
function titlesOf(reports: readonly ModelReport[]): string[] {
  const names = reports.map(({ cost }) => cost.model);
  return reports.map(({ place }, at) =>
    names.filter((name) => name === names[at]).length > 1 ? place : names[at]!,
  );
}

function valueText(figure: Figure | undefined, first: Figure | undefined): string {
  if (!figure) return '';
  const [value, before] = [Number(figure.value), Number(first?.value ?? 0)];
  const ratio = before > 0 ? ` (${(value / before).toFixed(2)} x)` : '';
  return shortFigure(figure) + ratio;
}
