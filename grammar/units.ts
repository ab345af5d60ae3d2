// The smallest part of a token list that can be left out around a place where the parser stopped:
// an element between commas, or, in a body's braces, a line with those that continue it.
// Takes tokens whose brackets pair; knows nothing of grammar rules.
import { beginsLine, isCloser, isOpener, isStatementKeyword } from './brackets.ts';
import { type IToken, tokenMatcher } from './chevrotain.ts';
import * as t from './tokens.ts';

/** Tokens `[start, end)`. */
export interface Unit {
  /** The index of the bracket that opens what the unit is in. */
  readonly opener: number;
  readonly start: number;
  readonly end: number;
  /** Whether something has to stand where it was. */
  readonly leavesHole: boolean;
}

/** The contents of a pair of brackets: tokens `[start, end)`, all of one level but for inner pairs. */
interface Inside {
  readonly start: number;
  readonly end: number;
}

/**
 * The unit around a place; `undefined` if that is no smaller than the whole.
 * `isComplete`: whether everything before the place could be read, and only what stands there is too much.
 */
export function unitAround(
  tokens: readonly IToken[],
  at: number,
  scars: ReadonlySet<IToken>,
  isComplete: boolean,
): Unit | undefined {
  const wrong = tokens[at];
  const before = tokens[at - 1];
  if (before && isHole(before)) return { opener: 0, start: at - 1, end: at, leavesHole: false };
  // What ends too early is to blame, not the closing bracket or the new line that shows it.
  const shows = wrong && beginsLine(wrong, before) && !scars.has(wrong) && !isComplete;
  const blamesBefore = !wrong || isCloser(wrong) || shows;
  let index = blamesBefore ? at - 1 : at;
  for (;;) {
    const inside = insideAround(tokens, index);
    if (!inside) return undefined;
    const unit = unitIn(tokens, inside, index);
    if (unit) return unit;
    index = inside.start - 1;
  }
}

/** What repair.ts left where a unit was. */
const isHole = (token: IToken): boolean => token.image === '' && tokenMatcher(token, t.Identifier);

/** The innermost pair of brackets around a token; a bracket itself is outside of its pair. */
function insideAround(tokens: readonly IToken[], index: number): Inside | undefined {
  let depth = index >= 0 && isCloser(tokens[index]!) ? 1 : 0;
  for (let i = index - 1; i >= 0; i--) {
    if (isCloser(tokens[i]!)) depth++;
    else if (isOpener(tokens[i]!) && depth-- === 0)
      return { start: i + 1, end: closerOf(tokens, i) };
  }
  return undefined;
}

function closerOf(tokens: readonly IToken[], opener: number): number {
  let depth = 0;
  for (let i = opener; i < tokens.length; i++) {
    if (isOpener(tokens[i]!)) depth++;
    else if (isCloser(tokens[i]!) && --depth === 0) return i;
  }
  return tokens.length;
}

function unitIn(tokens: readonly IToken[], inside: Inside, index: number): Unit | undefined {
  const { start, end } = inside;
  const top = topLevel(tokens, inside);
  const commas = top.filter((i) => tokenMatcher(tokens[i]!, t.Comma));
  const isBody = isBodyBrace(tokens, start - 1);
  const heads = isBody ? top.filter((i) => beginsUnit(tokens, i)) : commas.map((i) => i + 1);
  const bounds = [start, ...heads.filter((i) => i > start), end];
  const last = bounds.findLastIndex((bound, i) => bound <= index && i < bounds.length - 1);
  const from = bounds[last];
  const to = bounds[last + 1];
  if (from === undefined || to === undefined || from >= to) return undefined;
  return {
    opener: start - 1,
    start: from,
    end: to,
    leavesHole: isBody && !isHole(tokens[from]!) && !isStatementKeyword(tokens[from]!),
  };
}

/** Whether a bracket opens lines: `{`, but not that of `use std.{a, b}` or of `mode: {a, b}`. */
function isBodyBrace(tokens: readonly IToken[], opener: number): boolean {
  const before = tokens[opener - 1];
  const isList = before && (tokenMatcher(before, t.Dot) || tokenMatcher(before, t.Colon));
  return tokenMatcher(tokens[opener]!, t.LeftBrace) && !isList;
}

/** Indices inside brackets that are in no inner pair. */
function topLevel(tokens: readonly IToken[], { start, end }: Inside): number[] {
  const found: number[] = [];
  let depth = 0;
  for (let i = start; i < end; i++) {
    if (isCloser(tokens[i]!)) depth--;
    if (depth === 0) found.push(i);
    if (isOpener(tokens[i]!)) depth++;
  }
  return found;
}

const JOINS_NEXT = [
  t.Arrow,
  t.Equal,
  t.Colon,
  t.Comma,
  t.Dot,
  t.BinaryOperator,
  t.Not,
  t.If,
  t.Else,
  t.AtSizes,
];
const JOINS_PREVIOUS = [t.Arrow, t.Equal, t.Colon, t.Dot, t.BinaryOperator, t.Else, t.AtSizes];

/** Whether a new line of a body begins here, rather than one that continues the line before. */
function beginsUnit(tokens: readonly IToken[], index: number): boolean {
  const token = tokens[index]!;
  const before = tokens[index - 1]!;
  if (isStatementKeyword(token)) return !isStatementKeyword(before);
  if (!beginsLine(token, before) || isCloser(token)) return false;
  const isMinus = tokenMatcher(token, t.Minus);
  if (!isMinus && JOINS_PREVIOUS.some((type) => tokenMatcher(token, type))) return false;
  return !JOINS_NEXT.some((type) => tokenMatcher(before, type));
}
