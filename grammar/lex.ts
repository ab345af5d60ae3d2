// Text -> tokens and comments. Reports what no grammar rule needs to see: files that are no text or too large,
// characters without a meaning, strings without an end, numbers and names that are malformed or too long.
// After such a mistake the token stays, so that the parser can go on; `undefined` means that it cannot.
import type { Code } from '../compiler/diagnostics/codes.ts';
import type { Report } from '../compiler/diagnostics/diagnostic.ts';
import type { SourceFile } from '../compiler/source.ts';
import { describeCharacter, hintForCharacters } from './characters.ts';
import { type IToken, tokenMatcher } from './chevrotain.ts';
import { inContext } from './contextual.ts';
import { LIMITS } from './limits.ts';
import { bformLexer, Identifier, NumberLiteral, Quantity, StringLiteral } from './tokens.ts';

export interface LexedFile {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
}

type Complain = (code: Code, message: string, start: number, length: number, hint?: string) => void;

export function lex(file: SourceFile, report: Report): LexedFile | undefined {
  const complain: Complain = (code, message, start, length, hint) =>
    report({
      code,
      severity: 'error',
      message,
      span: { file, start, end: start + length },
      related: [],
      ...(hint && { hint }),
    });
  if (!checkText(file.text, complain)) return undefined;
  const { tokens: words, errors, groups } = bformLexer.tokenize(file.text.replace(/^\uFEFF/, ' '));
  const tokens = inContext(words);
  const last = tokens[LIMITS.tokens];
  if (last) {
    complain(
      'BF1032',
      `the file has more than ${LIMITS.tokens.toLocaleString('en')} words and signs`,
      last.startOffset,
      last.image.length,
      'split it and `use` its parts',
    );
    return undefined;
  }
  for (const { offset, length } of errors) {
    const text = file.text.slice(offset, offset + length);
    complain(
      'BF1020',
      `${describeCharacter(text)} has no meaning here`,
      offset,
      length,
      hintForCharacters(text),
    );
  }
  for (const token of tokens) checkToken(token, complain);
  return { tokens, comments: groups.comments ?? [] };
}

/** Whether the text can be read at all. */
function checkText(text: string, complain: Complain): boolean {
  const bytes = text.length > LIMITS.fileBytes / 3 ? new TextEncoder().encode(text).length : 0;
  if (bytes > LIMITS.fileBytes) {
    complain('BF1031', 'the file is larger than 1 MiB', 0, 0, 'split it and `use` its parts');
    return false;
  }
  // U+FFFD is what a decoder puts in the place of bytes that are not UTF-8.
  const foreign = text.search(/[\0\uFFFD]/);
  if (foreign >= 0) {
    const what = text[foreign] === '\0' ? 'a NUL byte' : 'bytes that are not UTF-8';
    complain('BF1030', `this is not a text file: it holds ${what}`, foreign, 1);
    return false;
  }
  return true;
}

function checkToken(token: IToken, complain: Complain): void {
  const { image, startOffset } = token;
  if (tokenMatcher(token, Identifier)) checkName(image, startOffset, complain);
  else if (tokenMatcher(token, NumberLiteral)) checkNumber(image, startOffset, complain);
  else if (tokenMatcher(token, Quantity)) checkNumber(bare(image), startOffset, complain);
  else if (tokenMatcher(token, StringLiteral)) {
    if (!isClosed(image)) {
      const hint = 'a string ends with `"` on the line where it began';
      complain('BF1021', 'this string has no end', startOffset, image.length, hint);
    }
    for (const found of image.matchAll(/\\(["\\nt])?/g)) {
      if (found[1] !== undefined) continue;
      const hint = 'a backslash stands before `"`, `\\`, `n` or `t`; write `\\\\` for one itself';
      complain('BF1023', 'unknown escape', startOffset + found.index, 1, hint);
    }
  }
}

/** Whether a string ends with a quote of its own: one that no backslash takes. */
function isClosed(image: string): boolean {
  let backslashes = 0;
  while (image.at(-2 - backslashes) === '\\') backslashes++;
  return image.length > 1 && image.endsWith('"') && backslashes % 2 === 0;
}

function checkName(image: string, start: number, complain: Complain): void {
  const foreign = image.match(/[^\x20-\x7e]+/);
  if (foreign) {
    const [text] = foreign;
    complain(
      'BF1020',
      `${describeCharacter(text)} has no meaning here`,
      start + foreign.index!,
      text.length,
      hintForCharacters(text) ?? 'names are made of the letters a-z and A-Z, digits and `_`',
    );
  } else if (image.length > LIMITS.name) {
    const message = `this name has ${image.length} characters; ${LIMITS.name} is the most`;
    complain('BF1034', message, start, image.length);
  }
}

/** A number with a unit (of a budget) without it; which units there are is not the lexer's to know. */
const bare = (image: string): string => image.replace(/[A-Za-z]+$/, '');

const NUMBER = /^\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?$/;

function checkNumber(image: string, start: number, complain: Complain): void {
  const mistake = mistakeInNumber(image);
  if (mistake) complain(mistake.code, mistake.message, start, image.length, mistake.hint);
}

interface NumberMistake {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

function mistakeInNumber(image: string): NumberMistake | undefined {
  if (image.length > LIMITS.number) {
    const message = `this number has ${image.length} characters; ${LIMITS.number} is the most`;
    return { code: 'BF1035', message };
  }
  if (!NUMBER.test(image)) {
    const product = image.match(/^([1-9]\d*)([A-Za-z_]\w*)$/);
    const hint = product
      ? `for a product write \`${product[1]} * ${product[2]}\`; a name cannot begin with a digit`
      : 'numbers look like `12`, `1_000`, `0.5` or `1e-5`';
    return { code: 'BF1022', message: `\`${image}\` is no number`, hint };
  }
  const value = Number(image.replaceAll('_', ''));
  if (!Number.isFinite(value)) return { code: 'BF1022', message: 'this number is too large' };
  if (/^[\d_]+$/.test(image) && value > Number.MAX_SAFE_INTEGER) {
    const message = 'this number is too large: whole numbers go up to 2^53';
    return { code: 'BF1022', message };
  }
  return undefined;
}
