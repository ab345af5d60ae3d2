// Text -> concrete syntax tree and comments; mistakes are reported as BF1xxx diagnostics.
// Never throws, whatever the text, and takes time in proportion to it. Does not look at names or meanings.
//
//   text --lex--> tokens --splitIntoParts--> declarations, each with its brackets in pairs --parsePart--> trees
//
// Parts are parsed one by one, so that a mistake in one never hides a mistake in another.
import type { IToken } from 'chevrotain';
import type { Diagnostic, Report } from '../compiler/diagnostics/diagnostic.ts';
import { type LimitedReport, limitReport } from '../compiler/diagnostics/limit.ts';
import type { SourceFile } from '../compiler/source.ts';
import { splitIntoParts } from './brackets.ts';
import type { FileCstChildren, FileCstNode } from './cst.generated.ts';
import { findTooDeep } from './depth.ts';
import { lex } from './lex.ts';
import { LIMITS } from './limits.ts';
import { BformParser } from './parser.ts';
import { checkOrder, holdsAnything, readHead, reportEmpty } from './parts.ts';
import { parsePart } from './repair.ts';

export interface ParsedFile {
  /** Holds the parts that are free of syntax errors; every node in it is whole. */
  readonly cst: FileCstNode;
  readonly comments: readonly IToken[];
}

const parser = new BformParser();

export function parse(file: SourceFile, report: Report): ParsedFile {
  const found: Diagnostic[] = [];
  const limited = limitReport((diagnostic) => found.push(diagnostic), LIMITS.diagnostics);
  const lexed = lex(file, limited.report);
  const parts = lexed && splitIntoParts(lexed.tokens, file, limited.report);
  const trees = parts ? parseParts(parts, file, found, limited) : [];
  found.sort((a, b) => a.span.start - b.span.start);
  for (const diagnostic of found) report(diagnostic);
  return { cst: merge(trees), comments: lexed?.comments ?? [] };
}

/** The trees of the parts without mistakes. `found`: what is known of the file's mistakes before. */
function parseParts(
  parts: readonly (readonly IToken[])[],
  file: SourceFile,
  found: readonly Diagnostic[],
  { report, isFull }: LimitedReport,
): FileCstNode[] {
  const known = found.flatMap(causesIn);
  if (found.length === 0 && !holdsAnything(parts)) reportEmpty(file, report);
  checkOrder(parts, file, report);
  const trees: FileCstNode[] = [];
  for (const part of parts) {
    if (isFull()) break;
    const tooDeep = findTooDeep(part);
    if (tooDeep) {
      reportTooDeep(tooDeep, file, report);
      continue;
    }
    const headed = readHead(part, file, report);
    const tree = headed && parsePart(parser, headed, known, file, report);
    if (tree && headed === part) trees.push(tree);
  }
  return trees;
}

/** Where a mistake is that may be the reason for others; of unclosed brackets, the bracket. */
function causesIn({ code, span, related }: Diagnostic): number[] {
  if (code !== 'BF1002') return [span.start];
  const starts = [span, ...related.map((place) => place.span)].map(({ start }) => start);
  return starts.filter((start) => '([{'.includes(span.file.text.charAt(start)));
}

function reportTooDeep(token: IToken, file: SourceFile, report: Report): void {
  report({
    code: 'BF1037',
    severity: 'error',
    message: `this expression is more than ${LIMITS.depth} operations deep`,
    span: { file, start: token.startOffset, end: token.startOffset + token.image.length },
    related: [],
    hint: 'give inner parts names with `let`',
  });
}

function merge(trees: readonly FileCstNode[]): FileCstNode {
  const children: FileCstChildren = {};
  const edition = trees.flatMap((tree) => tree.children.edition ?? []);
  const use = trees.flatMap((tree) => tree.children.use ?? []);
  const item = trees.flatMap((tree) => tree.children.item ?? []);
  if (edition.length > 0) children.edition = edition;
  if (use.length > 0) children.use = use;
  if (item.length > 0) children.item = item;
  return { name: 'file', children };
}
