// Text that is safe and legible in a terminal, and how wide it is there.
// Control characters, escape sequences, direction changes and lone surrogates become `\u{...}`; tabs become spaces.

/** Cc, Cf, Cs, Co, Zl, Zp: all that has an effect instead of a shape. Joiners within emoji go too. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;
const ALL_UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const TAB_WIDTH = 4;

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A message on one line, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(ALL_UNPRINTABLE, escaped);
}

/** A character as shown at a column, and the columns it takes there. */
export interface Cell {
  readonly text: string;
  readonly width: number;
}

export function cellOf(character: string, column: number): Cell {
  if (character === '\t') {
    const width = TAB_WIDTH - (column % TAB_WIDTH);
    return { text: ' '.repeat(width), width };
  }
  if (UNPRINTABLE.test(character)) {
    const text = escaped(character);
    return { text, width: text.length };
  }
  return { text: character, width: widthOf(character) };
}

/** Combining marks take no column; East Asian wide characters and emoji take two. */
function widthOf(character: string): number {
  if (/^\p{M}$/u.test(character)) return 0;
  const code = character.codePointAt(0)!;
  return WIDE.some(([from, to]) => from <= code && code <= to) ? 2 : 1;
}

/** The main ranges of Unicode's East Asian Width W and F. */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
