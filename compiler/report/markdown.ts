// A report as Markdown, for a pull request or a page: the same parts as the table.
import { cellText, type Digits, figureText } from './cells.ts';
import { type Column, columnsFor, type ReportRow } from './columns.ts';
import { comparisonOf } from './comparison.ts';
import { conventionLines, subject } from './conventions-text.ts';
import { figuresOf } from './figures.ts';
import type { ModelReport } from './model-report.ts';
import { rowsOf, totalOf } from './rows.ts';

/** How much is shown, and how exactly. */
export interface MarkdownOptions {
  readonly depth?: number | undefined;
  readonly digits?: Digits;
}

/** Models one after the other, several of them in a table side by side first. */
export function reportMarkdown(
  reports: readonly ModelReport[],
  { depth, digits = 'short' }: MarkdownOptions = {},
): string {
  const parts = reports.map((report) => sectionOf(report, depth, digits));
  if (reports.length < 2) return parts.join('\n');
  const { titles, rows } = comparisonOf(reports);
  const numeric = titles.map((_, at) => at > 0);
  return ['## Side by side', '', ...tableLines(titles, numeric, rows), '', ...parts].join('\n');
}

function sectionOf(report: ModelReport, depth: number | undefined, digits: Digits): string {
  const { cost, times } = report;
  const rows = [...rowsOf(report, depth), totalOf(report)];
  const columns = columnsFor(cost, times);
  const table = (part: Column['part']): string[] => {
    const shown = columns.filter((column) => column.part === 'row' || column.part === part);
    const line = (row: ReportRow) => shown.map((column) => cellText(column.of(row, cost), digits));
    const cells = rows.map(line);
    const numeric = shown.map((column) =>
      rows.some((row) => !['text', 'none'].includes(column.of(row, cost).kind)),
    );
    return tableLines(
      shown.map(({ title }) => title),
      numeric,
      cells,
    );
  };
  return [
    `## ${escaped(cost.model)}`,
    '',
    `${subject(cost)[0]!.toUpperCase()}${subject(cost).slice(1)}.`,
    '',
    ...conventionLines(report).map((line) => `- ${escaped(line)}`),
    '',
    '### Work',
    '',
    ...table('work'),
    '',
    '### Memory',
    '',
    ...table('memory'),
    '',
    '### The whole model',
    '',
    ...tableLines(
      ['figure', 'value'],
      [false, true],
      figuresOf(report).map((figure) => [figure.name, figureText(figure)]),
    ),
    '',
  ].join('\n');
}

function tableLines(
  titles: readonly string[],
  numeric: readonly boolean[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const rule = `|${numeric.map((right) => (right ? '---:' : '---')).join('|')}|`;
  return [line(titles), rule, ...rows.map(line)];
}

/** Paths hold stars, which Markdown would read as emphasis. */
const escaped = (text: string): string => text.replace(/[\\|*_`<>[\]]/g, (mark) => `\\${mark}`);
