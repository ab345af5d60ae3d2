// The lines of source that a span touches, as rows to print: each line with marks below what the span covers.
// A long span shows its first and last line; a long line shows a window around the marks.
import { lineText, positionAt, type Span } from '../source.ts';
import { type Cell, cellOf } from './printable.ts';

export interface Row {
  readonly kind: 'source' | 'marks' | 'gap';
  /** The line's number, on rows of source. */
  readonly line?: number;
  readonly text: string;
}

/** Columns of source on one row. */
const WINDOW = 100;
/** Columns shown before the marks when a line is cut. */
const LEAD = 30;
/** Lines of a span that are shown in full; of a longer one, the first and the last. */
const MOST_LINES = 3;

export function excerpt(span: Span, mark: string): Row[] {
  const first = positionAt(span.file, span.start);
  const last = positionAt(span.file, Math.max(span.start, span.end - 1));
  const count = last.line - first.line + 1;
  const rows: Row[] = [];
  for (let line = first.line; line <= last.line; line++) {
    if (count > MOST_LINES && line > first.line && line < last.line) {
      if (line === first.line + 1) rows.push({ kind: 'gap', text: '...' });
      line = last.line - 1;
      continue;
    }
    const text = lineText(span.file, line);
    const indent = text.length - text.trimStart().length;
    const from = line === first.line ? first.column - 1 : indent;
    const to = line === last.line ? last.column : text.trimEnd().length;
    rows.push(...markedLine(text, line, from, span.end > span.start ? to : from, mark));
  }
  return rows;
}

/** A line and the marks under its characters `[from, to)`; one mark for nothing. */
function markedLine(text: string, line: number, from: number, to: number, mark: string): Row[] {
  const cells: (Cell & { readonly start: number; readonly column: number })[] = [];
  let column = 0;
  let start = 0;
  // Only what the window can show is laid out: a line may be a megabyte long.
  const begin = Math.max(0, from - WINDOW);
  for (const character of text.slice(begin, from + 2 * WINDOW)) {
    const cell = cellOf(character, column);
    cells.push({ ...cell, start: begin + start, column });
    column += cell.width;
    start += character.length;
  }
  const markFrom = cells.find((cell) => cell.start >= from)?.column ?? column;
  const markTo = cells.find((cell) => cell.start >= to)?.column ?? column;
  const isCut = column > WINDOW || begin > 0 || begin + start < text.length;
  const left = isCut ? Math.max(0, Math.min(markFrom - LEAD, column - WINDOW)) : 0;
  const right = left + WINDOW;
  const shown = cells.filter((cell) => cell.column >= left && cell.column + cell.width <= right);
  const head = left > 0 || begin > 0 ? '...' : '';
  const tail = begin + start < text.length || column > right ? '...' : '';
  const offset = head.length - (shown[0]?.column ?? left);
  const marks = Math.max(1, Math.min(markTo, right) - markFrom);
  return [
    { kind: 'source', line, text: head + shown.map((cell) => cell.text).join('') + tail },
    { kind: 'marks', text: ' '.repeat(Math.max(0, markFrom + offset)) + mark.repeat(marks) },
  ];
}
