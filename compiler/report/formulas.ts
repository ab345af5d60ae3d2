// The cost of a model as formulas, for people and for programs.
import {
  type FormulaRow,
  type Formulas,
  type SymbolicCost,
  totalOf,
} from '../cost/symbolic-cost.ts';
import { atomsOf, constant, type Dim, mul } from '../shapes/dim.ts';
import { alignedLines } from './aligned.ts';
import { layerNames, upTo } from './rows.ts';
import type { Part } from './structure.ts';

export interface FormulasJson {
  readonly model: string;
  readonly openParameters: readonly string[];
  /** Lengths between which the formulas hold. */
  readonly range: { readonly from: number; readonly to: number };
  readonly total: Readonly<Record<string, string>>;
  readonly rows: readonly (Readonly<Record<string, string>> & {
    readonly path: string;
    readonly layer: string;
  })[];
}

/** The rows as in every other report: by the names of `structure`, and folded to a depth of its tree where one is given. */
export function asReported(
  cost: SymbolicCost,
  structure: readonly Part[],
  depth: number = Number.POSITIVE_INFINITY,
): SymbolicCost {
  const names = layerNames(structure);
  const folded = new Map<string, FormulaRow[]>();
  for (const row of cost.rows) {
    const path = upTo(row.path, depth);
    folded.set(path, [...(folded.get(path) ?? []), row]);
  }
  const rows = [...folded].map(([path, parts]) => ({
    path,
    layer: names.get(path) ?? parts[0]!.layer,
    formulas: totalOf(parts),
  }));
  return { ...cost, rows };
}

const flopsOf = (macs: Dim): Dim => mul(constant(2), macs);

export function formulasJson(
  { model, range, rows, total }: SymbolicCost,
  openParameters: readonly string[],
): FormulasJson {
  return {
    model,
    openParameters,
    range,
    total: textsOf(total),
    rows: rows.map(({ path, layer, formulas }) => ({ path, layer, ...textsOf(formulas) })),
  };
}

/** The formula of a row's figure, by the id of its column; `undefined` for those that have none, or no size in it. */
export function formulaOf(
  { rows }: SymbolicCost,
  path: string,
  column: string,
): string | undefined {
  const formulas = rows.find((row) => row.path === path)?.formulas;
  const formula = formulas && byColumn(formulas)[column];
  return formula && atomsOf(formula).length > 0 ? formula.text : undefined;
}

const byColumn = (formulas: Formulas): Readonly<Record<string, Dim>> => ({
  macs: formulas.macs,
  flops: flopsOf(formulas.macs),
  flops_full_square: flopsOf(formulas.macsFullSquare),
  elementwise: formulas.elementwise,
  activation_bytes: formulas.written,
});

function textsOf(formulas: SymbolicCost['total']): Record<string, string> {
  const { params, activated, macs, macsFullSquare, elementwise, cachePerToken, written } = formulas;
  return {
    parameters: params.text,
    activated: activated.text,
    macs: macs.text,
    flops: flopsOf(macs).text,
    flopsFullSquare: flopsOf(macsFullSquare).text,
    elementwise: elementwise.text,
    cacheBytesPerToken: cachePerToken.text,
    activationBytes: written.text,
  };
}

export function formulasText(
  cost: SymbolicCost,
  openParameters: readonly string[],
  strong: (text: string) => string = (text) => text,
): string {
  const { model, range, rows, total } = cost;
  const figures: readonly (readonly [name: string, formula: Dim])[] = [
    ['parameters', total.params],
    ['activated', total.activated],
    ['FLOPs', flopsOf(total.macs)],
    ['FLOPs, full square', flopsOf(total.macsFullSquare)],
    ['elementwise', total.elementwise],
    ['KV cache bytes per token', total.cachePerToken],
    ['activation bytes written', total.written],
  ];
  const widest = Math.max(...figures.map(([name]) => name.length));
  const shown = rows.filter(({ formulas: { params, macs, elementwise } }) =>
    [params, macs, elementwise].some(({ terms }) => terms.length > 0),
  );
  const cell = ({ terms, text }: Dim): string => (terms.length === 0 ? '-' : text);
  return [
    strong(`${model}: one forward run, in ${['b', 't', ...openParameters].join(', ')}`),
    'b sequences of t tokens. 1 MAC = 2 FLOPs; attention counts the pairs that its mask keeps.',
    `The formulas are exact for t from ${range.from} to ${range.to}.`,
    ...(openParameters.length > 0
      ? [
          `In ${openParameters.join(', ')} they are interpolated exactly, and checked at one more value of each.`,
        ]
      : []),
    '',
    ...figures.map(([name, formula]) => `${name.padEnd(widest)}  ${cell(formula)}`),
    '',
    ...alignedLines(
      {
        titles: ['path', 'layer', 'parameters', 'FLOPs', 'elementwise'],
        numeric: [false, false, false, false, false],
        rows: shown.map(({ path, layer, formulas: { params, macs, elementwise } }) => [
          path || '(model)',
          layer,
          cell(params),
          cell(flopsOf(macs)),
          cell(elementwise),
        ]),
      },
      strong,
    ),
    '',
  ].join('\n');
}
