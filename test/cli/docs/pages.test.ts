// The pages of `bform docs`: what an example's look like (test/golden/docs), and that a source's text stays text on them.
import { describe, expect, it } from 'vitest';
import { firstSentence, splitDoc } from '../../../cli/docs/doc-text.ts';
import { htmlPage } from '../../../cli/docs/html.ts';
import { markdownPage } from '../../../cli/docs/markdown.ts';
import { describeModule, type ModuleDoc } from '../../../cli/docs/module-doc.ts';
import {
  checkModule,
  documentModule,
  libraryPaths,
  librarySource,
  moduleSources,
} from '../../../cli/docs/read-module.ts';
import { check } from '../../../compiler/compile.ts';
import { renderDiagnostics } from '../../../compiler/diagnostics/render.ts';
import { sources } from '../../support/sources.ts';

const options = { source: (line: number) => `model.bform#L${line}` };

function docOf(text: string): ModuleDoc {
  const { diagnostics, result } = check('model.bform', sources({ 'model.bform': text }));
  expect(renderDiagnostics(diagnostics, { color: false })).toBe('');
  return describeModule(result!.entry);
}

describe('the pages of examples/mixture', () => {
  const [source] = moduleSources('examples/mixture/model.bform');
  const { result } = checkModule(source!);
  const doc = documentModule(source!, result!, { costs: true });

  it.each([
    ['md', markdownPage],
    ['html', htmlPage],
  ])('are as in mixture.%s (npx vitest run test/cli/docs --update)', async (ending, page) => {
    const text = page('mixture', doc, options);
    await expect(text).toMatchFileSnapshot(`../../golden/docs/mixture.${ending}`);
  });
});

describe('a module', () => {
  const { about, items } = docOf(`// Layers
// of ours.
//
//   scaled(3)
edition 1
use std.{ffn, plain}

/// Times a number. Or not.
///
/// - \`factor\`: what to multiply by,
///   in one go
/// - other: no parameter
layer scaled(factor: float = 1.5, on: bool = true) (x: [.., d]) -> [.., d]
  where factor > 0 // not the brace { of the body
{
  if on {
    /// One for each channel.
    weight share: [d] = ones
    loss size = sum(share * share, axis: d)
    factor * share * x
  } else {
    x
  }
}
layer _hidden (x: [..]) -> [..] { x }
block two(d: dim) {
  let f = ffn(hidden: 2 * d)
  plain: f f
}
order thrice(n: layers) { n * 3 }
model m { vocab: 8  context: 4  let e = _hidden
  _embed -> e }
layer _embed (tokens: i32[b, t]) -> [b, t] { f32(tokens) }
`);
  const named = (name: string) => items.find((item) => item.name === name)!;

  it('begins with its comment, whose set-in lines are code', () => {
    expect(about).toBe('Layers\nof ours.\n\n    scaled(3)');
  });

  it('shows what it declares for others, in order', () => {
    expect(items.map(({ kind, name, line }) => [kind, name, line])).toEqual([
      ['layer', 'scaled', 13],
      ['block', 'two', 26],
      ['order', 'thrice', 30],
      ['model', 'm', 31],
    ]);
  });

  it('tells of a layer what it takes, gives, wants and learns', () => {
    expect(named('scaled')).toMatchObject({
      doc: 'Times a number. Or not.\n\n- other: no parameter',
      signature:
        'layer scaled(factor: float = 1.5, on: bool = true) (x: [.., d]) -> [.., d]\n  where factor > 0',
      params: [
        { name: 'factor', type: 'float', default: '1.5', doc: 'what to multiply by, in one go' },
        { name: 'on', type: 'bool', default: 'true', doc: '' },
      ],
      inputs: [{ name: 'x', shape: '[.., d]' }],
      output: '[.., d]',
      constraints: ['factor > 0'],
      weights: [{ name: 'share', shape: '[d]', init: 'ones', doc: 'One for each channel.' }],
      outputs: [{ kind: 'loss', name: 'size' }],
      body: [],
    });
  });

  it('tells of blocks, orders and models what runs in them', () => {
    expect(named('two').body).toEqual(['let f = ffn(hidden: 2 * d)', 'plain: f f']);
    expect(named('thrice').body).toEqual(['n * 3']);
    expect(named('m')).toMatchObject({
      signature: 'model m',
      inputs: [{ name: 'tokens', shape: 'i32[b, t]' }],
      output: 'logits',
      settings: [
        { name: 'vocab', shape: '8' },
        { name: 'context', shape: '4' },
      ],
      body: ['let e = _hidden', '_embed -> e'],
    });
  });

  it('tells what a model may cost', () => {
    const doc = docOf(`use std.{embed, unembed}
model m {
  vocab: 8
  context: 4
  budget {
    params <= 1K
    flops <= 2M at b = 1, t = 4
  }
  embed(4) -> unembed
}
`);
    const { budget } = doc.items[0]!;
    expect(budget).toEqual(['params <= 1K', 'flops <= 2M at b = 1, t = 4']);
    expect(markdownPage('m', doc, options)).toContain(
      '\n- may cost `params <= 1K`, `flops <= 2M at b = 1, t = 4`\n',
    );
    expect(htmlPage('m', doc, options)).toContain('may cost <code>params &lt;= 1K</code>');
  });
});

describe('hostile text', () => {
  const doc = docOf(`// </title><script>alert(1)</script>
/// <img src=x onerror=alert(1)> [here](javascript:alert(1)) | \`\`\`
///
/// - \`n\`: a | b <b>
layer f(n: int = 1) (x: [..]) -> [..] { /// <i> \`
  weight w: [] = constant(1) // <u>
  n * w * x
}
`);

  it('stays text on an HTML page', () => {
    const page = htmlPage('<b>&"', doc, { source: () => '"><script>' });
    const tags = new Set(Array.from(page.matchAll(/<(\w+)/g), ([, tag]) => tag));
    for (const tag of ['script', 'img', 'b', 'i', 'u']) expect([...tags]).not.toContain(tag);
    expect(page).not.toContain('href="javascript:');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain('<title>&lt;b&gt;&amp;&quot;</title>');
  });

  it('breaks out of no cell of a Markdown table', () => {
    expect(markdownPage('x', doc, options)).toContain('| `n` | `int` | `1` | a \\| b <b> |');
  });

  it('loads nothing from elsewhere', () => {
    expect(htmlPage('x', doc, options)).not.toMatch(/<link|<script|@import|url\(/);
  });
});

describe('a doc comment', () => {
  it('gives its items about parameters, and keeps the others', () => {
    const { prose, ofParams } = splitDoc('One.\n\n- `a`: first\n  and on\n- `z`: no\n\nTwo.', [
      'a',
    ]);
    expect(prose).toBe('One.\n\n- `z`: no\n\nTwo.');
    expect([...ofParams]).toEqual([['a', 'first and on']]);
  });

  it.each([
    ['One two. Three.', 'One two.'],
    ['At most 0.5 of it, e.g. half', 'At most 0.5 of it, e.g. half'],
    ['Routers: which\nexperts. `moe` takes one', 'Routers: which experts.'],
    ['Masked. Second', 'Masked.'],
    ['', ''],
    ['One\n\nTwo', 'One'],
  ])('%j begins with %j', (text, sentence) => {
    expect(firstSentence(text)).toBe(sentence);
  });
});

it.each(libraryPaths())('every declaration of stdlib/%s has a doc comment', (path) => {
  const source = librarySource(path);
  const { about, items } = documentModule(source, checkModule(source).result!, { costs: false });
  expect(about).not.toBe('');
  expect(items.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([]);
});
