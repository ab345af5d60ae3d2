// Layers and blocks are checked without a use: their own mistakes are found, and nothing is reported that a use could
// turn out not to have.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze, check } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { sources } from '../support/sources.ts';
import { messages } from './diagnose.ts';

const stdlib = new URL('../../stdlib/', import.meta.url);
const files = readdirSync(stdlib, { recursive: true, encoding: 'utf8' });

describe('the library', () => {
  it.each(files.filter((name) => name.endsWith('.bform')))('%s has no mistake', (name) => {
    const code = readFileSync(new URL(name, stdlib), 'utf8');
    const reader = sources({ 'main.bform': code });
    const models = [...code.matchAll(/^model (\w+)/gm)].map(([, model]) => model!);
    const outcomes = models.map((model) => analyze('main.bform', reader, { model }));
    // Expert choice is what the Brainformers paper has, and it does look ahead.
    const found = [check('main.bform', reader), ...outcomes]
      .flatMap((o) => o.diagnostics)
      .filter(({ code }) => code !== 'BF2060' || name !== 'papers/brainformer.bform');
    expect(renderDiagnostics(found, { color: false })).toBe('');
  });
});

describe('an unused layer', () => {
  it.each([
    ['a result that is not promised', '(x: [.., d]) -> [.., 2 * d] { x }', 'BF3006'],
    [
      'two sizes that differ by their names',
      '(h: dim) (x: [.., d]) -> [.., d] { weight w: [h] = ones  x * w }',
      'BF3001',
    ],
    [
      'a product over different sizes',
      '(h: dim) (x: [.., d]) -> [.., d] { weight w: [h, d] = ones  x @ w }',
      'BF3003',
    ],
    [
      'a mistake on the side that is not the default',
      '(bias: bool = false) (x: [.., d]) -> [.., d] { if bias { x + y } else { x } }',
      'BF2011',
    ],
    [
      'a mistake for a choice that is not the default',
      '(how: {one, two} = one) (x: [.., d]) -> [.., d] { if how == two { sum(x, axis: d) } else { x } }',
      'BF3006',
    ],
    ['a misspelt axis', '(x: [b, t, d]) -> [b, t, d] { softmax(x, axis: q) }', 'BF3002'],
    ['a fraction for any use', '(k: dim = 7 / 2) (x: [..]) -> [..] { x }', 'BF2027'],
    ['a sum of different types', '(x: [.., d]) -> [.., d] { x + iota(d) }', 'BF3005'],
  ])('is reported for %s', (_, layer, code) => {
    const found = messages(`layer h${layer}`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(code);
  });
});

describe('nothing is said about', () => {
  it.each([
    [
      'a size divided and multiplied again',
      '(heads: int) (x: [.., d]) -> [.., d] { weight w: [heads, d / heads] = ones  x * rearrange(w, "h k -> (h k)") }',
    ],
    [
      'halves of a size',
      '(x: [.., d]) -> [.., d] where d % 2 == 0 { concat(slice(x, axis: d, size: d / 2), slice(x, axis: d, start: d / 2), axis: d) }',
    ],
    [
      'sizes that a constraint makes equal',
      '(h: dim) (x: [.., d]) -> [.., d] where h == d { weight w: [h] = ones  x * w }',
    ],
    [
      'what a layer that is given returns',
      '(inner: layer) (x: [.., d]) -> [.., 2 * d] { inner(x) }',
    ],
    [
      'rounded sizes',
      '(x: [.., d]) -> [.., d] { weight w: [round_up(d, 8)] = ones  x + sum(w, axis: w) }'
        .replace('axis: w', 'axis: n')
        .replace('[round_up', '[n: round_up'),
    ],
    [
      'a shape on either side of what only a use decides',
      '(x: [b, t, d]) -> [b, t, d] { let y = if d > 64 { rearrange(x, "b t d -> t b d") } else { x }  if d > 64 { rearrange(y, "t b d -> b t d") } else { y } }',
    ],
    [
      'an input whose size is an expression',
      '(x: [b, t, d], c: [t, f: d / 2]) -> [b, t, f: d / 2] { slice(x, axis: d, start: 0, size: d / 2) * c }',
    ],
    [
      'the settings of a model to come',
      '(x: [b, t, d]) -> [b, t, vocab] { weight w: [d, vocab] = ones  x @ w }',
    ],
    [
      'the table of a score that is tied to one of a model to come',
      '(x: [b, 2, t, k]) -> [b, 2, t, k] { attend(x, x, x, score: near) }\nlayer near (s: [], b: i32[], h: i32[], i: i32[], j: i32[]) -> [] { weight table: [4, 2] = tied("t.table")  s + table[j, h] }',
    ],
    [
      'a float parameter without a value',
      '(cap: float) (x: [..]) -> [..] { if cap > 1 { cap * tanh(x / cap) } else { x } }',
    ],
  ])('%s', (_, layer) => {
    expect(messages(`layer h${layer}`)).toEqual([]);
  });
});

describe('a block', () => {
  const wiring = 'layer w(sub: layer) (x: [.., d]) -> [.., d] { x + sub(x) }';

  it('is checked on a stream of width d', () => {
    const good = `${wiring}\nlayer f(out: dim) (x: [.., d]) -> [.., out] { weight m: [d, out] = ones  x @ m }`;
    expect(messages(`${good}\nblock k(d: dim) { w: f(d) }`)).toEqual([]);
    expect(messages(`${good}\nblock k(d: dim) { w: f(2 * d) }`)[0]).toMatch(/^BF3001/);
  });

  it('reports a mistake in each of its steps', () => {
    expect(messages(`${wiring}\nblock k { w: one two  w: three }`)).toEqual([
      'BF2011 nothing is called `one` here',
      'BF2011 nothing is called `two` here',
      'BF2011 nothing is called `three` here',
    ]);
  });
});
