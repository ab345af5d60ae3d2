// Syntax errors as a user sees them: test/golden/diagnostics shows each source with what is said about it.
import { describe, expect, it } from 'vitest';
import { CODES } from '../../compiler/diagnostics/codes.ts';
import { printable } from '../../compiler/diagnostics/printable.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { MISTAKES } from '../support/mistakes.ts';
import { parseText } from '../support/parse.ts';

const shown = (source: string): string =>
  source
    .split('\n')
    .map((line) => `    ${printable(line)}`.trimEnd())
    .join('\n');

describe('a syntax error', () => {
  it.each(Object.entries(MISTAKES))('among %s is explained', async (topic, sources) => {
    const pages = sources.map((source) => {
      const rendered = renderDiagnostics(parseText(source).diagnostics, { color: false });
      return `${shown(source)}\n\n${rendered}`;
    });
    const rule = `${'='.repeat(80)}\n`;
    await expect(pages.join(rule)).toMatchFileSnapshot(`../golden/diagnostics/${topic}.txt`);
  });

  it('is said once where there is one', () => {
    const { several: _, ...single } = MISTAKES;
    for (const source of Object.values(single).flat()) {
      const messages = parseText(source).diagnostics.map(({ message }) => message);
      expect(messages, source).toHaveLength(1);
    }
  });

  it('never shows the words of the parser generator', () => {
    for (const source of Object.values(MISTAKES).flat()) {
      const text = renderDiagnostics(parseText(source).diagnostics, { color: false });
      expect(text).not.toMatch(
        /Identifier|NumberLiteral|Redundant|Expecting|token|EOF|-->\s*\w+\s*<--/,
      );
    }
  });

  it('shows every code of syntax at least once', () => {
    const limits = ['BF1031', 'BF1032', 'BF1033', 'BF1036', 'BF1037'];
    const found = new Set(
      Object.values(MISTAKES)
        .flat()
        .flatMap((source) => parseText(source).diagnostics)
        .map(({ code }) => code),
    );
    const codes = Object.keys(CODES).filter(
      (code) => code.startsWith('BF10') && !limits.includes(code),
    );
    expect(codes.filter((code) => !found.has(code as keyof typeof CODES))).toEqual([]);
  });
});

describe('several mistakes', () => {
  it('are all reported in one run, in the order of the text', () => {
    const { diagnostics } = parseText(MISTAKES.several!.at(-1)!);
    const lines = diagnostics.map(
      ({ span }) => span.file.text.slice(0, span.start).split('\n').length,
    );
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(new Set(lines)).toEqual(new Set([1, 2, 4, 5, 6, 7, 10, 12, 14, 15]));
  });

  it('in both branches of an `if`, and in lists, are found', () => {
    const { diagnostics } = parseText(
      'layer f (x: [d]) -> [d] {\n  if a { x + } else { f(b = 1, c = 2, d: 3) }\n}',
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'expected a value after `+`',
      'a named argument is written with `:`',
      'a named argument is written with `:`',
    ]);
  });

  it('after a mistake in a head are found in the body', () => {
    const { diagnostics } = parseText(
      'layer f (x: [d]) [d] {\n  let y = = 3\n  weight w = ones\n  y\n}',
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['BF1005', 'BF1001', 'BF1006']);
  });

  it('in a row leave the other rows to be read', () => {
    const { diagnostics } = parseText('block b {\n  plain: = a\n  plain: b\n  plain: -> c\n}');
    expect(diagnostics).toHaveLength(2);
  });
});
