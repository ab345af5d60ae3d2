import { readFileSync } from 'node:fs';
import { generateCstDts } from 'chevrotain';
import { describe, expect, it } from 'vitest';
import { toEbnf } from '../../grammar/ebnf.ts';
import { BformParser } from '../../grammar/parser.ts';
import { allTokens } from '../../grammar/tokens.ts';

const read = (path: string) =>
  readFileSync(new URL(`../../grammar/${path}`, import.meta.url), 'utf8');

describe('the grammar', () => {
  it("passes the parser generator's own checks: no ambiguity, no left recursion, no empty loop", () => {
    expect(() => new BformParser({ validate: true })).not.toThrow();
  });

  it('is what grammar/README.md says (else run scripts/generate-grammar.ts)', () => {
    const rules = toEbnf(new BformParser().getSerializedGastProductions(), allTokens);
    expect(rules).toContain('layer = "layer" Identifier params? inputs "->" shape where? body\n');
    expect(read('README.md')).toContain(`\`\`\`ebnf\n${rules}\`\`\``);
  });

  it('has the generated types (else run scripts/generate-grammar.ts)', () => {
    const types = generateCstDts(new BformParser().getGAstProductions());
    expect(read('cst.generated.ts').split('\n').slice(1).join('\n')).toBe(types);
  });
});

describe('every token', () => {
  const hostile = [
    ...[
      'a',
      '_',
      '1',
      '1_',
      '1.',
      '1e',
      '1e+',
      '0x',
      '"',
      '\\',
      '"\\',
      '\\"',
      '/',
      '//',
      '///',
      ' ',
    ],
    ...[
      '\t',
      '\r',
      '\n',
      '\r\n',
      '.',
      '..',
      '-',
      '->',
      '=',
      '==',
      '<',
      '<=',
      '!',
      '!=',
      'é',
      '\u2028',
    ],
    ...[
      'a1',
      'a.',
      'layer',
      'layer ',
      'let',
      'where',
      'not',
      '1e1e',
      '1.1.',
      '_1',
      '9_9_',
      '"a',
      "'",
    ],
    ...['😀', '\ud800', '\ufeff', '(', '[', '{'],
  ];

  it('is found in linear time: 64 KiB of any repeat takes under 100 ms', () => {
    expect(hostile.length).toBeGreaterThanOrEqual(50);
    for (const { name, PATTERN } of allTokens) {
      if (!(PATTERN instanceof RegExp)) continue;
      const pattern = new RegExp(PATTERN.source, 'y');
      for (const repeat of hostile) {
        const text = repeat.repeat(Math.ceil(65_536 / repeat.length));
        for (const prefix of ['', '"', '1', 'a']) {
          const start = process.cpuUsage();
          pattern.lastIndex = 0;
          pattern.test(prefix + text);
          const { user, system } = process.cpuUsage(start);
          expect(
            (user + system) / 1000,
            `${name} on ${JSON.stringify(prefix + repeat)}`,
          ).toBeLessThan(100);
        }
      }
    }
  });
});
