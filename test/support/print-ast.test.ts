import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseText } from './parse.ts';
import { printAst } from './print-ast.ts';
import { randomSyntax, withoutSpans } from './random-syntax.ts';

function bformFiles(folder: string): string[] {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bform'))
    .map((name) => readFileSync(new URL(name, root), 'utf8'));
}

describe('the printer', () => {
  it('gives text that parses to the same tree, for 3,000 random trees', () => {
    for (let seed = 1; seed <= 3_000; seed++) {
      const tree = randomSyntax(seed, 2);
      const text = printAst(tree);
      const { ast, diagnostics } = parseText(text);
      const same = withoutSpans(ast) === withoutSpans(tree);
      if (!same || diagnostics.length > 0) {
        expect.fail(`seed ${seed}: ${diagnostics.map(({ message }) => message).join()}\n${text}`);
      }
    }
  });

  it('keeps the trees of the standard library and the examples, and prints its own output unchanged', () => {
    const files = [...bformFiles('stdlib'), ...bformFiles('examples')];
    expect(files.length).toBeGreaterThan(10);
    for (const source of files) {
      const { ast } = parseText(source);
      const text = printAst(ast);
      const again = parseText(text);
      expect(again.diagnostics).toEqual([]);
      expect(withoutSpans(again.ast)).toBe(withoutSpans(ast));
      expect(printAst(again.ast)).toBe(text);
    }
  });

  it('keeps comments before or behind their lines', () => {
    const text = [
      '// The file.',
      'edition 1',
      '// What it needs.',
      'use std.{linear} // as is',
      '',
      '// A layer.',
      '/// Documented.',
      'layer f (x: [d]) -> [d] {',
      '  // First.',
      '  let y = linear(d) // behind',
      '  /// A scale.',
      '  weight s: [d] = ones',
      '  y(x) * s // the result',
      '  // Last.',
      '}',
      '',
      '// The end.',
      '',
    ].join('\n');
    const { ast, diagnostics } = parseText(text);
    expect(diagnostics).toEqual([]);
    const order = [
      '// A layer.\n/// Documented.\nlayer f',
      '  // First.\n  let y = linear(d) // behind\n',
      '  y(x) * s // the result\n  // Last.\n}',
    ];
    for (const part of order) expect(printAst(ast)).toContain(part);
    expect(printAst(ast)).toBe(text);
  });

  it('breaks a long head and a long pipeline', () => {
    const params = Array.from({ length: 9 }, (_, i) => `parameter_${i}: int`);
    const steps = Array.from({ length: 9 }, (_, i) => `stage_number_${i}`);
    const { ast } = parseText(`model m(${params.join(', ')}) { ${steps.join(' -> ')} }`);
    expect(printAst(ast)).toBe(
      [
        'model m(',
        ...params.map((param, i) => `  ${param}${i < 8 ? ',' : ''}`),
        ') {',
        `  ${steps[0]}`,
        ...steps.slice(1).map((step) => `    -> ${step}`),
        '}',
        '',
      ].join('\n'),
    );
  });
});
