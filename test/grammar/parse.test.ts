// What the grammar makes of text; the trees are shown as the printer writes them, with all brackets.
import { describe, expect, it } from 'vitest';
import type { Expr, Layer, Model, Step } from '../../compiler/ast/ast.ts';
import { parseText } from '../support/parse.ts';

/** The tree of a layer's result, with a bracket around each operation. */
function result(body: string): string {
  const { ast, diagnostics } = parseText(`layer f (x: [d]) -> [d] {\n${body}\n}`);
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return show((ast.items[0] as Layer).body.result);
}

function show(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'name':
      return expr.text;
    case 'bool':
      return String(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'list':
      return `[${expr.items.map(show).join(', ')}]`;
    case 'unary':
      return `(${expr.op} ${show(expr.operand)})`;
    case 'binary':
      return `(${show(expr.left)} ${expr.op} ${show(expr.right)})`;
    case 'call':
      return `${show(expr.callee)}(${expr.args
        .map(({ name, value }) => (name ? `${name.text}: ` : '') + show(value))
        .join(', ')})`;
    case 'index':
      return `${show(expr.target)}[${expr.indices.map(show).join(', ')}]`;
    case 'if':
      return `if ${show(expr.condition)} ${show(expr.then.result)} else ${show(expr.else.result)}`;
  }
}

const showSteps = (steps: readonly Step[]): string =>
  steps
    .map((step) => {
      const text = step.kind === 'one' ? show(step.layer) : `{${showSteps(step.steps)}}`;
      return step.times ? `${text}*${show(step.times)}` : text;
    })
    .join(' ');

function rows(body: string): string[] {
  const { ast, diagnostics } = parseText(`block b {\n${body}\n}`);
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  const [block] = ast.items;
  if (block?.kind !== 'block') throw new Error('no block');
  return block.rows.map((row) => `${show(row.wiring)}: ${showSteps(row.steps)}`);
}

function model(text: string): Model {
  const { ast, diagnostics } = parseText(text);
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return ast.items[0] as Model;
}

describe('operators', () => {
  it.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a @ b * c', '((a @ b) * c)'],
    ['-x ^ 2', '(- (x ^ 2))'],
    ['2 ^ -x', '(2 ^ (- x))'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['-a * b', '((- a) * b)'],
    ['a * -b + c', '((a * (- b)) + c)'],
    ['not a == b and c or d', '(((not (a == b)) and c) or d)'],
    ['a % b <= c - 1', '((a % b) <= (c - 1))'],
    ['not not a', '(not (not a))'],
    ['(a + b) * c', '((a + b) * c)'],
    ['f(a)(b)[c, d](e: 1)', 'f(a)(b)[c, d](e: 1)'],
    ['where(a < b, 1, 0) + 1', '(where((a < b), 1, 0) + 1)'],
    ['if a { b } else if c { d } else { e }', 'if a b else if c d else e'],
    ['[a, [b], ]', '[a, [b]]'],
    ['f(a, b: 2,)', 'f(a, b: 2)'],
    ['"say \\"hi\\"\\n"', '"say \\"hi\\"\\n"'],
  ])('%s is %s', (text, tree) => {
    expect(result(text)).toBe(tree);
  });
});

describe('a loss and a measured value', () => {
  const body = (text: string) => {
    const { ast, diagnostics } = parseText(`layer f (x: [d]) -> [d] {\n${text}\n}`);
    expect(diagnostics).toEqual([]);
    return (ast.items[0] as Layer).body;
  };

  it('are statements with a documentation, a name and a value', () => {
    const { statements } = body('/// Small.\nloss l = a\n  + b measure m = c(loss)\nx');
    expect(statements).toMatchObject([
      { kind: 'loss', doc: 'Small.', name: { text: 'l' }, value: { op: '+' } },
      { kind: 'measure', name: { text: 'm' }, value: { kind: 'call' } },
    ]);
    const { start, end, file } = statements[0]!.span;
    expect(file.text.slice(start, end)).toBe('loss l = a\n  + b');
  });

  it('are words only before a name and `=`', () => {
    expect(show(body('let loss = measure\nloss measure = loss\nloss').result)).toBe('loss');
    expect(body('let loss = measure\nloss measure = loss\nloss').statements).toHaveLength(2);
    expect(result('f(a,\nloss == b,\n  measure)')).toBe('f(a, (loss == b), measure)');
    expect(rows('measure: loss measure\n  loss * 2\nloss(measure: 2): loss')).toEqual([
      'measure: loss measure loss*2',
      'loss(measure: 2): loss',
    ]);
  });
});

describe('a new line', () => {
  it('begins a new expression before a bracket', () => {
    expect(result('let y = f\n(x)')).toBe('x');
    expect(result('let y = f\n[x]')).toBe('[x]');
  });

  it('begins a new expression before a minus', () => {
    expect(result('let y = f\n-x')).toBe('(- x)');
    expect(result('let y = f - x\ny')).toBe('y');
  });

  it('continues an expression before any other operator, and after every operator', () => {
    expect(result('a\n  + b\n  @ c')).toBe('(a + (b @ c))');
    expect(result('a -\n  b')).toBe('(a - b)');
  });

  it('may be written as LF, CRLF or CR', () => {
    for (const end of ['\n', '\r\n', '\r']) expect(result(`let y = f${end}(x)`)).toBe('x');
  });
});

describe('a row', () => {
  it('is a wiring and its sub-layers in their order', () => {
    expect(rows('pre_norm(rms_norm): a f a')).toEqual(['pre_norm(rms_norm): a f a']);
  });

  it('ends where the next row begins', () => {
    expect(rows('plain: a f\nplain: b\nparallel(n(1)): c (d e)')).toEqual([
      'plain: a f',
      'plain: b',
      'parallel(n(1)): c {d e}',
    ]);
  });

  it('tells a call from a step and a group by a space', () => {
    expect(rows('plain: a (f g) a(f)')).toEqual(['plain: a {f g} a(f)']);
  });

  it('repeats a step or a group', () => {
    expect(rows('plain: a * 2 (f g * n) * (2 * n) b')).toEqual(['plain: a*2 {f g*n}*(2 * n) b']);
  });
});

describe('a model', () => {
  it('has settings, named layers and a pipeline', () => {
    const { settings, lets, pipeline } = model(
      'model m(n: int = 2) {\n vocab: 8 * n\n let b = f(1)\n embed(4) -> b * n\n  -> unembed(tied: true)\n}',
    );
    expect(settings.map(({ name, value }) => `${name.text} ${show(value)}`)).toEqual([
      'vocab (8 * n)',
    ]);
    expect(lets.map(({ name }) => name.text)).toEqual(['b']);
    expect(showSteps(pipeline)).toBe('embed(4) b*n unembed(tied: true)');
  });

  it('may have inputs and an output, with or without parameters', () => {
    const plain = model('model m (x: [b, t, 64]) -> y { f }');
    expect(plain.params).toEqual([]);
    expect(plain.inputs?.map(({ name }) => name.text)).toEqual(['x']);
    expect(plain.outputName?.text).toBe('y');
    const both = model('model m(n: bool) (x: bool[b, t]) { f }');
    expect(both.params.map(({ name }) => name.text)).toEqual(['n']);
    expect(both.inputs?.[0]?.shape.dtype).toBe('bool');
    expect(model('model m { f }').inputs).toBeUndefined();
  });
});

describe('a file', () => {
  it('may begin with a byte order mark', () => {
    expect(parseText('\uFEFFlayer f (x: [d]) -> [d] { x }').diagnostics).toEqual([]);
  });

  it('uses the standard library, a file below it, and files of its own', () => {
    const { ast } = parseText(
      'edition 1\nuse std.{a, b as c}\nuse std.papers.gpt2.{d}\nuse "./e.bform".{f,}\nlayer g (x: [d]) -> [d] { x }',
    );
    expect(ast.edition?.value).toBe(1);
    const shown = ast.uses.map(({ from, names }) => [
      from.kind === 'std' ? from.path.map(({ text }) => text).join('.') : from.path,
      names.map(({ name, alias }) => name.text + (alias ? ` as ${alias.text}` : '')).join(),
    ]);
    expect(shown).toEqual([
      ['', 'a,b as c'],
      ['papers.gpt2', 'd'],
      ['./e.bform', 'f'],
    ]);
  });

  it('keeps the declarations that are free of mistakes', () => {
    const { ast, diagnostics } = parseText(
      'layer a (x: [d]) -> [d] { x }\nlayer b (x: [d]) -> [d] { x + }\nlayer c (x: [d]) -> [d] { x }',
    );
    expect(ast.items.map(({ name }) => name.text)).toEqual(['a', 'c']);
    expect(diagnostics.length).toBe(1);
  });
});
