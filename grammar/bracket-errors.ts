// What is said about brackets without a partner.
import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { positionAt, type SourceFile, type Span } from '../compiler/source.ts';
import { LIMITS } from './limits.ts';

const PARTNERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export function spanOf(token: IToken, file: SourceFile): Span {
  return { file, start: token.startOffset, end: token.startOffset + token.image.length };
}

/** An opening bracket that has no partner to the end of its part. */
export function notClosed(opener: IToken, next: IToken | undefined, file: SourceFile): Diagnostic {
  const message = `expected \`${PARTNERS[opener.image]}\` before this`;
  return {
    code: 'BF1002',
    severity: 'error',
    message: `this \`${opener.image}\` is not closed`,
    span: spanOf(opener, file),
    related: next ? [{ span: spanOf(next, file), message }] : [],
  };
}

/** An opening bracket that should have been closed before a token: a new statement, or another bracket's partner. */
export function notClosedBefore(opener: IToken, next: IToken, file: SourceFile): Diagnostic {
  const { line } = positionAt(file, opener.startOffset);
  const closer = PARTNERS[opener.image];
  return {
    code: 'BF1002',
    severity: 'error',
    message: `expected \`${closer}\` to close the \`${opener.image}\` at line ${line}`,
    span: spanOf(next, file),
    related: [{ span: spanOf(opener, file), message: 'opened here' }],
  };
}

export function notOpened(
  closer: IToken,
  innermost: IToken | undefined,
  file: SourceFile,
): Diagnostic {
  return {
    code: 'BF1003',
    severity: 'error',
    message: `this \`${closer.image}\` closes nothing`,
    span: spanOf(closer, file),
    related: innermost
      ? [{ span: spanOf(innermost, file), message: 'the innermost open bracket is this' }]
      : [],
  };
}

export function tooNested(opener: IToken, file: SourceFile): Diagnostic {
  return {
    code: 'BF1033',
    severity: 'error',
    message: `brackets are nested more than ${LIMITS.nesting} deep`,
    span: spanOf(opener, file),
    related: [],
    hint: 'give inner parts names with `let`',
  };
}
