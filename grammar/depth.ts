// How deep the tree of an expression will be, told from its tokens before it is parsed: the parser, and every
// stage after it, walks that tree by recursion. `a + b + c` is as deep as it is long; brackets add their content.
// Takes tokens whose brackets pair.
import { isCloser, isOpener } from './brackets.ts';
import { type IToken, tokenMatcher } from './chevrotain.ts';
import { LIMITS } from './limits.ts';
import * as t from './tokens.ts';

/** What is open: operators read in the current expression, and its deepest bracket. */
interface Level {
  operators: number;
  deepest: number;
}

/** The first token at which an expression grows deeper than the limit. */
export function findTooDeep(tokens: readonly IToken[]): IToken | undefined {
  const levels: Level[] = [{ operators: 0, deepest: 0 }];
  let before: IToken | undefined;
  for (const token of tokens) {
    let level = levels.at(-1)!;
    const follows = before !== undefined && endsOperand(before);
    if (isCloser(token)) {
      levels.pop();
      const outer = levels.at(-1)!;
      const own = tokenMatcher(token, t.RightBrace) ? 0 : 1;
      outer.deepest = Math.max(outer.deepest, level.operators + level.deepest + own);
      level = outer;
    } else if (isOpener(token)) {
      if (follows && !tokenMatcher(token, t.LeftBrace)) level.operators++;
      levels.push({ operators: 0, deepest: 0 });
    } else if (isOperator(token)) {
      level.operators++;
    } else if (separates(token) || (follows && !tokenMatcher(token, t.Else))) {
      level.operators = 0;
      level.deepest = 0;
    }
    if (level.operators + level.deepest > LIMITS.depth) return token;
    before = token;
  }
  return undefined;
}

const isOperator = (token: IToken): boolean =>
  tokenMatcher(token, t.BinaryOperator) || tokenMatcher(token, t.Not) || tokenMatcher(token, t.If);

const OPERAND_ENDS = [
  ...[t.Identifier, t.NumberLiteral, t.Quantity, t.StringLiteral],
  ...[t.True, t.False],
];
const endsOperand = (token: IToken): boolean =>
  isCloser(token) || OPERAND_ENDS.some((type) => tokenMatcher(token, type));

const SEPARATORS = [
  ...[t.Comma, t.Colon, t.Equal, t.Arrow],
  ...[t.Let, t.Weight, t.Loss, t.Measure, t.Budget],
];
const separates = (token: IToken): boolean => SEPARATORS.some((type) => tokenMatcher(token, type));
