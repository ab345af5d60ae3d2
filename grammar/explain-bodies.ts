// The mistakes that people make in bodies, rows and pipelines, in words.
import { isStatementKeyword } from './brackets.ts';
import { type IToken, tokenMatcher } from './chevrotain.ts';
import {
  badName,
  because,
  type Explain,
  type Explanation,
  type Explanations,
  nameAfter,
  notAShape,
  type Place,
  quote,
} from './explanation.ts';
import * as t from './tokens.ts';

const inBodyBraces: Explain = ({ expects, finds, found }) => {
  if (!expects(t.LeftBrace) || finds(t.LeftBrace)) return undefined;
  if (finds(t.Equal)) {
    return because('BF1006', 'expected `{`, found `=`', 'to compare two values write `==`');
  }
  return because('BF1005', `expected a body in braces, found ${quote(found)}`);
};

/** A budget where none can be. */
const strayBudget = ({ finds }: Place): Explanation | undefined =>
  finds(t.Budget)
    ? because('BF1001', 'only a model has a budget', 'it stands below the settings of the model')
    : undefined;

const inBody: Explain = (place) => {
  const { expects, finds, found, before, inner } = place;
  const braces = inBodyBraces(place) ?? strayBudget(place);
  if (braces) return braces;
  if (inner === 'expression' && finds(t.RightBrace)) {
    return because(
      'BF1005',
      'this body has no result',
      'its last line is an expression: the result',
    );
  }
  if (!expects(t.RightBrace)) return undefined;
  if (before?.image === 'return') {
    const hint = "leave it out: a body's last line is its result";
    return { ...because('BF1001', '`return` is no keyword', hint), culprit: before };
  }
  if (finds(t.Equal)) {
    const name = before && tokenMatcher(before, t.Identifier) ? before.image : 'name';
    return because('BF1001', 'a value gets a name with `let`', `write \`let ${name} = ...\``);
  }
  if (found && isStatementKeyword(found)) {
    return because('BF1011', `${quote(found)} comes before the result of a body`);
  }
  if (before && (before.image === 'loss' || before.image === 'measure') && finds(t.Identifier)) {
    const hint = `write \`${before.image} ${found!.image} = ...\``;
    return because('BF1006', `a ${before.image} gives its value with \`=\``, hint);
  }
  if (finds(t.Else)) {
    return because('BF1001', 'this `else` belongs to no `if`', 'a `}` may be missing before it');
  }
  if (finds(t.Dot)) {
    return because('BF1001', 'a value has no members', 'axes are named: `mean(x, axis: d)`');
  }
  if (finds(t.Arrow)) {
    return because('BF1001', 'only a model chains layers with `->`', 'apply a layer: `f(g(x))`');
  }
  if (finds(t.Colon) && before) {
    return because(
      'BF1006',
      `unexpected \`:\` after ${quote(before)}`,
      `write \`let ${before.image} = ...\` or \`weight ${before.image}: [d] = ...\``,
    );
  }
  return because(
    'BF1001',
    `expected an operator or \`}\`, found ${quote(found)}`,
    'a body has one result; name what comes before it with `let`',
  );
};

const inLet: Explain = (place) => {
  const naming = badName(place, t.Let);
  if (naming) return naming;
  const { expects, finds, before, found } = place;
  if (!expects(t.Equal)) return undefined;
  const name = before?.image ?? '';
  const message = finds(t.Colon)
    ? 'a `let` gives its value with `=`'
    : `expected \`=\` after \`let ${name}\``;
  return because(
    finds(t.Colon) || found?.image === '' ? 'BF1006' : 'BF1001',
    message,
    `write \`let ${name} = ...\``,
  );
};

const inWeight: Explain = (place) => {
  const naming = badName(place, t.Weight);
  if (naming) return naming;
  const { expects, before, inner } = place;
  const name = nameAfter(place, t.Weight);
  if (inner === 'shape' && expects(t.LeftBracket)) {
    return notAShape(place, 'for example `[d, hidden]`');
  }
  if (expects(t.Colon)) {
    return because(
      place.finds(t.Equal) ? 'BF1006' : 'BF1005',
      `weight \`${before?.image ?? ''}\` needs a shape`,
      `for example \`weight ${before?.image ?? ''}: [d] = ones\``,
    );
  }
  if (expects(t.Equal)) {
    return because(
      'BF1005',
      `weight \`${name}\` needs an initialiser`,
      'for example `= normal(std: 0.02)`, `= zeros` or `= ones`',
    );
  }
  return undefined;
};

/** Statements that only layers have. */
const ownedByLayers = ({ finds }: Place, where: string): Explanation | undefined => {
  const what = [
    [t.Weight, 'weights'],
    [t.Loss, 'losses'],
    [t.Measure, 'measured values'],
  ] as const;
  const owned = what.find(([type]) => finds(type))?.[1];
  return (
    owned && because('BF1001', `${where} has no ${owned} of its own`, `${owned} stand in layers`)
  );
};

const A_ROW = 'a row is a wiring and its sub-layers: `pre_norm(rms_norm): a f`';

const oneCount = ({ image }: IToken): Explanation =>
  because('BF1001', 'a step has one count', `put it in brackets: \`* (2 * ${image})\``);

const inBlockBody: Explain = (place) => {
  if (place.expects(t.LeftBrace) && place.finds(t.LeftParen, t.Arrow)) return undefined;
  const braces = inBodyBraces(place) ?? strayBudget(place);
  if (braces) return braces;
  const { finds, found, follows, after } = place;
  if (finds(t.RightBrace)) return because('BF1005', 'a block needs at least one row', A_ROW);
  if (finds(t.Let)) return because('BF1011', '`let` comes before the rows of a block');
  const owned = ownedByLayers(place, 'a block');
  if (owned) return owned;
  if (finds(t.Comma, t.Arrow)) {
    return because('BF1001', 'the sub-layers of a row follow one another without a sign', A_ROW);
  }
  if (finds(t.Star) && after) return oneCount(after);
  if (finds(t.Equal) && follows(t.Identifier)) {
    return because('BF1001', 'a value gets a name with `let`');
  }
  return because('BF1001', `${quote(found)} cannot stand in a block`, A_ROW);
};

const AN_ORDER = 'for example `order pairs(n: int, a: layers, f: layers) { (a f) * n }`';

const inOrderBody: Explain = (place) => {
  if (place.expects(t.LeftBrace) && place.finds(t.LeftParen, t.Arrow)) return undefined;
  const braces = inBodyBraces(place) ?? strayBudget(place);
  if (braces) return braces;
  const { finds, found, after } = place;
  if (finds(t.RightBrace)) return because('BF1005', 'an order needs at least one step', AN_ORDER);
  if (finds(t.Let, t.Weight, t.Loss, t.Measure)) {
    return because('BF1001', 'an order holds steps only', 'its labels are parameters: `a: layers`');
  }
  if (finds(t.Comma, t.Arrow)) {
    return because('BF1001', 'the steps of an order follow one another without a sign', AN_ORDER);
  }
  if (finds(t.Colon)) {
    return because('BF1001', 'an order has no wiring', 'the row that uses it says the wiring');
  }
  if (finds(t.Star) && after) return oneCount(after);
  return because('BF1001', `${quote(found)} cannot stand in an order`, AN_ORDER);
};

const inRow: Explain = ({ expects, finds, found, inner, before }) => {
  if (expects(t.Colon)) {
    return finds(t.Equal)
      ? because(
          'BF1001',
          'a value gets a name with `let`',
          `write \`let ${before?.image ?? ''} = ...\``,
        )
      : because('BF1006', `expected \`:\` after the wiring, found ${quote(found)}`, A_ROW);
  }
  if (inner === undefined && expects(t.Identifier)) {
    return because('BF1005', 'this row has no sub-layers', A_ROW);
  }
  return undefined;
};

const A_PIPELINE = 'for example `embed(64) -> blocks * 2 -> unembed`';

const inModelBody: Explain = (place) => {
  const braces = inBodyBraces(place);
  if (braces) return braces;
  const { finds, found, before, after, inner, follows } = place;
  const atStart = inner === 'pipeline' || inner === undefined;
  if (finds(t.RightBrace) && atStart && !follows(t.Arrow)) {
    return because('BF1005', 'a model needs a pipeline', A_PIPELINE);
  }
  if (finds(t.Let, t.Budget)) {
    return because('BF1011', `${quote(found)} comes before the pipeline of a model`);
  }
  const owned = ownedByLayers(place, 'a model');
  if (owned) return owned;
  if (inner !== undefined) return undefined;
  if (finds(t.Equal) && before) {
    return because('BF1006', 'a setting is written with `:`', `write \`${before.image}: ...\``);
  }
  if (finds(t.Identifier) && after && tokenMatcher(after, t.Colon)) {
    return because('BF1011', `setting ${quote(found)} comes before the pipeline`);
  }
  if (finds(t.LeftParen) && follows(t.Identifier) && before) {
    return because(
      'BF1001',
      "a call's bracket touches its name",
      `write \`${before.image}(...)\` without a space`,
    );
  }
  if (finds(t.Star) && after) return oneCount(after);
  if (finds(t.Identifier, t.LeftParen)) {
    return because('BF1001', `expected \`->\` before ${quote(found)}`, A_PIPELINE);
  }
  return because('BF1001', `${quote(found)} cannot stand in a pipeline`, A_PIPELINE);
};

const inStep: Explain = ({ finds, found, before, after, expects }) => {
  if (!expects(t.Identifier) || !expects(t.LeftParen)) return undefined;
  if (finds(t.NumberLiteral) && before && tokenMatcher(before, t.LeftParen)) {
    return because(
      'BF1001',
      `a step is a layer, not ${quote(found)}`,
      "a call's bracket touches its name: `embed(64)`, without a space",
    );
  }
  if (finds(t.NumberLiteral) && after && tokenMatcher(after, t.Star)) {
    return because('BF1001', 'a count follows its step', `write \`... * ${found!.image}\``);
  }
  return because('BF1001', `expected a layer, found ${quote(found)}`);
};

const inTimes: Explain = ({ found }) =>
  because(
    'BF1001',
    `expected a count after \`*\`, found ${quote(found)}`,
    'for example `* 2` or `* (2 * n)`',
  );

const inStepGroup: Explain = ({ finds, expects, found }) =>
  expects(t.RightParen) && finds(t.Comma)
    ? because('BF1001', 'the steps of a group follow one another without a comma')
    : expects(t.RightParen)
      ? because('BF1001', `expected a layer or \`)\`, found ${quote(found)}`)
      : undefined;

/** By the rule's name in the parser. */
export const BODY_EXPLANATIONS: Explanations = {
  body: inBody,
  let: inLet,
  weight: inWeight,
  orderBody: inOrderBody,
  blockBody: inBlockBody,
  row: inRow,
  modelBody: inModelBody,
  step: inStep,
  stepGroup: inStepGroup,
  times: inTimes,
};
