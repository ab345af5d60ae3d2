// What an explanation of a syntax error looks at and what it says, and the phrases that several of them share.
import type { Code } from '../compiler/diagnostics/codes.ts';
import { type IToken, type TokenType, tokenMatcher } from './chevrotain.ts';
import * as t from './tokens.ts';

/** A failure as seen from one of the rules on its path. */
export interface Place {
  /** The token that could not be read, and its neighbours; none at the ends. */
  readonly found: IToken | undefined;
  readonly before: IToken | undefined;
  readonly after: IToken | undefined;
  /** The rule that was being read within this one; none when this one failed itself. */
  readonly inner: string | undefined;
  readonly tokens: readonly IToken[];
  readonly at: number;
  expects(type: TokenType): boolean;
  finds(...types: readonly TokenType[]): boolean;
  follows(...types: readonly TokenType[]): boolean;
}

export interface Explanation {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
  /** The token to point at, if not the one that could not be read. */
  readonly culprit?: IToken;
}

/** Words a mistake of one rule, or declines (`undefined`) what it does not know. */
export type Explain = (place: Place) => Explanation | undefined;

export type Explanations = Readonly<Record<string, Explain>>;

export const because = (
  code: Explanation['code'],
  message: string,
  hint?: string,
): Explanation => ({
  code,
  message,
  ...(hint !== undefined && { hint }),
});

const LONGEST_QUOTE = 40;

/** A token in a message; a long one is cut. */
export function quote(token: IToken | undefined): string {
  if (!token) return 'the end';
  const { image } = token;
  return image.length > LONGEST_QUOTE ? `\`${image.slice(0, LONGEST_QUOTE)}...\`` : `\`${image}\``;
}

const isKeyword = (token: IToken): boolean =>
  /^[a-z]+$/.test(token.image) && !tokenMatcher(token, t.Identifier);

/** In brackets whose elements are separated by commas. */
export function missingComma(
  { finds, expects, found }: Place,
  what: string,
): Explanation | undefined {
  const closes = expects(t.RightParen) || expects(t.RightBracket) || expects(t.RightBrace);
  const begins = finds(t.Identifier, t.NumberLiteral, t.StringLiteral, t.True, t.False);
  if (!closes || !begins) return undefined;
  return because('BF1007', `expected \`,\` between ${what} before ${quote(found)}`);
}

/** A declared thing's name is missing, or is a word of the language. */
export function badName({ found, expects, follows }: Place, keyword: TokenType) {
  if (!expects(t.Identifier) || !follows(keyword) || !found) return undefined;
  return isKeyword(found)
    ? because('BF1001', `${quote(found)} is a keyword and cannot be a name`, 'choose another name')
    : undefined;
}

/** The last name declared with this keyword before the place. */
export function nameAfter({ tokens, at }: Place, keyword: TokenType): string {
  for (let i = at - 2; i >= 0; i--) {
    if (tokenMatcher(tokens[i]!, keyword)) return tokens[i + 1]!.image;
  }
  return '';
}

/** Something else where a shape should be: a name alone, or nothing that could begin one. */
export function notAShape({ found, before }: Place, hint: string): Explanation {
  const isName = before !== undefined && tokenMatcher(before, t.Identifier);
  const wrong = isName ? before : found;
  const explanation = because('BF1005', `expected a shape, found ${quote(wrong)}`, hint);
  return isName ? { ...explanation, culprit: before } : explanation;
}
