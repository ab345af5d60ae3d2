import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics, toJson } from '../../compiler/diagnostics/render.ts';
import type { SourceFile } from '../../compiler/source.ts';

function at(text: string, marked: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const file: SourceFile = { path: 'model.bform', text };
  const start = text.indexOf(marked);
  return {
    code: 'BF1001',
    severity: 'error',
    message: 'something is wrong',
    span: { file, start, end: start + marked.length },
    related: [],
    ...more,
  };
}

const render = (diagnostic: Diagnostic): string =>
  renderDiagnostics([diagnostic], { color: false });

/** The rows of source and marks only. */
const rows = (diagnostic: Diagnostic): string[] => render(diagnostic).split('\n').slice(3, -1);

describe('a rendered diagnostic', () => {
  it('shows code, message, place, line, marks, related places and hint', () => {
    const text = 'layer f (x: [d]) -> [d] {\n  let a = linear(d\n  a(x)\n}\n';
    const { span } = at(text, '(d');
    const diagnostic = at(text, 'a(x)', {
      related: [{ span: { ...span, end: span.start + 1 }, message: 'opened here' }],
      hint: 'close it',
    });
    expect(render(diagnostic)).toBe(
      [
        'error[BF1001]: something is wrong',
        ' --> model.bform:3:3',
        '  |',
        '3 |   a(x)',
        '  |   ^^^^',
        ' ::: model.bform:2:17',
        '  |',
        '2 |   let a = linear(d',
        '  |                 - opened here',
        '  |',
        '  = hint: close it',
        '',
      ].join('\n'),
    );
  });

  it('separates diagnostics by an empty line, and is nothing for none', () => {
    const one = at('a', 'a');
    expect(renderDiagnostics([one, one], { color: false })).toBe(`${render(one)}\n${render(one)}`);
    expect(renderDiagnostics([], { color: false })).toBe('');
  });

  it('names a warning a warning', () => {
    expect(render(at('a', 'a', { severity: 'warning' }))).toMatch(/^warning\[BF1001\]: /);
  });

  it('is coloured on demand, with the same text', () => {
    const diagnostic = at('let a = b', 'b', { hint: 'so' });
    const colored = renderDiagnostics([diagnostic], { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const plain = colored.replace(/\u001b\[\d+m/g, '');
    expect(colored).not.toBe(plain);
    expect(plain.replace(/ +$/gm, '')).toBe(render(diagnostic));
  });
});

describe('marks stand below what they mean', () => {
  it('behind tabs', () => {
    expect(rows(at('\tlet\ta = b', 'a'))).toEqual(['1 |     let a = b', '  |         ^']);
  });

  it('behind wide and combining characters', () => {
    expect(rows(at('// 漢字 x', 'x'))).toEqual(['1 | // 漢字 x', '  |         ^']);
    expect(rows(at('// e\u0301 x', 'x'))).toEqual(['1 | // e\u0301 x', '  |      ^']);
    expect(rows(at('// 😀 x', 'x'))).toEqual(['1 | // 😀 x', '  |       ^']);
  });

  it('at the end of a line and of the file', () => {
    expect(rows(at('let a', '', {}))).toEqual(['1 | let a', '  | ^']);
    const file = { path: 'a.bform', text: 'let a' };
    expect(rows(at('', '', { span: { file, start: 5, end: 5 } }))).toEqual([
      '1 | let a',
      '  |      ^',
    ]);
  });

  it('on each line of a span, with long ones cut in the middle', () => {
    expect(rows(at('f(\n  a,\n  b)', 'f(\n  a,\n  b)'))).toEqual([
      '1 | f(',
      '  | ^^',
      '2 |   a,',
      '  |   ^^',
      '3 |   b)',
      '  |   ^^',
    ]);
    const long = `f(\n${'  a,\n'.repeat(50)}b)`;
    expect(rows(at(long, long))).toEqual([' 1 | f(', '   | ^^', '   | ...', '52 | b)', '   | ^^']);
  });

  it('in a window of a very long line', () => {
    const text = `${'a'.repeat(100_000)} HERE ${'b'.repeat(100_000)}`;
    const [source, marks] = rows(at(text, 'HERE'));
    expect(source!.length).toBeLessThan(130);
    expect(source).toMatch(/^1 \| \.\.\.a+ HERE b+\.\.\.$/);
    expect(marks!.indexOf('^')).toBe(source!.indexOf('HERE'));
    expect(marks!.trim()).toBe(`${'|'.padEnd(source!.indexOf('HERE') - 2)}^^^^`);
  });
});

describe('what could steer a terminal', () => {
  const hostile = '\u001b[31m\u0007\u009b2J\u202e\u2028\u0085\ud800\u007f';

  it('is shown as an escape: in the source, the message, the hint and the path', () => {
    const text = `let a = "${hostile}" b`;
    const file = { path: `${hostile}.bform`, text };
    const start = text.indexOf(' b') + 1;
    const out = render(
      at('', '', {
        message: `found ${hostile}`,
        hint: `remove ${hostile}`,
        span: { file, start, end: start + 1 },
        related: [{ span: { file, start: 0, end: 1 }, message: hostile }],
      }),
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\ud800]/);
    expect(out).toContain('\\u{1b}[31m\\u{7}\\u{9b}2J\\u{202e}\\u{2028}\\u{85}\\u{d800}\\u{7f}');
    const lines = out.split('\n');
    expect(lines[4]!.indexOf('^')).toBe(lines[3]!.lastIndexOf(' b') + 1);
  });

  it('adds no line', () => {
    const plain = render(at('x y', 'y', { hint: 'h' })).split('\n').length;
    expect(render(at('x\u2028\u0085 y', 'y', { hint: 'h\n\r' })).split('\n')).toHaveLength(plain);
  });
});

describe('a diagnostic as data', () => {
  it('has positions as lines, columns and offsets', () => {
    const text = 'a\nlet b\n';
    const diagnostic = at(text, 'let', {
      related: [{ span: at(text, 'a').span, message: 'see' }],
      hint: 'h',
    });
    expect(JSON.parse(JSON.stringify(toJson([diagnostic])))).toEqual([
      {
        code: 'BF1001',
        severity: 'error',
        message: 'something is wrong',
        file: 'model.bform',
        start: { line: 2, column: 1, offset: 2 },
        end: { line: 2, column: 4, offset: 5 },
        related: [
          {
            message: 'see',
            file: 'model.bform',
            start: { line: 1, column: 1, offset: 0 },
            end: { line: 1, column: 2, offset: 1 },
          },
        ],
        hint: 'h',
      },
    ]);
  });
});
