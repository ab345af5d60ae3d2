// Columns of steps that their author made with spaces: rows under each other whose steps stand in columns keep doing so.
// A column is made of cells that begin at one place of their lines, at least one of them behind more than one space. It stays
// as far from the longest of what stands before it as it was.
import type { CstNode } from 'chevrotain';
import { type Doc, flatWidth } from './doc.ts';
import { INDENT } from './write-doc.ts';
import type { Written } from './written.ts';

export interface Cell {
  readonly node: CstNode;
  readonly doc: Doc;
}

export interface CellLine {
  /** Where the line begins if no column says otherwise. */
  readonly start: number;
  readonly cells: readonly Cell[];
}

/** A cell on its way to its place. */
interface Placed {
  readonly line: number;
  readonly cell: number;
  readonly width: number;
  /** The column that it was written in. */
  readonly written: number;
  /** The cells at the left edge stay there; other lines go on with the line above, perhaps under one of its cells. */
  readonly isFixed: boolean;
  /** Spaces before it as written; infinite where it begins a line. */
  readonly gap: number;
}

/** Spaces before each cell of each line, those of the line's start not counted; `undefined` if a cell has several lines. */
export function columnsOf(lines: readonly CellLine[], w: Written): number[][] | undefined {
  const cells = lines.flatMap(({ start, cells: own }, line) =>
    own.map(
      ({ node, doc }, cell): Placed => ({
        line,
        cell,
        width: flatWidth(doc),
        written: w.column(node),
        isFixed: cell === 0 && start === INDENT,
        gap: cell === 0 ? Number.POSITIVE_INFINITY : w.gap(node),
      }),
    ),
  );
  if (cells.some(({ width }) => !Number.isFinite(width))) return undefined;
  const spaces = lines.map((): number[] => []);
  const ends = lines.map(({ start }) => start);
  // From left to right, so that what stands before a cell has its place already.
  for (const column of byColumn(cells)) {
    const movable = column.filter(({ isFixed }) => !isFixed);
    const isColumn = movable.length > 1 && movable.some(({ gap }) => gap > 1);
    const gap = isColumn ? movable.reduce((least, cell) => Math.min(least, cell.gap), Infinity) : 1;
    const next = ({ line, cell }: Placed): number => ends[line]! + (cell === 0 ? 0 : gap || 1);
    const shared = movable.reduce((most, cell) => Math.max(most, next(cell)), 0);
    for (const placed of column) {
      const place = isColumn && !placed.isFixed ? shared : next(placed);
      spaces[placed.line]!.push(place - ends[placed.line]!);
      ends[placed.line] = place + placed.width;
    }
  }
  return spaces;
}

function byColumn(cells: readonly Placed[]): Placed[][] {
  const columns = new Map<number, Placed[]>();
  for (const cell of cells) {
    const column = columns.get(cell.written);
    if (column) column.push(cell);
    else columns.set(cell.written, [cell]);
  }
  return [...columns].sort(([a], [b]) => a - b).map(([, column]) => column);
}
