import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../grammar/limits.ts';
import { parseText } from '../support/parse.ts';

const layer = (body: string): string => `layer f (x: [d]) -> [d] { ${body} }`;
const codes = (text: string): string[] => parseText(text).diagnostics.map(({ code }) => code);
const nested = (n: number): string => layer(`${'('.repeat(n)}x${')'.repeat(n)}`);
const chain = (n: number): string => layer(`x${' + x'.repeat(n)}`);

describe('at its limit a file passes, and one beyond it is refused', () => {
  it.each<[what: string, code: string, within: string, beyond: string]>([
    [
      'bytes of a file',
      'BF1031',
      `${layer('x')}${' '.repeat(LIMITS.fileBytes - layer('x').length)}`,
      `${layer('x')}${' '.repeat(LIMITS.fileBytes - layer('x').length + 1)}`,
    ],
    [
      'bytes, not characters',
      'BF1031',
      `${layer('x')}//${'é'.repeat((LIMITS.fileBytes - layer('x').length - 2) / 2)}`,
      `${layer('x')}//${'é'.repeat((LIMITS.fileBytes - layer('x').length) / 2)}`,
    ],
    ['nesting of brackets', 'BF1033', nested(LIMITS.nesting - 1), nested(LIMITS.nesting)],
    ['depth of an expression', 'BF1037', chain(LIMITS.depth), chain(LIMITS.depth + 1)],
    [
      'characters of a name',
      'BF1034',
      layer('a'.repeat(LIMITS.name)),
      layer('a'.repeat(LIMITS.name + 1)),
    ],
    [
      'characters of a number',
      'BF1035',
      layer(`0.${'1'.repeat(LIMITS.number - 2)}`),
      layer(`0.${'1'.repeat(LIMITS.number - 1)}`),
    ],
  ])('%s', (_, code, within, beyond) => {
    expect(codes(within)).toEqual([]);
    expect(codes(beyond)).toEqual([code]);
  });

  it('tokens', () => {
    const uses = 'use std.{a}\n'.repeat(LIMITS.tokens / 6 - 1);
    const rest = LIMITS.tokens - (uses.length / 12) * 6;
    const within = uses + 'edition '.repeat(rest);
    expect(codes(within)).not.toContain('BF1032');
    expect(codes(`${within} edition`)).toEqual(['BF1032']);
  });

  it('diagnostics', () => {
    const mistakes = (n: number) => 'use a.{b}\n'.repeat(n);
    const lexical = (n: number) => layer('\n$'.repeat(n));
    expect(codes(lexical(LIMITS.diagnostics)).filter((code) => code === 'BF1020')).toHaveLength(
      100,
    );
    const many = codes(lexical(LIMITS.diagnostics + 50));
    expect(many).toHaveLength(LIMITS.diagnostics + 1);
    expect(many.at(-1)).toBe('BF1036');
    expect(codes(mistakes(3))).toEqual(['BF1012', 'BF1012', 'BF1012']);
  });
});

describe('the depth of an expression', () => {
  const deep = (text: string): boolean => codes(layer(text)).includes('BF1037');

  it('counts calls, prefixes and `else if` as well', () => {
    expect(deep(`f${'(x)'.repeat(250)}`)).toBe(false);
    expect(deep(`f${'(x)'.repeat(260)}`)).toBe(true);
    expect(deep(`${'-'.repeat(260)}x`)).toBe(true);
    expect(deep(`${'if a { b } else '.repeat(260)}{ c }`)).toBe(true);
  });

  it('adds what stands in brackets on the left', () => {
    expect(deep(`((x${' + x'.repeat(200)})${' + x'.repeat(100)})`)).toBe(true);
  });

  it('is not the length of a list, a body or a row', () => {
    expect(deep(`f(${'a + b, '.repeat(1000)}c)`)).toBe(false);
    expect(deep(`${'let a = b + c\n'.repeat(1000)} x`)).toBe(false);
    expect(codes(`block b { plain: ${'a(x) * 2 (f g) '.repeat(500)} }`)).toEqual([]);
    expect(codes(`model m { ${'a(x) -> '.repeat(500)} b }`)).toEqual([]);
  });
});
