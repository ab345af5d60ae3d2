// A table as plain text: a header, aligned columns with totals under a rule, and figures below.

export interface Table {
  readonly header: readonly string[];
  readonly columns: readonly string[];
  /** As many cells as columns; the last row holds totals. The first two columns are words, the others numbers. */
  readonly rows: readonly (readonly string[])[];
  readonly footer: readonly (readonly [label: string, figure: string])[];
}

export function tableText({ header, columns, rows, footer }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(Math.max(...aligned.map((line) => line.length)));
  const [titles, ...body] = aligned;
  const total = body.pop()!;
  const label = Math.max(...footer.map(([label]) => label.length));
  const figures = footer.map(([name, figure]) => `${name.padEnd(label)}  ${figure}`);
  return [...header, '', titles, rule, ...body, rule, total, '', ...figures, ''].join('\n');
}

/** `1,234,567`. */
export function grouped(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}
