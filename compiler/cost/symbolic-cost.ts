// What a model costs as formulas: for each layer and in total, in the sizes of a run and in the parameters left open.
import type { Graph } from '../graph/graph.ts';
import {
  add,
  constant,
  type Dim,
  div,
  mul,
  product,
  substitute,
  symbol,
  ZERO,
} from '../shapes/dim.ts';
import { paramsOf } from './activated.ts';
import type { Sizes } from './opaque-counts.ts';
import { closedCounts, type Range } from './open-sizes.ts';
import { rowPath, type TallyRow, tallyCost } from './tally-cost.ts';

export const FORMULA_KEYS = [
  'params',
  'activated',
  'macs',
  'macsFullSquare',
  'elementwise',
  'cachePerToken',
  'written',
] as const;

export type FormulaKey = (typeof FORMULA_KEYS)[number];

/** Counts and bytes as sums of products of sizes; `written` in bytes, 0 where there is no schedule. */
export type Formulas = Readonly<Record<FormulaKey, Dim>>;

export interface FormulaRow {
  readonly path: string;
  readonly layer: string;
  readonly formulas: Formulas;
}

export interface SymbolicCost {
  readonly model: string;
  /** Lengths between which the formulas hold. */
  readonly range: Range;
  readonly rows: readonly FormulaRow[];
  readonly total: Formulas;
}

/**
 * `sizes`: a run in whose neighbourhood the formulas have to hold. `written`: bytes of activations by path
 * (schedule/memory-use.ts). `undefined` where some count is no polynomial.
 */
export function symbolicCost(
  graph: Graph,
  sizes: Sizes,
  written: ReadonlyMap<string, Dim>,
  elementBytes: number,
): SymbolicCost | undefined {
  const tally = tallyCost(graph);
  const longest = graph.symbols.find(({ name }) => name === 't')?.max;
  const closed = closedCounts(tally.opaque, sizes, longest);
  if (!closed) return undefined;
  const close = (count: Dim): Dim => substitute(count, closed.counts);
  const writtenBy = new Map<string, Dim>();
  for (const [path, bytes] of written)
    writtenBy.set(rowPath(path), add(writtenBy.get(rowPath(path)) ?? ZERO, bytes));
  const tokens = product(graph.symbols.map(({ name }) => symbol(name)));
  const rows = tally.rows.map(
    (row): FormulaRow => ({
      path: row.path,
      layer: row.layer,
      formulas: {
        ...weightFormulas(row, tokens),
        macs: close(row.work.macs),
        macsFullSquare: close(row.work.macsFullSquare),
        elementwise: close(row.work.elementwise),
        cachePerToken: row.attentions
          .map(({ perKey, count }) => mul(perKey, constant(count * elementBytes)))
          .reduce(add, ZERO),
        written: writtenBy.get(row.path) ?? ZERO,
      },
    }),
  );
  return { model: graph.name, range: closed.range, rows, total: totalOf(rows) };
}

export const totalOf = (rows: readonly FormulaRow[]): Formulas =>
  Object.fromEntries(
    FORMULA_KEYS.map((key) => [key, rows.map(({ formulas }) => formulas[key]).reduce(add, ZERO)]),
  ) as Formulas;

/** A share of more than all is all: only where each expert surely gets no more than every token. */
function weightFormulas(
  { weights }: TallyRow,
  tokens: Dim,
): Pick<Formulas, 'params' | 'activated'> {
  let [params, activated] = [ZERO, ZERO];
  for (const weight of weights) {
    const all = constant(paramsOf(weight));
    params = add(params, all);
    const share =
      weight.routed &&
      div(mul(all, weight.routed.rows), mul(tokens, constant(weight.routed.experts)));
    activated = add(activated, share ?? all);
  }
  return { params, activated };
}
