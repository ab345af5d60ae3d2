// What the parser wanted where it stopped, as data. Chevrotain hands its knowledge only to a provider of
// message texts, so the message is this data as JSON; syntax-errors.ts words it for the user.
import type { IParserErrorMessageProvider, IRecognitionException, TokenType } from 'chevrotain';

export interface Expectation {
  /** The rule that was being read. */
  readonly rule: string;
  /** Names of the token types that could have stood here; none at the end of a file. */
  readonly expected: readonly string[];
}

function message(rule: string, expected: readonly TokenType[]): string {
  const names = new Set(expected.map((type) => type.name));
  return JSON.stringify({ rule, expected: [...names] } satisfies Expectation);
}

function firstOf(paths: readonly TokenType[][]): TokenType[] {
  return paths.flatMap((path) => path.slice(0, 1));
}

export const expectationAsMessage: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => message(ruleName, [expected]),
  buildNotAllInputParsedMessage: ({ ruleName }) => message(ruleName, []),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) =>
    message(ruleName, firstOf(expectedPathsPerAlt.flat())),
  buildEarlyExitMessage: ({ expectedIterationPaths, ruleName }) =>
    message(ruleName, firstOf(expectedIterationPaths)),
};

export function expectationOf(error: IRecognitionException): Expectation {
  return JSON.parse(error.message) as Expectation;
}
