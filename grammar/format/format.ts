// A .bform file's text -> the same in the standard layout. Changes white space alone, and leaves out commas before closing
// brackets; every word, sign and comment stays, in its order, so that a formatted file means what it meant before.
// A file with syntax errors is reported and not formatted. Formatting twice is formatting once.
import type { CstElement } from 'chevrotain';
import type { Diagnostic, Report } from '../../compiler/diagnostics/diagnostic.ts';
import { invariant } from '../../compiler/invariant.ts';
import type { SourceFile } from '../../compiler/source.ts';
import { type ParsedFile, parse } from '../parse.ts';
import { fileDoc } from './declarations.ts';
import { row } from './doc.ts';
import { writeDoc } from './write-doc.ts';
import { tokensOf, writtenForm } from './written.ts';

/** The formatted text, `undefined` after diagnostics were reported. */
export function format(file: SourceFile, report: Report): string | undefined {
  let failed = false;
  const parsed = parse(file, (diagnostic: Diagnostic) => {
    failed ||= diagnostic.severity === 'error';
    report(diagnostic);
  });
  if (failed) return undefined;
  const written = writtenForm(parsed);
  const text = writeDoc(row(fileDoc(parsed.cst, written), written.rest));
  checkSame(parsed, text, file);
  return text;
}

/** A formatter that loses a word ruins a file, so each result is held against what it was made of. */
function checkSame(before: ParsedFile, text: string, { path }: SourceFile): void {
  const after = parse({ path, text }, ({ message }) => invariant(false, 'format', message));
  invariant(outline(before.cst) === outline(after.cst), 'format', 'the program has changed');
  invariant(words(before) === words(after), 'format', 'a comment has moved');
}

/** A tree's rules and tokens in the order of the text. */
function outline(element: CstElement): string {
  if (!('children' in element)) return element.image;
  const start = (child: CstElement): number =>
    'children' in child ? child.location!.startOffset : child.startOffset;
  const children = Object.values(element.children).flat();
  const inside = children.sort((a, b) => start(a) - start(b)).map(outline);
  return `${element.name}(${inside.join(' ')})`;
}

/** Tokens and comments in order, one on each line. */
function words({ cst, comments }: ParsedFile): string {
  const all = [...tokensOf(cst), ...comments].sort((a, b) => a.startOffset - b.startOffset);
  return all.map(({ image }) => image.trimEnd()).join('\n');
}
