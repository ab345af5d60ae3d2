// Costs as formulas have the rows of the other reports: their names, their folds, their sums.
import { describe, expect, it } from 'vitest';
import { formulas, plan } from '../../compiler/compile.ts';
import { FORMULA_KEYS } from '../../compiler/cost/symbolic-cost.ts';
import { rowsOf } from '../../compiler/report/rows.ts';
import { add, ZERO } from '../../compiler/shapes/dim.ts';
import { reportOf, SMALL_MIXTURE } from '../support/report-of.ts';
import { sources } from '../support/sources.ts';

const report = reportOf(SMALL_MIXTURE);
const found = plan('m.bform', sources({ 'm.bform': SMALL_MIXTURE })).result!;
const at = (depth?: number) => formulas(found, report.cost.symbols, { depth })!;

describe('formulas', () => {
  it.each([undefined, 1, 2, 3])('have the rows of a table folded to depth %s', (depth) => {
    const names = (rows: readonly { path: string; layer: string }[]) =>
      rows.flatMap(({ path, layer }) => (path === '' ? [] : [`${path} ${layer}`])).sort();
    expect(names(at(depth).rows)).toEqual(names(rowsOf(report, depth)));
  });

  it('of a block are called by the block, not by its wiring', () => {
    expect(at().rows.find(({ path }) => path === 'blocks.*')?.layer).toBe('brew');
  });

  it('that are folded add up to those of all layers', () => {
    const { total } = at();
    const { rows, total: folded } = at(1);
    for (const key of FORMULA_KEYS) {
      expect(folded[key].text).toBe(total[key].text);
      expect(rows.map((row) => row.formulas[key]).reduce(add, ZERO).text).toBe(total[key].text);
    }
  });
});
