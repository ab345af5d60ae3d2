// The mistakes that people make in expressions, in words.
import { tokenMatcher } from './chevrotain.ts';
import { because, type Explain, type Explanations, missingComma, quote } from './explanation.ts';
import * as t from './tokens.ts';

const inCallArguments: Explain = (place) => {
  const { expects, finds, before } = place;
  if (expects(t.RightParen) && finds(t.Equal)) {
    const name = before && tokenMatcher(before, t.Identifier) ? before.image : 'name';
    return because('BF1006', 'a named argument is written with `:`', `write \`${name}: ...\``);
  }
  return missingComma(place, 'arguments');
};

const inList: Explain = (place) => {
  if (place.finds(t.Colon, t.DotDot)) {
    return because(
      'BF1001',
      `expected \`,\` or \`]\`, found ${quote(place.found)}`,
      'a part of an axis is `slice(x, axis: t, start: 0, size: n)`',
    );
  }
  return missingComma(place, 'elements');
};

const inConditional: Explain = ({ expects, finds }) =>
  expects(t.Else)
    ? because(
        'BF1005',
        'an `if` needs an `else`',
        'both ways give a value: `if c { a } else { b }`',
      )
    : expects(t.LeftBrace) && expects(t.If) && !finds(t.LeftBrace)
      ? because('BF1005', 'expected the body of `else` in braces')
      : undefined;

const inParenthesized: Explain = ({ finds }) =>
  finds(t.Comma)
    ? because('BF1001', 'expected `)`, found `,`', 'a list is written `[a, b]`')
    : undefined;

const inPrimary: Explain = ({ finds, found, before, follows }) => {
  if (!before || !follows(t.BinaryOperator, t.Equal, t.Colon, t.Comma, t.Not, t.If)) {
    return undefined;
  }
  const message = `expected a value after ${quote(before)}`;
  if (finds(t.RightParen, t.RightBracket, t.RightBrace) || !found) {
    return { ...because('BF1001', message), culprit: before };
  }
  const isPower = follows(t.Star) && finds(t.Star);
  const hint = isPower ? 'a power is written `x ^ 2`' : undefined;
  return because('BF1001', `${message}, found ${quote(found)}`, hint);
};

/** By the rule's name in the parser. */
export const VALUE_EXPLANATIONS: Explanations = {
  callArguments: inCallArguments,
  list: inList,
  conditional: inConditional,
  parenthesized: inParenthesized,
  primary: inPrimary,
};
