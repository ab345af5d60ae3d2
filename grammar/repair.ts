// Looks for every mistake of a part, not only the first: where the parser stops, the smallest unit around that
// place is left out (a line of a body, an element of a list) and the part is parsed again. An error at the scar of
// such a cut, or in a unit that a mistake is already known of, follows from it and is not reported.
// A part with a mistake gives no tree: a half-read declaration would only mislead the stages after this one.
import type { IToken } from 'chevrotain';
import type { Report } from '../compiler/diagnostics/diagnostic.ts';
import { invariant } from '../compiler/invariant.ts';
import type { SourceFile } from '../compiler/source.ts';
import { virtual } from './brackets.ts';
import type { FileCstNode } from './cst.generated.ts';
import { expectationOf } from './expectation.ts';
import type { BformParser } from './parser.ts';
import { explainSyntaxError } from './syntax-errors.ts';
import * as t from './tokens.ts';
import { type Unit, unitAround } from './units.ts';

/** Tokens that may be read again while looking for further mistakes: bounds the time, not the outcome. */
const TOKENS_READ_AGAIN = 400_000;
const MISTAKES_PER_PART = 25;

type BodyRule = 'body' | 'blockBody' | 'modelBody';

interface Attempt {
  readonly rule: 'file' | BodyRule;
  readonly tokens: readonly IToken[];
}

/** The tree of a part, or `undefined` if it has mistakes. `known`: where mistakes are reported already. */
export function parsePart(
  parser: BformParser,
  part: readonly IToken[],
  known: readonly number[],
  file: SourceFile,
  report: Report,
): FileCstNode | undefined {
  // The tokens at which a cut would show: what stands in its place, and what comes next.
  const scars = new Set<IToken>();
  let next: Attempt | undefined = { rule: 'file', tokens: part };
  let budget = TOKENS_READ_AGAIN;
  for (let mistakes = 0; next && mistakes < MISTAKES_PER_PART && budget > 0; mistakes++) {
    const { rule, tokens }: Attempt = next;
    parser.input = [...tokens];
    const tree = parser[rule]();
    const [error] = parser.errors;
    if (!error) return mistakes === 0 ? (tree as FileCstNode) : undefined;
    const at = placeOf(error.token, tokens);
    const isScar = at < tokens.length && scars.has(tokens[at]!);
    const path = error.context.ruleStack;
    const isComplete = BODIES.includes(path.at(-1)!);
    const unit = unitAround(tokens, at, scars, isComplete);
    const isKnown = known.some((offset) => explains(offset, tokens, unit, at));
    if (!isScar && !isKnown) {
      report(explainSyntaxError({ ...expectationOf(error), path, tokens, at }, file));
    }
    next = unit ? { rule, tokens: cut(tokens, unit, scars) } : bodyAfter(rule, tokens, at);
    budget -= tokens.length;
  }
  return undefined;
}

/** The index of the token that the parser could not read; the length at the end of the part. */
function placeOf(token: IToken, tokens: readonly IToken[]): number {
  if (token.tokenType.name === 'EOF') return tokens.length;
  const at = tokens.indexOf(token);
  invariant(at >= 0, 'parse', 'an error at a token of no part');
  return at;
}

/** Whether a mistake at an offset may be the reason for one in a unit: it is in it, or opens it. */
function explains(
  offset: number,
  tokens: readonly IToken[],
  unit: Unit | undefined,
  at: number,
): boolean {
  const { start, end } = unit ?? { start: 0, end: at };
  const opener = unit && tokens[unit.opener];
  if (opener?.startOffset === offset && opener.tokenType !== t.LeftBrace) return true;
  const last = tokens[Math.max(start, end - 1)]!;
  return tokens[start]!.startOffset <= offset && offset <= last.startOffset + last.image.length;
}

/** The tokens without a unit. A line of a body may be its result, so a hole stays in its place. */
function cut(tokens: readonly IToken[], unit: Unit, scars: Set<IToken>): IToken[] {
  const before = tokens.slice(0, unit.start);
  const after = tokens.slice(unit.end);
  const hole = unit.leavesHole ? [virtual(t.Identifier, tokens[unit.end - 1]!)] : [];
  for (const scar of [...hole, ...after.slice(0, 1)]) scars.add(scar);
  return [...before, ...hole, ...after];
}

const BODY_RULES: ReadonlyMap<string, BodyRule> = new Map([
  ['layer', 'body'],
  ['block', 'blockBody'],
  ['model', 'modelBody'],
]);
const BODIES: readonly string[] = [...BODY_RULES.values()];

/** After a mistake in a declaration's head: its body, to be looked at on its own. */
function bodyAfter(
  rule: Attempt['rule'],
  tokens: readonly IToken[],
  at: number,
): Attempt | undefined {
  const bodyRule = BODY_RULES.get(tokens[0]!.image);
  if (rule !== 'file' || !bodyRule) return undefined;
  let depth = 0;
  for (let i = tokens.length - 1; i >= at; i--) {
    if (tokens[i]!.tokenType === t.RightBrace) depth++;
    else if (tokens[i]!.tokenType === t.LeftBrace) depth--;
    if (depth === 0) {
      const isBody = i < tokens.length - 1 && tokens[i]!.tokenType === t.LeftBrace;
      return isBody ? { rule: bodyRule, tokens: tokens.slice(i) } : undefined;
    }
  }
  return undefined;
}
