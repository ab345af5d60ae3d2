// Columns of steps that their author made with spaces: rows under each other whose steps stand in columns keep doing so.
// A column is made of cells that begin at one place of their lines, at least one of them behind more than one space. It stays
// as far from the longest of what stands before it as it was.
import { type Doc, flatWidth, padding, row } from './doc.ts';
import { fitsFlat } from './write-doc.ts';
import type { Place, Written } from './written.ts';

export interface Cell {
  readonly place: Place;
  readonly doc: Doc;
}

export interface CellLine {
  /** Where the line begins if no column says otherwise. */
  readonly start: number;
  /** It goes on with the line above, perhaps under one of its cells. */
  readonly goesOn?: boolean;
  readonly cells: readonly Cell[];
}

/** A cell on its way to its place. */
interface Placed {
  readonly line: number;
  readonly cell: number;
  readonly width: number;
  /** The column that it was written in. */
  readonly written: number;
  /** Stays where its line begins. */
  readonly isFixed: boolean;
  /** Written on another line than the first cell, so that columns say nothing. */
  readonly isBelow: boolean;
  /** Spaces before it as written; infinite where it begins a line. */
  readonly gap: number;
}

/** The lines with their columns; `undefined` where one would be too long, or a cell has several lines. */
export function aligned(lines: readonly CellLine[], w: Written): Doc[] | undefined {
  const spaces = columnsOf(lines, w);
  const docs = spaces?.map((before, i) =>
    row(lines[i]!.cells.flatMap(({ doc }, j) => [padding(before[j]!), doc])),
  );
  return docs?.every((doc, i) => fitsFlat(doc, lines[i]!.start)) ? docs : undefined;
}

/** Spaces before each cell of each line, those of its start not counted; `undefined` if one has, or had, several lines. */
function columnsOf(lines: readonly CellLine[], w: Written): number[][] | undefined {
  const cells = lines.flatMap(({ goesOn = false, cells: own }, line) =>
    own.map(
      ({ place, doc }, cell): Placed => ({
        line,
        cell,
        width: flatWidth(doc),
        written: w.column(place),
        isFixed: cell === 0 && !goesOn,
        isBelow: w.line(place) !== w.line(own[0]!.place),
        gap: cell === 0 ? Number.POSITIVE_INFINITY : w.gap(place),
      }),
    ),
  );
  if (cells.some(({ width, isBelow }) => isBelow || !Number.isFinite(width))) return undefined;
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
