import { describe, expect, it } from 'vitest';
import type { Layer } from '../../compiler/ast/ast.ts';
import type { Span } from '../../compiler/source.ts';
import { parseText } from '../support/parse.ts';

const textOf = ({ file, start, end }: Span): string => file.text.slice(start, end);

describe('spans', () => {
  const source = [
    'use std.{gelu as g}',
    'layer f(n: int = 2) (x: i32[.., h: n * 2]) -> [d] where n > 1 {',
    '  weight w: [d] = normal(std: 0.1)',
    '  g(x)[1] @ w',
    '}',
  ].join('\n');
  const { ast, diagnostics } = parseText(source);
  const layer = ast.items[0] as Layer;

  it('cover exactly what was written', () => {
    expect(diagnostics).toEqual([]);
    expect(textOf(ast.span)).toBe(source);
    expect(textOf(ast.uses[0]!.span)).toBe('use std.{gelu as g}');
    expect(textOf(ast.uses[0]!.from.span)).toBe('std');
    expect(textOf(layer.span)).toBe(source.slice(source.indexOf('layer')));
    expect(textOf(layer.name.span)).toBe('f');
    expect(textOf(layer.params[0]!.span)).toBe('n: int = 2');
    expect(textOf(layer.inputs[0]!.shape.span)).toBe('i32[.., h: n * 2]');
    expect(textOf(layer.inputs[0]!.shape.axes[0]!.span)).toBe('h: n * 2');
    expect(textOf(layer.where[0]!.span)).toBe('n > 1');
    expect(textOf(layer.body.statements[0]!.span)).toBe('weight w: [d] = normal(std: 0.1)');
    expect(textOf(layer.body.result.span)).toBe('g(x)[1] @ w');
  });

  it('of operators run from their first operand to their last', () => {
    const { result } = layer.body;
    if (result.kind !== 'binary') throw new Error(result.kind);
    expect(textOf(result.left.span)).toBe('g(x)[1]');
    expect(textOf(result.right.span)).toBe('w');
  });
});

describe('comments', () => {
  const { ast } = parseText(
    [
      '// First.',
      '/// Lost: a line away.',
      '',
      '/// A layer:',
      '///   - indented',
      '///',
      '/// last.',
      'layer f (x: [d]) -> [d] {',
      '  //// Not a doc.',
      '  /// The scale.',
      '  weight w: [d] = ones // behind',
      '  x * w',
      '}',
    ].join('\n'),
  );
  const layer = ast.items[0] as Layer;

  it('of three slashes right above belong to what they document', () => {
    expect(layer.doc).toBe('A layer:\n  - indented\n\nlast.');
    expect(layer.body.statements[0]).toMatchObject({ doc: 'The scale.' });
  });

  it('of other kinds stay in the order of the file', () => {
    expect(ast.comments.map(({ text }) => text)).toEqual([
      '// First.',
      '/// Lost: a line away.',
      '//// Not a doc.',
      '// behind',
    ]);
  });
});

describe('literals', () => {
  it('have their values', () => {
    const { ast } = parseText(
      'layer f (x: [d]) -> [d] { [1_000, 1e-5, "a\\"b\\\\\\t", true, false] }',
    );
    const { result } = (ast.items[0] as Layer).body;
    expect(result.kind === 'list' && result.items).toMatchObject([
      { value: 1000, isInteger: true, text: '1_000' },
      { value: 1e-5, isInteger: false },
      { value: 'a"b\\\t' },
      { value: true },
      { value: false },
    ]);
  });
});

describe('words that only the tree builder knows', () => {
  it.each([
    ['layer f(n: itn) (x: [d]) -> [d] { x }', 'BF1013', 'did you mean `int`?'],
    ['layer f (x: i23[d]) -> [d] { x }', 'BF1015', 'did you mean `i32`?'],
    ['layer f (x: [d, ..]) -> [d] { x }', 'BF1014', 'write it first: `[.., d]`'],
    ['layer f (x: [d]) -> [d] { 0 < x < 1 }', 'BF1016', 'join them with `and`: `0 < x and x < n`'],
    ['use mine.{a}', 'BF1012', 'write `use std.{...}` for the standard library'],
    ['edition 2\nuse std.{a}', 'BF1008', 'this compiler knows edition 1'],
  ])('%s', (text, code, hint) => {
    const { diagnostics } = parseText(text);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code });
    expect(diagnostics[0]!.hint).toContain(hint);
  });
});
