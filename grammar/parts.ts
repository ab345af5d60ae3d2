// The parts of a file by their first words: which kinds there are, in which order they stand, and what a
// misspelt or foreign keyword was meant to be. Does not look behind the first word of a part.
import type { Report } from '../compiler/diagnostics/diagnostic.ts';
import { suggest } from '../compiler/diagnostics/suggest.ts';
import type { SourceFile } from '../compiler/source.ts';
import { spanOf } from './bracket-errors.ts';
import { isPartKeyword, isStatementKeyword } from './brackets.ts';
import { type IToken, tokenMatcher } from './chevrotain.ts';
import { quote } from './explanation.ts';
import * as t from './tokens.ts';

const KEYWORDS = [t.Edition, t.Use, t.Layer, t.Order, t.Block, t.Model];

/** What other languages call these things. */
const FOREIGN: Readonly<Record<string, string>> = {
  import: 'use',
  include: 'use',
  from: 'use',
  require: 'use',
  def: 'layer',
  fn: 'layer',
  func: 'layer',
  function: 'layer',
  module: 'layer',
  class: 'layer',
  network: 'model',
  net: 'model',
  version: 'edition',
};

/** Whether a file says more than its edition. */
export function holdsAnything(parts: readonly (readonly IToken[])[]): boolean {
  return parts.some(([head, , more]) => head && (more || !tokenMatcher(head, t.Edition)));
}

export function reportEmpty(file: SourceFile, report: Report): void {
  report({
    code: 'BF1009',
    severity: 'error',
    message: 'there is nothing in this file',
    span: { file, start: 0, end: 0 },
    related: [],
    hint: 'an example: `use std.{gelu}  layer double (x: [.., d]) -> [.., d] { 2 * gelu(x) }`',
  });
}

/** `edition` comes first and once, `use` before all declarations. */
export function checkOrder(
  parts: readonly (readonly IToken[])[],
  file: SourceFile,
  report: Report,
): void {
  let declared: IToken | undefined;
  for (const [index, [head]] of parts.entries()) {
    if (!head) continue;
    const isEdition = tokenMatcher(head, t.Edition);
    if (isEdition && index > 0) {
      report({
        code: 'BF1011',
        severity: 'error',
        message: '`edition` stands once, as the first thing in a file',
        span: spanOf(head, file),
        related: [],
      });
    } else if (tokenMatcher(head, t.Use) && declared) {
      report({
        code: 'BF1011',
        severity: 'error',
        message: '`use` comes before all declarations',
        span: spanOf(head, file),
        related: [{ span: spanOf(declared, file), message: 'the first declaration is here' }],
        hint: 'move this line up',
      });
    }
    if (!isEdition && !tokenMatcher(head, t.Use)) declared ??= head;
  }
}

/**
 * The part as it is, if it begins with a keyword. Otherwise reports that. A misspelt keyword is put right, so that
 * the rest of the part can be looked at; what begins otherwise is not worth it.
 */
export function readHead(
  part: readonly IToken[],
  file: SourceFile,
  report: Report,
): readonly IToken[] | undefined {
  const [head, next] = part;
  if (!head || isPartKeyword(head)) return part;
  const words = KEYWORDS.map((type) => String(type.PATTERN));
  const near = suggest(head.image, words);
  const meant = Object.hasOwn(FOREIGN, head.image) ? FOREIGN[head.image] : near;
  report({
    code: 'BF1004',
    severity: 'error',
    message: `expected \`layer\`, \`order\`, \`block\`, \`model\` or \`use\`, found ${quote(head)}`,
    span: spanOf(head, file),
    related: [],
    ...hintFor(head, next, meant),
  });
  const keyword = KEYWORDS.find((type) => type.PATTERN === near);
  return (
    keyword && [
      { ...head, tokenType: keyword, tokenTypeIdx: keyword.tokenTypeIdx! },
      ...part.slice(1),
    ]
  );
}

function hintFor(head: IToken, next: IToken | undefined, meant: string | undefined) {
  if (meant) return { hint: `did you mean \`${meant}\`?` };
  if (isStatementKeyword(head)) {
    return { hint: `\`${head.image}\` stands in the braces of a declaration` };
  }
  if (tokenMatcher(head, t.Slash) && next && tokenMatcher(next, t.Star)) {
    return { hint: 'comments begin with `//` and end with their line' };
  }
  return {};
}
