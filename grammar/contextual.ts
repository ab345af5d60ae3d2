// Words that belong to the language only in their places, and are names everywhere else; numbers with units, which only
// budgets have. Takes the tokens of the lexer, gives them with the types of their places; looks at neighbours alone.
//
//   loss, measure   before a name and `=`
//   budget          before `{`, where no expression or head could go on with a name
//   at              in the braces of a budget
import { type IToken, type TokenType, tokenMatcher } from './chevrotain.ts';
import * as t from './tokens.ts';

const NAME_LIKE = [t.Identifier, t.Loss, t.Measure, t.Budget, t.AtSizes];
const isName = (token: IToken | undefined): boolean =>
  token !== undefined && NAME_LIKE.includes(token.tokenType);

/** What a body's line can end with, or begin after. `if budget {`, `model budget {` and `-> budget {` are names. */
const BEFORE_A_LINE = [
  ...NAME_LIKE,
  ...[t.NumberLiteral, t.StringLiteral, t.True, t.False],
  ...[t.LeftBrace, t.RightBrace, t.RightParen, t.RightBracket],
];

export function inContext(words: readonly IToken[]): IToken[] {
  let isInBudget = false;
  return words.map((token, at) => {
    const [before, next, third] = [words[at - 1], words[at + 1], words[at + 2]];
    if (isInBudget) {
      isInBudget = !tokenMatcher(token, t.RightBrace);
      if (tokenMatcher(token, t.NumberLiteral) && hasUnit(token)) return as(t.Quantity, token);
      return token.tokenType === t.AtSizes || !isName(token) ? token : as(t.Identifier, token);
    }
    switch (token.tokenType) {
      case t.Loss:
      case t.Measure:
        return isName(next) && third?.tokenType === t.Equal ? token : as(t.Identifier, token);
      case t.Budget: {
        const isLine = before !== undefined && BEFORE_A_LINE.includes(before.tokenType);
        isInBudget = isLine && next?.tokenType === t.LeftBrace;
        return isInBudget ? token : as(t.Identifier, token);
      }
      case t.AtSizes:
        return as(t.Identifier, token);
      default:
        return token;
    }
  });
}

/** `100M`, `4GiB`; not `1e9`. */
const hasUnit = ({ image }: IToken): boolean => /[A-Za-z]/.test(image.replace(/[eE][+-]?\d+$/, ''));

const as = (tokenType: TokenType, token: IToken): IToken => ({
  ...token,
  tokenType,
  tokenTypeIdx: tokenType.tokenTypeIdx!,
});
