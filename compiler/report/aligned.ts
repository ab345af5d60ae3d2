// A table as plain text: aligned columns, a line under the titles and above the totals.

export interface AlignedTable {
  readonly titles: readonly string[];
  /** Whether the column holds numbers, which stand to the right. */
  readonly numeric: readonly boolean[];
  /** As many cells as titles. */
  readonly rows: readonly (readonly string[])[];
  readonly total?: readonly string[];
}

export function alignedLines(
  { titles, numeric, rows, total }: AlignedTable,
  strong: (text: string) => string = (text) => text,
): string[] {
  const lines = [titles, ...rows, ...(total ? [total] : [])];
  const widths = titles.map((_, at) => Math.max(...lines.map((line) => width(line[at]!))));
  const aligned = (line: readonly string[]): string =>
    line
      .map((cell, at) => {
        const fill = ' '.repeat(widths[at]! - width(cell));
        return numeric[at] ? fill + cell : cell + fill;
      })
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, one) => sum + one + 2, -2));
  return [
    strong(aligned(titles)),
    rule,
    ...rows.map(aligned),
    ...(total ? [rule, strong(aligned(total))] : []),
  ];
}

const width = (text: string): number => [...text].length;
