// Reports as CSV (RFC 4180): a line for each layer of each model, digits exact, no totals, so that a program can sum.
import { plainText } from './cells.ts';
import { COLUMNS } from './columns.ts';
import type { ModelReport } from './model-report.ts';
import { rowsOf } from './rows.ts';

/** Models below each other, a line for each layer; figures are whole numbers. Rows deeper than `depth` are added up in those above them. */
export function reportCsv(reports: readonly ModelReport[], depth?: number): string {
  const lines = reports.flatMap((report) =>
    rowsOf(report, depth).map((row) => [
      report.cost.model,
      ...COLUMNS.map((column) => plainText(column.of(row, report.cost))),
    ]),
  );
  return [['model', ...COLUMNS.map(({ id }) => id)], ...lines]
    .map((line) => `${line.map(quoted).join(',')}\r\n`)
    .join('');
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function quoted(cell: string): string {
  const safe = /^[=+\-@\t]/.test(cell) && !/^-?\d/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
