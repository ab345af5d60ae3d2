import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze, modelHash } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { format } from '../../grammar/format/format.ts';
import { dice } from '../support/dice.ts';
import { parseText } from '../support/parse.ts';
import { printAst } from '../support/print-ast.ts';
import { randomSyntax, withoutSpans } from '../support/random-syntax.ts';
import { shakeLayout, withRemarkEverywhere } from '../support/shake-layout.ts';
import { sources } from '../support/sources.ts';

const root = new URL('../../', import.meta.url);
const files = ['stdlib', 'examples', 'cli/templates'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bform'))
    .map((name) => `${folder}/${name}`),
);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The text formatted; `undefined` where it has syntax errors. */
function tryFormat(text: string): string | undefined {
  return format({ path: 'test.bform', text }, () => {});
}

function formatted(text: string): string {
  const found: Diagnostic[] = [];
  const result = format({ path: 'test.bform', text }, (diagnostic) => found.push(diagnostic));
  if (result === undefined) expect.fail(`${found.map(({ message }) => message).join()}\n${text}`);
  return result;
}

/** What a text means, and its comments; white space and commas before closing brackets left out. */
function meaning(text: string): string {
  const { ast, diagnostics } = parseText(text);
  expect(diagnostics).toEqual([]);
  const comments = ast.comments.map((comment) => comment.text.trimEnd());
  return withoutSpans({ ...ast, comments });
}

/** Whether the text can be formatted: if so, the result means the same and stays as it is when formatted again. */
function holds(text: string, name: string): boolean {
  const result = tryFormat(text);
  if (result === undefined) return false;
  if (meaning(result) !== meaning(text)) expect.fail(`${name} means something else:\n${text}`);
  const again = formatted(result);
  if (again !== result)
    expect.fail(`${name} is not formatted at once:\n${text}\n${result}\n${again}`);
  return true;
}

describe('the formatter', () => {
  it.each(files)('finds %s formatted', (path) => {
    expect(formatted(textOf(path))).toBe(textOf(path));
  });

  it('keeps the meaning of 1,000 random programs, and their layout when formatted again', () => {
    for (let seed = 1; seed <= 1_000; seed++)
      expect(holds(printAst(randomSyntax(seed, 2)), `seed ${seed}`)).toBe(true);
  });

  it('keeps the meaning of files laid out anyhow, with comments anywhere', () => {
    let formatted = 0;
    for (let seed = 1; seed <= 500; seed++) {
      const choices = dice(seed, 'layout');
      const text = choices.chance(0.5)
        ? printAst(randomSyntax(seed, 2))
        : textOf(choices.pick(files));
      const file = { path: 'test.bform', text };
      if (holds(shakeLayout(file, choices.pick([0.02, 0.1, 0.5]), choices), `seed ${seed}`))
        formatted++;
    }
    expect(formatted).toBeGreaterThan(250);
  });

  it.each([
    ['behind a token', '// a remark\n'],
    ['on a line of its own', '\n// a remark\n'],
    ['as documentation', '\n\n/// a remark\n\n/// more\n'],
  ])('keeps a comment at every place of a file: %s', (_, remark) => {
    const file = { path: 'test.bform', text: textOf('test/support/everything.bform') };
    const texts = withRemarkEverywhere(file, remark);
    const kept = texts.filter((text, i) => holds(text, `gap ${i}`));
    // At most at the places where a line must not end: before the bracket of a call, before a minus.
    expect(kept.length / texts.length).toBeGreaterThan(0.8);
  });

  it('does not change the hash of a model', () => {
    const hashOf = (text: string): string => {
      const { result } = analyze('model.bform', sources({ 'model.bform': text }));
      return modelHash(result!.model);
    };
    for (const name of ['hello', 'mixture', 'sliding-window']) {
      const text = textOf(`examples/${name}/model.bform`);
      const squeezed = text.replace(/^ +/gm, '\t').replace(/: /g, ' :   ');
      expect(squeezed).not.toBe(text);
      expect(hashOf(formatted(squeezed))).toBe(hashOf(text));
    }
  });

  it('reports syntax errors, and gives no text', () => {
    const found: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic) => found.push(diagnostic);
    expect(format({ path: 'a.bform', text: 'layer f (x: [d] -> [d] { x }' }, report)).toBe(
      undefined,
    );
    expect(found.map(({ code }) => code)).toEqual(['BF1002']);
  });
});

/** Each text as it is written, and as it is formatted. */
const LAYOUTS: Readonly<Record<string, readonly [written: string, result: string]>> = {
  'puts one space between words and none inside of brackets': [
    'layer f(n:int=2)(x:[ ..,d ])->[..,d]{\nlet y=g( n,axis :d )[ i ]*- x\nnot   y and(x==2)\n}',
    `layer f(n: int = 2) (x: [.., d]) -> [.., d] {
  let y = g(n, axis: d)[i] * -x
  not y and (x == 2)
}
`,
  ],
  'keeps a short body beside its braces where it was written there': [
    'layer f (x: [d]) -> [d] {x}\nlayer g (x: [d]) -> [d] {\nx}\nblock b {plain : a f}',
    `layer f (x: [d]) -> [d] { x }

layer g (x: [d]) -> [d] {
  x
}

block b { plain: a f }
`,
  ],
  'keeps one empty line between groups, and none at the edges of braces': [
    'layer f (x: [d]) -> [d] {\n\n\n  let y = x\n\n\n\n  let z = y\n  z\n\n}\n\n\n\n',
    `layer f (x: [d]) -> [d] {
  let y = x

  let z = y
  z
}
`,
  ],
  'breaks a long head in its parameters, `where` standing on its own line': [
    `layer f(first: int = 1, second: int = 2, third: int = 3, fourth: int = 4) (x: [b, t, d]) -> [b, t, d] where first > 0, second > 0 { x }`,
    `layer f(
  first: int = 1,
  second: int = 2,
  third: int = 3,
  fourth: int = 4
) (x: [b, t, d]) -> [b, t, d]
  where first > 0, second > 0
{
  x
}
`,
  ],
  'breaks long calls at their arguments, and calls of one call at the innermost': [
    `layer f (x: [d]) -> [d] {
  g(rearrange(projection(normalisation(x)), "b t (h k) -> b h t k", h: number_of_heads, k: width, e: 1))
}`,
    `layer f (x: [d]) -> [d] {
  g(rearrange(
    projection(normalisation(x)),
    "b t (h k) -> b h t k",
    h: number_of_heads,
    k: width,
    e: 1
  ))
}
`,
  ],
  'breaks long sums behind their operators, since no line begins with a minus': [
    `layer f (x: [d]) -> [d] {
  let y = first_of_the_summands * second_of_the_factors - second_of_the_summands * fourth_of_the_factors
  y
}`,
    `layer f (x: [d]) -> [d] {
  let y = first_of_the_summands * second_of_the_factors -
    second_of_the_summands * fourth_of_the_factors
  y
}
`,
  ],
  'breaks all braces of a long `if`': [
    `layer f (x: [d]) -> [d] {
  let y = if kind_of_the_layer == the_first_one { result_of_the_first_one } else if b { x } else { x * 2 }
  if a { y } else { x }
}`,
    `layer f (x: [d]) -> [d] {
  let y = if kind_of_the_layer == the_first_one {
    result_of_the_first_one
  } else if b {
    x
  } else {
    x * 2
  }
  if a { y } else { x }
}
`,
  ],
  'fills long lists of words': [
    `order o(a: layers) { interleave([${'attention, feed_forward, '.repeat(6)}attention, ]) }`,
    `order o(a: layers) {
  interleave([
    attention, feed_forward, attention, feed_forward, attention, feed_forward, attention,
    feed_forward, attention, feed_forward, attention, feed_forward, attention
  ])
}
`,
  ],
  'breaks a long pipeline before its arrows': [
    `model m {
  vocab: 256
  embed(1024) -> scale(sqrt(1024)) -> sinusoidal_positions -> layers -> layer_norm -> unembed(tied: true)
}`,
    `model m {
  vocab: 256
  embed(1024)
    -> scale(sqrt(1024))
    -> sinusoidal_positions
    -> layers
    -> layer_norm
    -> unembed(tied: true)
}
`,
  ],
  'keeps the lines of a pipeline that its author broke': [
    'model m {\n  vocab: 256\n  embed(8) -> a * 2 ->\n layer_norm -> unembed\n}',
    `model m {
  vocab: 256
  embed(8) -> a * 2
    -> layer_norm -> unembed
}
`,
  ],
  'keeps the lines of an order, and of a row': [
    'order o(a: layers, f: layers) {\na f\n  (a f)*2\na   f}\nblock b {\nplain : a f\na f}',
    `order o(a: layers, f: layers) {
  a f
  (a f) * 2
  a f
}

block b {
  plain: a f
    a f
}
`,
  ],
  'keeps rows in columns where they were written so': [
    `block b {
  pre_norm( n ):       a f  a ff
  parallel(layer_norm):a ff a f
  plain:               a f
                       a f
  plain:  f

  plain:   a
}`,
    `block b {
  pre_norm(n):          a f  a ff
  parallel(layer_norm): a ff a f
  plain:                a f
                        a f
  plain: f

  plain: a
}
`,
  ],
  'puts each limit of a budget on a line, in columns where they were written so': [
    `model m { vocab: 9 budget{params<=100M}
      a }
model n {
  vocab: 9
  budget {
    params  <= 100M // all
    flops   <= 2G   at b=1,t = 8
    memory<=4GiB }
  a
}`,
    `model m {
  vocab: 9
  budget { params <= 100M }
  a
}

model n {
  vocab: 9
  budget {
    params  <= 100M // all
    flops   <= 2G at b = 1, t = 8
    memory <= 4GiB
  }
  a
}
`,
  ],
  'keeps comments in columns, wherever their lines end now': [
    `model m {
  vocab:96           // what it knows
  context : 64       // how far it sees

  embed(8)->f // the rest
}`,
    `model m {
  vocab: 96         // what it knows
  context: 64       // how far it sees

  embed(8) -> f // the rest
}
`,
  ],
  'keeps comments where they stand, and the empty lines around them': [
    `

// The file.

// More.
edition 1 // the first
use std.{
  // why
  gelu,
  relu // last
}
// Of f.
layer f( // parameters
  n: int, // one
  // two
  m: int,
) (x: [d]) -> [d] // the head
{ // open
  // First.
  let y = g(
    x, // an argument

    // the other
    n
    // no more
  )

  y
  // Last.
} // closed`,
    `// The file.

// More.
edition 1 // the first
use std.{
  // why
  gelu,
  relu // last
}

// Of f.
layer f( // parameters
  n: int, // one
  // two
  m: int
) (x: [d]) -> [d] // the head
{ // open
  // First.
  let y = g(
    x, // an argument

    // the other
    n
    // no more
  )

  y
  // Last.
} // closed
`,
  ],
};

describe('the layout', () => {
  it.each(Object.entries(LAYOUTS))('%s', (_, [written, result]) => {
    expect(formatted(written)).toBe(result);
  });
});
