// The words of the language: every token type and the lexer made of them.
// Takes text, gives tokens; holds no grammar rule. Every pattern is linear: no nested quantifiers.
// Words and numbers are matched generously, so that one mistake is one token; lex.ts judges them.
import { createToken, Lexer, type TokenType } from './chevrotain.ts';

/** Patterns wait here until all keywords stand before `Identifier`, whose text they share. */
const inOrder: TokenType[] = [];

function token(
  name: string,
  pattern: RegExp | string,
  options: Partial<TokenOptions> = {},
): TokenType {
  const made = createToken({ name, pattern, ...options });
  inOrder.push(made);
  return made;
}

interface TokenOptions {
  readonly label: string;
  readonly group: string;
  readonly line_breaks: boolean;
  readonly longer_alt: TokenType;
  readonly categories: TokenType[];
}

token('WhiteSpace', /[ \t\r\n]+/, { group: Lexer.SKIPPED, line_breaks: true });
token('Comment', /\/\/[^\r\n]*/, { group: 'comments' });

/** Any operator that stands between two operands; their ranks are in operators.ts. */
export const BinaryOperator = createToken({
  name: 'BinaryOperator',
  pattern: Lexer.NA,
  label: 'an operator',
});
const binary = [BinaryOperator];

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*/,
  label: 'a name',
});

function keyword(text: string, categories: TokenType[] = [], name = capital(text)): TokenType {
  return token(name, text, { label: `\`${text}\``, longer_alt: Identifier, categories });
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

export const Edition = keyword('edition');
export const Use = keyword('use');
export const As = keyword('as');
export const Layer = keyword('layer');
export const Order = keyword('order');
export const Block = keyword('block');
export const Model = keyword('model');
export const Where = keyword('where');
export const Let = keyword('let');
export const Weight = keyword('weight');
/** Words of the language only in their places; contextual.ts makes them names everywhere else. */
export const Loss = keyword('loss');
export const Measure = keyword('measure');
export const Budget = keyword('budget');
export const AtSizes = keyword('at', [], 'AtSizes');
export const If = keyword('if');
export const Else = keyword('else');
export const True = keyword('true');
export const False = keyword('false');
export const Not = keyword('not');
export const And = keyword('and', binary);
export const Or = keyword('or', binary);
inOrder.push(Identifier);

export const NumberLiteral = token('Number', /\d\w*(?:\.\d\w*)*(?:(?<=[eE])[+-]\d\w*)?/, {
  label: 'a number',
});
/** A number of a budget with its unit. The lexer gives numbers; contextual.ts knows where budgets are. */
export const Quantity = token('Quantity', /\d[\w.]*[A-Za-z]/, { label: 'a number with its unit' });
/** Ends with its line if nothing else ends it; lex.ts reports that. */
export const StringLiteral = token('String', /"(?:[^"\\\r\n]|\\[^\r\n])*(?:"|\\)?/, {
  label: 'a string',
});

function sign(name: string, text: string, categories: TokenType[] = []): TokenType {
  return token(name, text, { label: `\`${text}\``, categories });
}

export const Arrow = sign('Arrow', '->');
export const DotDot = sign('DotDot', '..');
export const Dot = sign('Dot', '.');
export const EqualEqual = sign('EqualEqual', '==', binary);
export const NotEqual = sign('NotEqual', '!=', binary);
export const LessEqual = sign('LessEqual', '<=', binary);
export const GreaterEqual = sign('GreaterEqual', '>=', binary);
export const Less = sign('Less', '<', binary);
export const Greater = sign('Greater', '>', binary);
export const Equal = sign('Equal', '=');
export const Plus = sign('Plus', '+', binary);
export const Minus = sign('Minus', '-', binary);
export const Star = sign('Star', '*', binary);
export const Slash = sign('Slash', '/', binary);
export const Percent = sign('Percent', '%', binary);
export const At = sign('At', '@', binary);
export const Caret = sign('Caret', '^', binary);
export const Comma = sign('Comma', ',');
export const Colon = sign('Colon', ':');
export const LeftParen = sign('LeftParen', '(');
export const RightParen = sign('RightParen', ')');
export const LeftBracket = sign('LeftBracket', '[');
export const RightBracket = sign('RightBracket', ']');
export const LeftBrace = sign('LeftBrace', '{');
export const RightBrace = sign('RightBrace', '}');

export const allTokens: readonly TokenType[] = [BinaryOperator, ...inOrder];

export const bformLexer = new Lexer([...allTokens], {
  positionTracking: 'full',
  ensureOptimizations: true,
  skipValidations: true,
});
