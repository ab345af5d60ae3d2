// A report as plain text for a terminal: what was counted and how, then for each layer its work, then its memory, and the
// figures of the whole model.
import { alignedLines } from './aligned.ts';
import { cellText, type Digits, figureText } from './cells.ts';
import { type Column, columnsFor, type ReportRow } from './columns.ts';
import { conventionLines, subject } from './conventions-text.ts';
import { figuresOf } from './figures.ts';
import type { ModelReport } from './model-report.ts';
import { rowsOf, totalOf } from './rows.ts';

/** How much is shown, and how. */
export interface TableOptions {
  /** How deep in the tree of layers rows go; all of it where absent. */
  readonly depth?: number | undefined;
  readonly digits?: Digits;
  /** Makes of a heading what it is on a terminal. */
  readonly strong?: (text: string) => string;
}

/** One model as plain text, columns aligned, conventions above. */
export function reportTable(report: ModelReport, options: TableOptions = {}): string {
  const { cost, times } = report;
  const { depth, digits = 'short', strong = (text) => text } = options;
  const rows = rowsOf(report, depth);
  const total = totalOf(report);
  const columns = columnsFor(cost, times);
  const table = (part: Column['part'], isSome: (row: ReportRow) => boolean): string[] => {
    const shown = columns.filter((column) => column.part === 'row' || column.part === part);
    const line = (row: ReportRow): string[] =>
      shown.map((column) => cellText(column.of(row, cost), digits));
    return alignedLines(
      {
        titles: shown.map(({ title }) => title),
        numeric: shown.map(({ id }) => !TEXTS.has(id)),
        rows: rows.filter(isSome).map(line),
        total: line(total),
      },
      strong,
    );
  };
  const figures = figuresOf(report);
  const widest = Math.max(...figures.map(({ name }) => name.length));
  return [
    strong(`${cost.model}: ${subject(cost)}`),
    ...conventionLines(report),
    '',
    ...table('work', hasWork),
    '',
    ...table('memory', hasMemory),
    '',
    ...figures.map((figure) => `${figure.name.padEnd(widest)}  ${figureText(figure)}`),
    '',
  ].join('\n');
}

const TEXTS: ReadonlySet<string> = new Set(['path', 'layer', 'operation', 'output_shape', 'bound']);

const hasWork = ({ params, work }: ReportRow): boolean =>
  params > 0n || work.macs > 0n || work.elementwise > 0n;

const hasMemory = ({ params, activations, moved, cachePerToken }: ReportRow): boolean =>
  params > 0n || activations > 0n || moved > 0n || cachePerToken > 0n;
