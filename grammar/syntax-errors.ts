// A place where the parser stopped -> a diagnostic in the user's words. Each rule of the grammar may know the usual
// mistakes made in it; from the innermost rule outwards, the first that knows this one words it. Otherwise the
// message says what was expected and what was found.
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type { SourceFile, Span } from '../compiler/source.ts';
import { spanOf } from './bracket-errors.ts';
import { type IToken, type TokenType, tokenMatcher } from './chevrotain.ts';
import type { Expectation } from './expectation.ts';
import { BODY_EXPLANATIONS } from './explain-bodies.ts';
import { BUDGET_EXPLANATIONS } from './explain-budgets.ts';
import { HEAD_EXPLANATIONS } from './explain-heads.ts';
import { VALUE_EXPLANATIONS } from './explain-values.ts';
import { type Explanation, type Explanations, type Place, quote } from './explanation.ts';
import { allTokens } from './tokens.ts';

const EXPLANATIONS: Explanations = {
  ...HEAD_EXPLANATIONS,
  ...BODY_EXPLANATIONS,
  ...VALUE_EXPLANATIONS,
  ...BUDGET_EXPLANATIONS,
};

export interface SyntaxFailure extends Expectation {
  /** The rules being read, outermost first. */
  readonly path: readonly string[];
  readonly tokens: readonly IToken[];
  /** The index of the token that could not be read; the number of tokens at their end. */
  readonly at: number;
}

export function explainSyntaxError(failure: SyntaxFailure, file: SourceFile): Diagnostic {
  const { code, message, hint, culprit } = explain(failure);
  const token = culprit ?? failure.tokens[failure.at];
  return {
    code,
    severity: 'error',
    message,
    span: token ? spanOf(token, file) : endOf(failure.tokens, file),
    related: [],
    ...(hint !== undefined && { hint }),
  };
}

function endOf(tokens: readonly IToken[], file: SourceFile): Span {
  const last = tokens.at(-1);
  const end = last ? last.startOffset + last.image.length : file.text.length;
  return { file, start: end, end };
}

function explain(failure: SyntaxFailure): Explanation {
  for (let i = failure.path.length - 1; i >= 0; i--) {
    const place = placeIn(failure, failure.path[i + 1]);
    const explanation = EXPLANATIONS[failure.path[i]!]?.(place);
    if (explanation) return explanation;
  }
  return explainGenerally(failure);
}

function placeIn({ tokens, at, expected }: SyntaxFailure, inner: string | undefined): Place {
  const [before, found, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  const isOne = (token: IToken | undefined, types: readonly TokenType[]) =>
    token !== undefined && types.some((type) => tokenMatcher(token, type));
  return {
    found,
    before,
    after,
    inner,
    tokens,
    at,
    expects: (type) => expected.includes(type.name),
    finds: (...types) => isOne(found, types),
    follows: (...types) => isOne(before, types),
  };
}

const LABELS: ReadonlyMap<string, string> = new Map(
  allTokens.map((type) => [type.name, type.LABEL ?? type.name]),
);

/** More than these many expectations say less than one word for them all. */
const MOST_EXPECTED = 4;

function explainGenerally({ expected, tokens, at }: SyntaxFailure): Explanation {
  const what = quote(tokens[at]);
  const labels = expected.map((name) => LABELS.get(name) ?? name);
  const wanted = labels.length > MOST_EXPECTED ? ['a value'] : labels;
  const list =
    wanted.length > 1 ? `${wanted.slice(0, -1).join(', ')} or ${wanted.at(-1)}` : wanted[0];
  return {
    code: 'BF1001',
    message: list ? `expected ${list}, found ${what}` : `unexpected ${what}`,
  };
}
