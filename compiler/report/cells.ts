// How a cell or a figure is written: short for people, exact for those who ask for it and for programs.
import type { Cell } from './columns.ts';
import type { Figure } from './figures.ts';
import { byteText, compact, duration, grouped, percent, threeDigits } from './quantities.ts';

export type Digits = 'short' | 'exact';

export function cellText(cell: Cell, digits: Digits): string {
  // So that the eye finds what there is.
  if ('value' in cell && Number(cell.value) === 0) return '-';
  switch (cell.kind) {
    case 'none':
      return '';
    case 'text':
      return cell.text;
    case 'count':
      return digits === 'exact' ? grouped(cell.value) : compact(cell.value);
    case 'bytes':
      return digits === 'exact' ? grouped(cell.value) : byteText(cell.value);
    case 'share':
      return percent(cell.value);
    case 'ratio':
      return threeDigits(cell.value);
    case 'ms':
      return duration(cell.value);
  }
}

/** For spreadsheets and programs: digits alone, empty where there is none. */
export function plainText(cell: Cell): string {
  switch (cell.kind) {
    case 'none':
      return '';
    case 'text':
      return cell.text;
    default:
      return String(cell.value);
  }
}

/** Exact, with what it is in short behind it where that says more. */
export function figureText({ kind, value }: Figure): string {
  switch (kind) {
    case 'count': {
      const exact = typeof value === 'number' ? value.toLocaleString('en-US') : grouped(value);
      return Number(value) < 10_000 ? exact : `${exact} (${compact(value)})`;
    }
    case 'bytes':
      return Number(value) < 1024 ? grouped(value) : `${grouped(value)} (${byteText(value)})`;
    case 'ms':
      return duration(Number(value));
    case 'ratio':
      return threeDigits(Number(value));
  }
}

export function shortFigure({ kind, value }: Figure): string {
  switch (kind) {
    case 'count':
      return compact(value);
    case 'bytes':
      return byteText(value);
    default:
      return figureText({ name: '', kind, value });
  }
}
