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
  invariant(isSame(before.cst, after.cst), 'format', 'the program has changed');
  const [is, becomes] = [words(before), words(after)];
  const isKept = is.length === becomes.length && is.every((word, i) => word === becomes[i]);
  invariant(isKept, 'format', 'a comment has moved');
}

/** Whether two trees are of the same rules and tokens. */
function isSame(a: CstElement, b: CstElement): boolean {
  if (!('children' in a && 'children' in b))
    return 'image' in a && 'image' in b && a.image === b.image;
  const kinds = Object.keys(a.children);
  if (a.name !== b.name || kinds.length !== Object.keys(b.children).length) return false;
  return kinds.every((kind) => {
    const [ours, theirs] = [a.children[kind]!, b.children[kind]];
    return ours.length === theirs?.length && ours.every((child, i) => isSame(child, theirs[i]!));
  });
}

/** Tokens and comments in order. */
function words({ cst, comments }: ParsedFile): string[] {
  const all = [...tokensOf(cst), ...comments].sort((a, b) => a.startOffset - b.startOffset);
  return all.map(({ image }) => image.trimEnd());
}
