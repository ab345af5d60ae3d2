// The mistakes that people make in the budget of a model, in words.
import { tokenMatcher } from './chevrotain.ts';
import { because, type Explain, type Explanations, quote } from './explanation.ts';
import * as t from './tokens.ts';

const A_LIMIT = 'for example `params <= 100M` or `flops <= 2G at b = 1, t = 512`';

const A_SIZE = 'for example `at b = 1, t = 512`';

const inBudget: Explain = ({ expects, finds, found, follows }) => {
  if (finds(t.RightBrace)) return because('BF1005', 'a budget needs at least one limit', A_LIMIT);
  if (finds(t.Comma)) {
    return because(
      'BF1001',
      'limits follow one another without a sign',
      'each on a line of its own',
    );
  }
  if (finds(t.BinaryOperator) && follows(t.Quantity, t.NumberLiteral)) {
    return because('BF1001', `a limit is one number, so ${quote(found)} cannot follow`, A_LIMIT);
  }
  if (!expects(t.Identifier) && !expects(t.RightBrace)) return undefined;
  return because('BF1001', `expected a limit, found ${quote(found)}`, A_LIMIT);
};

const inLimit: Explain = ({ expects, finds, found, before, inner, tokens, at, follows }) => {
  if (inner !== undefined) return undefined;
  if (follows(t.AtSizes)) {
    return because('BF1001', `expected a size after \`at\`, found ${quote(found)}`, A_SIZE);
  }
  if (expects(t.LessEqual)) {
    const number = tokens[at - 2];
    if (number && tokenMatcher(number, t.NumberLiteral) && /^[KMGT](iB)?$/.test(before!.image)) {
      const hint = `write \`${number.image}${before!.image}\``;
      return { ...because('BF1001', 'a unit touches its number', hint), culprit: before! };
    }
    const isSign = finds(t.Colon, t.Equal, t.BinaryOperator);
    return because(
      isSign ? 'BF1006' : 'BF1001',
      `a limit is written with \`<=\`, not ${quote(found)}`,
      `write \`${before?.image ?? 'params'} <= ...\``,
    );
  }
  if (expects(t.Quantity)) {
    const what = `expected a number after \`<=\`, found ${quote(found)}`;
    return because('BF1001', what, 'for example `2_000_000`, `100M` or `4GiB`');
  }
  return undefined;
};

const inLimitSize: Explain = ({ expects, finds, found, before }) => {
  if (expects(t.Equal)) {
    const code = finds(t.Colon, t.BinaryOperator) ? 'BF1006' : 'BF1001';
    return because(code, `a size is given with \`=\`, not ${quote(found)}`, A_SIZE);
  }
  if (expects(t.Identifier)) {
    return because(
      'BF1001',
      `expected a size after ${quote(before)}, found ${quote(found)}`,
      A_SIZE,
    );
  }
  if (expects(t.NumberLiteral)) {
    return because('BF1001', `a size is a plain number, not ${quote(found)}`, A_SIZE);
  }
  return undefined;
};

/** By the rule's name in the parser. */
export const BUDGET_EXPLANATIONS: Explanations = {
  budget: inBudget,
  limit: inLimit,
  limitSize: inLimitSize,
};
