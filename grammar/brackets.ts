// Tokens -> the parts of a file, each with its brackets in pairs. Reports brackets without a partner and closes or
// drops them, so that the parser and its repair can rely on pairs. Also drops a comma before a closing bracket: it
// is allowed there, and so no rule of the grammar has to say it.
import type { Report } from '../compiler/diagnostics/diagnostic.ts';
import type { SourceFile } from '../compiler/source.ts';
import { notClosed, notClosedBefore, notOpened, tooNested } from './bracket-errors.ts';
import { createTokenInstance, type IToken, type TokenType, tokenMatcher } from './chevrotain.ts';
import { LIMITS } from './limits.ts';
import * as t from './tokens.ts';

const PAIRS: ReadonlyMap<TokenType, TokenType> = new Map([
  [t.LeftParen, t.RightParen],
  [t.LeftBracket, t.RightBracket],
  [t.LeftBrace, t.RightBrace],
]);
const CLOSERS: ReadonlySet<TokenType> = new Set(PAIRS.values());
const PART_KEYWORDS: ReadonlySet<TokenType> = new Set([
  t.Edition,
  t.Use,
  t.Layer,
  t.Order,
  t.Block,
  t.Model,
]);
const STATEMENT_KEYWORDS: ReadonlySet<TokenType> = new Set([t.Let, t.Weight, t.Loss, t.Measure]);

export const isOpener = (token: IToken): boolean => PAIRS.has(token.tokenType);
export const isCloser = (token: IToken): boolean => CLOSERS.has(token.tokenType);
export const isPartKeyword = (token: IToken): boolean => PART_KEYWORDS.has(token.tokenType);
export const isStatementKeyword = (token: IToken): boolean =>
  STATEMENT_KEYWORDS.has(token.tokenType);

/** Whether a token is the first on its line, given the one before it. */
export function beginsLine(token: IToken, before: IToken | undefined): boolean {
  return !before || token.startLine !== before.endLine;
}

/** A token that is not in the text, right behind another. */
export function virtual(type: TokenType, behind: IToken): IToken {
  const offset = behind.startOffset + behind.image.length;
  const line = behind.endLine!;
  const column = behind.endColumn! + 1;
  return createTokenInstance(type, '', offset, offset - 1, line, line, column, column - 1);
}

/**
 * The parts of a file: an edition, a `use`, a declaration.
 * `undefined` where brackets nest beyond the limit: such a file goes no further.
 */
export function splitIntoParts(
  tokens: readonly IToken[],
  file: SourceFile,
  report: Report,
): IToken[][] | undefined {
  const parts: IToken[][] = [];
  let part: IToken[] = [];
  let open: IToken[] = [];
  // The braces of an `if`: its `else` cannot stand within them.
  const conditional = new Set<IToken>();
  let afterIf = false;

  /** Puts in the closers of the innermost open brackets until `depth` of them are left, and returns those. */
  function closeDownTo(depth: number): IToken[] {
    const closed = open.slice(depth).reverse();
    for (const opener of closed) part.push(virtual(PAIRS.get(opener.tokenType)!, part.at(-1)!));
    open = open.slice(0, depth);
    return closed;
  }

  function closeBefore(depth: number, next: IToken): void {
    for (const opener of closeDownTo(depth)) report(notClosedBefore(opener, next, file));
  }

  function endPart(next: IToken | undefined): void {
    for (const opener of closeDownTo(0)) report(notClosed(opener, next, file));
    if (part.length > 0) parts.push(part);
    part = [];
  }

  /** How many of the open brackets can still be open at a token that is no closing bracket. */
  function depthAt(token: IToken): number {
    if (isStatementKeyword(token) && beginsLine(token, part.at(-1))) {
      return open.findLastIndex(({ tokenType }) => tokenType === t.LeftBrace) + 1;
    }
    const before = part.at(-1);
    const isClosed = before && tokenMatcher(before, t.RightBrace);
    const isElse = tokenMatcher(token, t.Else) && !isClosed && conditional.has(open.at(-1)!);
    return open.length - (isElse ? 1 : 0);
  }

  /** Takes a closing bracket with its partner, or drops it. */
  function close(token: IToken): void {
    const partner = open.findLastIndex(({ tokenType }) => PAIRS.get(tokenType) === token.tokenType);
    if (partner < 0) {
      report(notOpened(token, open.at(-1), file));
      return;
    }
    closeBefore(partner + 1, token);
    open.pop();
    dropTrailingComma(part);
    part.push(token);
  }

  for (const [index, token] of tokens.entries()) {
    if (beginsPart(token, part.at(-1), open.length > 0)) endPart(token);
    closeBefore(depthAt(token), token);
    if (tokenMatcher(token, t.If)) afterIf = true;
    if (isOpener(token)) {
      if (open.push(token) > LIMITS.nesting) {
        report(tooNested(token, file));
        return undefined;
      }
      if (tokenMatcher(token, t.LeftBrace)) {
        if (afterIf) conditional.add(token);
        afterIf = false;
      }
    }
    if (isCloser(token)) close(token);
    else part.push(token);
    const isBrace = open.length === 0 && tokenMatcher(token, t.RightBrace);
    if (isBrace && !continues(tokens[index + 1])) endPart(undefined);
  }
  endPart(undefined);
  return parts;
}

/** Inside of brackets a keyword begins a part only on a new line: `layer` is also a type, `use` may be misplaced. */
function beginsPart(token: IToken, before: IToken | undefined, isInside: boolean): boolean {
  if (!isPartKeyword(token) || !before || isPartKeyword(before)) return false;
  return !isInside || (beginsLine(token, before) && !tokenMatcher(before, t.Colon));
}

/** Braces end a part, unless they are those of an `if` in a `where`. */
function continues(next: IToken | undefined): boolean {
  const signs = [t.Else, t.LeftBrace, t.Comma, t.BinaryOperator];
  return next !== undefined && signs.some((type) => tokenMatcher(next, type));
}

function dropTrailingComma(part: IToken[]): void {
  const [element, comma] = part.slice(-2);
  if (!comma || !tokenMatcher(comma, t.Comma)) return;
  if (!isOpener(element!) && !tokenMatcher(element!, t.Comma)) part.pop();
}
