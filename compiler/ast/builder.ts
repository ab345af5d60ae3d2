// What every part of the tree builder needs: spans, leaves, errors, and the comments still to be placed.
// A `///` comment is taken by the declaration whose first token begins the next line; the rest stay in the file's list.
import type { CstNode, IToken } from 'chevrotain';
import type { Code } from '../diagnostics/codes.ts';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import { invariant } from '../invariant.ts';
import type { SourceFile, Span } from '../source.ts';
import type { Comment, Expr, Name } from './ast.ts';

export interface Builder {
  span(token: IToken): Span;
  nodeSpan(node: CstNode): Span;
  name(token: IToken): Name;
  /** The value of a string token, escapes resolved. */
  string(token: IToken): string;
  number(token: IToken): Expr;
  /** The doc comment right above a token, as a property to spread; it is taken from the comments. */
  doc(token: IToken): { readonly doc?: string };
  error(
    code: Code,
    message: string,
    span: Span,
    more?: Partial<Pick<Diagnostic, 'hint' | 'related'>>,
  ): void;
  remainingComments(): Comment[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

export function createBuilder(
  file: SourceFile,
  comments: readonly IToken[],
  report: Report,
): Builder {
  const taken = new Set<IToken>();
  const span = (token: IToken): Span => ({
    file,
    start: token.startOffset,
    end: token.startOffset + token.image.length,
  });

  /** The `///` lines that end on the line above the token, last first; with nothing else on them. */
  function docLines(token: IToken): IToken[] {
    const lines: IToken[] = [];
    let next = token;
    for (let at = lastBefore(comments, token.startOffset); at >= 0; at--) {
      const comment = comments[at]!;
      const isAbove =
        comment.startLine === next.startLine! - 1 && isFirst(comment) && isFirst(next);
      if (!isAbove || !/^\/\/\/(?!\/)/.test(comment.image)) break;
      lines.push(comment);
      next = comment;
    }
    return lines;
  }

  /** Whether a token is the first on its line. */
  const isFirst = ({ startOffset, startColumn }: IToken): boolean =>
    file.text.slice(startOffset - startColumn! + 1, startOffset).trim() === '';

  return {
    span,
    nodeSpan({ location }) {
      invariant(location?.endOffset !== undefined, 'ast', 'a node without tokens');
      return { file, start: location.startOffset, end: location.endOffset + 1 };
    },
    name: (token) => ({ text: token.image, span: span(token) }),
    string: (token) =>
      token.image
        .replace(/^"|"$/g, '')
        .replace(/\\(.?)/g, (_, after: string) => ESCAPES[after] ?? after),
    number(token) {
      const text = token.image;
      const value = Number(text.replaceAll('_', ''));
      return { kind: 'number', value, isInteger: /^[\d_]+$/.test(text), text, span: span(token) };
    },
    doc(token) {
      const lines = docLines(token);
      if (lines.length === 0) return {};
      for (const line of lines) taken.add(line);
      return {
        doc: lines
          .reverse()
          .map(({ image }) => image.slice(3).replace(/^ /, '').trimEnd())
          .join('\n'),
      };
    },
    error(code, message, at, more = {}) {
      report({ code, severity: 'error', message, span: at, related: [], ...more });
    },
    remainingComments: () =>
      comments
        .filter((comment) => !taken.has(comment))
        .map((comment) => ({ text: comment.image, span: span(comment) })),
  };
}

/** The index of the last token that starts before the offset, or -1. */
function lastBefore(tokens: readonly IToken[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.startOffset < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
