import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../runtime/strict-json.ts';

describe('strict JSON', () => {
  it('reads whatever JSON.stringify writes, as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.boolean(), (text, indent) => {
        const value = JSON.parse(text);
        fc.pre(!/__proto__|constructor|prototype|[0-9]{16}/.test(text));
        const spelled = JSON.stringify(value, null, indent ? 2 : 0);
        expect(parseStrictJson(spelled)).toEqual(JSON.parse(spelled));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('accepts nothing that JSON.parse refuses', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      'true',
      'nul',
      ' ',
      '\n',
      '01',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let strict: unknown;
        try {
          strict = parseStrictJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          return;
        }
        expect(strict).toEqual(JSON.parse(text));
      }),
      { seed: 11, numRuns: 20_000 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', /duplicate key "a" at offset 10/],
    ['{"__proto__":{}}', /"__proto__" is not allowed/],
    ['{"\\u005f_proto__":{}}', /"__proto__" is not allowed/],
    ['[9007199254740992]', /exceeds 2\^53/],
    ['[1e999]', /too large/],
    ['[1] 2', /text after the end/],
    ['"\u0007"', /control character/],
    ['"abc', /unfinished string/],
    ['"\\x"', /bad escape/],
    ['', /unexpected text at offset 0/],
  ])('refuses %j', (text, message) => {
    expect(() => parseStrictJson(text)).toThrow(message);
  });

  it('refuses deep nesting without overflowing the stack', () => {
    expect(() => parseStrictJson('['.repeat(1_000_000))).toThrow(/nesting deeper than 64/);
    expect(parseStrictJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array);
  });
});
