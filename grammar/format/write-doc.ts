// A formatter's document -> text of lines no longer than WIDTH, where breaks allow that. Comments are never broken.
import { unreachable } from '../../compiler/invariant.ts';
import { type Doc, type EndOfLineComment, flatWidth, row } from './doc.ts';

export const WIDTH = 100;
export const INDENT = 2;

interface Command {
  readonly indent: number;
  readonly isFlat: boolean;
  readonly doc: Doc;
  /** Of a `fill`: the part to go on with. */
  readonly from?: number;
}

/** A comment that waits for its column until all lines of its column are known. */
interface PlacedComment extends EndOfLineComment {
  readonly line: number;
  readonly end: number;
}

type Word = Extract<Doc, { kind: 'word' }>;

export function writeDoc(doc: Doc): string {
  const lines: string[] = [];
  const comments: PlacedComment[] = [];
  let current = '';
  /** Whether a comment stands on the current line, so that nothing else can follow there. */
  let isClosed = false;

  function newLine(indent: number, blank: boolean): void {
    lines.push(current.trimEnd());
    if (blank) lines.push('');
    current = ' '.repeat(indent);
    isClosed = false;
  }

  /** Where a comment ends a line between words that else stand on one line, the rest is indented, but for brackets. */
  function writeWord({ text, above, behind, isComment, blank }: Word, indent: number): void {
    const forced = /^[)\]}{]$/.test(text) ? indent : indent + INDENT;
    for (const [i, comment] of above.entries()) {
      if (current.trim() !== '') newLine(i === 0 ? forced : current.search(/\S/), false);
      const start = current.length;
      if (i > 0 && comment.blank) newLine(start, false);
      current += comment.text;
      newLine(start, i === above.length - 1 && blank);
    }
    if (isClosed) newLine(forced, false);
    current += text;
    if (behind) comments.push({ ...behind, line: lines.length, end: current.length });
    isClosed = isComment || behind !== undefined;
  }

  const commands: Command[] = [{ indent: 0, isFlat: false, doc }];
  for (let command = commands.pop(); command; command = commands.pop()) {
    const { indent, isFlat, doc, from = 0 } = command;
    const push = (next: Doc, flat = isFlat) => commands.push({ indent, isFlat: flat, doc: next });
    switch (doc.kind) {
      case 'word':
        writeWord(doc, indent);
        break;
      case 'space':
        if (!isClosed) current += ' '.repeat(doc.width);
        break;
      case 'line':
        if (!isFlat || doc.hard) newLine(indent, doc.blank);
        else if (!isClosed) current += ' '.repeat(doc.flat);
        break;
      case 'row':
        for (const part of doc.parts.toReversed()) push(part);
        break;
      case 'indent':
        commands.push({ indent: indent + INDENT, isFlat, doc: doc.content });
        break;
      case 'group': {
        const flat = { indent, isFlat: true, doc: doc.content };
        push(doc.content, !doc.breaks && (isFlat || fits(flat, commands, current.length)));
        break;
      }
      case 'fill': {
        const part = doc.parts[from];
        if (!part) break;
        commands.push({ ...command, from: from + 1 });
        const next = doc.parts[from + 1];
        const both = from % 2 === 1 && next && { indent, isFlat: true, doc: row(part, next) };
        push(part, both && !isClosed ? fits(both, [], current.length) : false);
        break;
      }
      default:
        unreachable(doc, 'format');
    }
  }
  newLine(0, false);
  return `${withComments(lines, comments).join('\n')}\n`;
}

/** Whether a document, and what follows it up to the next break, ends within the width. */
function fits(first: Command, following: readonly Command[], column: number): boolean {
  const commands = [first];
  let rest = following.length;
  let width = column;
  let isFirstWord = true;
  let isClosed = false;
  while (width <= WIDTH) {
    const next = commands.pop() ?? following[--rest];
    if (!next) return true;
    const { indent, isFlat, doc } = next;
    const push = (part: Doc) => commands.push({ indent, isFlat, doc: part });
    switch (doc.kind) {
      case 'word':
        if (isClosed || (doc.above.length > 0 && !isFirstWord)) return true;
        width = (doc.above.length > 0 ? indent : width) + doc.text.length;
        isClosed = doc.isComment || doc.behind !== undefined;
        isFirstWord = false;
        break;
      case 'space':
        width += doc.width;
        break;
      case 'line':
        if (!isFlat || doc.hard) return true;
        width += doc.flat;
        break;
      case 'row':
        for (const part of doc.parts.toReversed()) push(part);
        break;
      case 'indent':
        push(doc.content);
        break;
      case 'group':
        commands.push({ indent, isFlat: isFlat && !doc.breaks, doc: doc.content });
        break;
      case 'fill': {
        const from = next.from ?? 0;
        if (!isFlat && from % 2 === 1) return true;
        // What is not flat may break behind the next part: no need to look at all others.
        for (const part of doc.parts.slice(from, isFlat ? undefined : from + 2).toReversed())
          push(part);
        break;
      }
      default:
        unreachable(doc, 'format');
    }
  }
  return false;
}

/**
 * Puts comments behind their lines, as far from them as they were. Those of one column stay in one, as far from the longest of
 * their lines as they were; where all are one space from their lines, it is no column but chance.
 */
function withComments(lines: readonly string[], comments: readonly PlacedComment[]): string[] {
  const result = [...lines];
  const columns = new Map<string, PlacedComment[]>();
  for (const comment of comments) {
    const column = columns.get(comment.column);
    if (column) column.push(comment);
    else columns.set(comment.column, [comment]);
  }
  for (const column of columns.values()) {
    const isColumn = column.some((comment) => comment.gap > 1);
    const gap = column.reduce((least, comment) => Math.min(least, comment.gap), Infinity) || 1;
    const start = column.reduce((most, { end }) => Math.max(most, end), 0) + gap;
    for (const { line, end, text } of column)
      result[line] = result[line]!.padEnd(isColumn ? start : end + gap) + text;
  }
  return result;
}

/** Whether a document fits on one line that begins at a column. */
export const fitsFlat = (doc: Doc, column = 0): boolean => column + flatWidth(doc) <= WIDTH;
