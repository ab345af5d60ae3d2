// Orders of sub-layers: what the steps of a row, of declared orders and of the library stand for, that repeats stay pieces,
// and which labels are reported.
import { describe, expect, it } from 'vitest';
import { analyzed } from '../stdlib/evaluate.ts';
import { messages, rendered } from './diagnose.ts';

const parts = `
use std.{alternate, every_nth, plain, repeat, sandwich}
layer scale (x: [.., d]) -> [.., d] { weight w: [d] = ones  x * w }
layer shift_by (x: [.., d]) -> [.., d] { weight w: [d] = zeros  x + w }
layer all(subs: layers) (x: [.., d]) -> [.., d] { subs(x) }
`;
const program = (rows: string, declarations = ''): string => `${parts}${declarations}
block k { let a = scale  let f = shift_by  let g = all(scale)  ${rows} }
model m (x: [b, t, 4]) -> y { k }`;

/** The labels in the order in which they run, and how many kinds of pieces stand in the model. */
function run(row: string, declarations = ''): { order: string; pieces: number } {
  const { graph } = analyzed(program(`plain: ${row}`, declarations));
  const names: string[] = [];
  const pieces = new Set<unknown>();
  const walk = (nodes: typeof graph.nodes, turns: readonly number[]): void => {
    for (const node of nodes) {
      if (node.op.kind === 'weight') {
        const path = turns.reduce(
          (name, turn, i) => name.replace(`{${i}}`, String(turn)),
          node.op.name,
        );
        names.push(path);
      }
      if (node.op.kind !== 'repeat') continue;
      pieces.add(node);
      for (let turn = 0; turn < node.op.count; turn++) walk(node.op.body.nodes, [...turns, turn]);
    }
  };
  walk(graph.nodes, []);
  const label = (path: string): string => path.match(/(?:^|\.)([afg])(?:_\d+)?\./)![1]!;
  return { order: names.map(label).join(' '), pieces: pieces.size };
}

const times = (text: string, n: number): string => Array(n).fill(text).join(' ');

describe('an order of the library', () => {
  it.each([
    { row: 'repeat(3, a)', order: 'a a a', pieces: 1 },
    { row: 'repeat(2, [a, f, f])', order: 'a f f a f f', pieces: 1 },
    { row: 'repeat(1, a) f', order: 'a f', pieces: 0 },
    { row: 'repeat(0, a) f', order: 'f', pieces: 0 },
    { row: 'alternate(3, a, f)', order: 'a f a f a f', pieces: 1 },
    { row: 'every_nth(2, 4, f, g)', order: 'f f f g f f f g', pieces: 2 },
    { row: 'every_nth(3, 1, f, g)', order: 'g g g', pieces: 1 },
    { row: 'sandwich(1, 3, a, f)', order: 'a a f a f f', pieces: 1 },
    { row: 'sandwich(0, 2, a, f)', order: 'a f a f', pieces: 1 },
    { row: 'sandwich(2, 2, a, f)', order: 'a a f f', pieces: 2 },
    {
      row: 'sandwich(6, 16, a, f)',
      order: [times('a', 6), times('a f', 10), times('f', 6)].join(' '),
      pieces: 3,
    },
    { row: 'sandwich(first: a, second: [f, g], k: 1, n: 2)', order: 'a a f g f g', pieces: 0 },
  ])('$row is $order', ({ row, order, pieces }) => {
    expect(run(row)).toEqual({ order, pieces });
  });
});

describe('interleave', () => {
  it.each([
    { row: 'interleave(repeat(6, a), repeat(2, g))', order: 'a a a g a a a g', pieces: 1 },
    { row: 'interleave([a, f, a], [g, g, f])', order: 'a g f g a f', pieces: 0 },
    { row: 'interleave(a, f)', order: 'a f', pieces: 0 },
    { row: 'interleave(repeat(2, a), [f, f], repeat(4, g))', order: 'a f g g a f g g', pieces: 1 },
    {
      row: 'interleave(sandwich(1, 2, a, f), alternate(2, g, f))',
      order: 'a g a f f g f f',
      pieces: 0,
    },
    { row: 'repeat(2, interleave([a, f], g))', order: 'a f g a f g', pieces: 1 },
  ])('$row is $order', ({ row, order, pieces }) => {
    expect(run(row)).toEqual({ order, pieces });
  });

  it.each([
    [
      'interleave([a, a, f], [f, g])',
      'BF2032 3 sub-layers cannot be dealt out in 2 equal shares (the length of each order is a multiple of the shortest one)',
    ],
    ['interleave(a, repeat(0, f))', 'BF2032 `interleave` of an empty order'],
    [
      'interleave(a, 3)',
      'BF2023 `interleave` takes orders, not the number 3 (a layer, an order, or a list of them: `[a, f, f]`)',
    ],
    [
      'interleave(a)',
      'BF2032 `interleave` takes 2 operands or more, not 1 (it is written `interleave(first, second)`)',
    ],
  ])('refuses %s', (row, message) => {
    expect(messages(program(`plain: ${row} a f g`))).toEqual([message]);
  });
});

describe("an order of one's own", () => {
  const growing = 'order growing(a: layers, f: layers) { a f  a f * 2  a f * 3 }';

  it('is steps, groups and repeats, with its labels as they are given', () => {
    expect(run('growing(f, [a, g])', growing).order).toBe('f a g f a g a g f a g a g a g');
  });

  it('may use others and may be used by them', () => {
    const declarations = `${growing} order twice(n: int, s: layers) { repeat(n, s) growing(s, s) * 2 }`;
    expect(run('twice(1, a)', declarations).order).toBe(times('a', 19));
  });

  it('names the weights by the labels of the row', () => {
    const { graph } = analyzed(program('plain: growing(a, f) g', growing));
    const names = graph.weights.map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual(['k.a.w', 'k.f.w', 'k.a_2.w', 'k.rep.{0}.f.w']);
  });

  it('stands for the sub-layers of a wiring, in a row and in a layer', () => {
    const declarations =
      'layer sum_of(n: int) (x: [.., d]) -> [.., d] { let s = all(repeat(n, [scale, shift_by]))  s(x) }';
    const { graph } = analyzed(
      program('all: sandwich(1, 2, a, f)  plain: sum_of(2) g', declarations),
    );
    expect(graph.weights.map(({ name }) => name)).toEqual([
      'k.a.w',
      'k.a_2.w',
      'k.f.w',
      'k.f_2.w',
      'k.sum_of.s.scale.w',
      'k.sum_of.s.shift_by.w',
      'k.sum_of.s.scale_2.w',
      'k.sum_of.s.shift_by_2.w',
      'k.g.scale.w',
    ]);
  });

  it.each([
    [
      'order o(a: layers) { a b }',
      'plain: o(a) f g',
      ['BF2011 nothing is called `b` here (the labels here are `a`)'],
    ],
    ['order o(a: layers) { o(a) }', 'plain: a f g', ['BF2040 `o` contains itself: o -> o']],
    [
      'order o(a: layers, n: int) { a * n }',
      'plain: o(a, 2000) f g',
      ['BF2041 2000 turns; a repeat has 0 to 1,024'],
    ],
    [
      'order o(a: layers) where n > 2 { a }',
      'plain: a f g',
      ['BF2011 nothing is called `n` here (did you mean `a`?)'],
    ],
    [
      'order o(a: layers, f: layers) { a }',
      'plain: o(a, f) g',
      ['BF2051 no step uses `f` (use it, or leave it out)'],
    ],
    [
      'order o(n: int, a: layers) where n > 1 { a }',
      'plain: o(1, a) f g',
      ['BF2025 `o` wants n > 1, but n is 1'],
    ],
    [
      '',
      'plain: sandwich a f g',
      ['BF2030 a step of a row is a layer, not the order `sandwich` (write `sandwich(...)`)'],
    ],
    [
      '',
      'plain: repeat(2, 3) a f g',
      [
        'BF2023 `steps` takes sub-layers, not the number 3 (a layer, an order, or a list of them: `[a, f, f]`)',
      ],
    ],
    [
      '',
      'plain: repeat(2, sandwich) a f g',
      ['BF2023 `steps` takes sub-layers, not the order `sandwich` (call it: `sandwich(...)`)'],
    ],
    [
      '',
      'plain: repeat(2, all) a f g',
      ['BF2021 `all` still needs `subs` (write `all(subs: ...)`)'],
    ],
    [
      '',
      'plain: a f g  plain: repeat(0, a) f * 0',
      ['BF2050 nothing is left of this row: all its steps run 0 times'],
    ],
  ])('with mistakes: %s %s', (declaration, rows, expected) => {
    expect(messages(program(rows, declaration))).toEqual(expected);
  });

  it('cannot double without end', () => {
    const doubling = Array.from(
      { length: 40 },
      (_, i) => `order o${i + 1}(s: layers) { o${i}(s) o${i}(s) }`,
    );
    const declarations = `order o0(s: layers) { s } ${doubling.join('\n')}`;
    expect(messages(program('plain: o40(a) f g', declarations))[0]).toMatch(/^BF2042/);
    const nested = Array.from(
      { length: 7 },
      (_, i) => `order r${i + 1}(s: layers) { r${i}(s) * 1000 }`,
    );
    const repeated = `order r0(s: layers) { s } ${nested.join('\n')}`;
    expect(messages(program('plain: interleave(r7(a), f) g', repeated))[0]).toMatch(/^BF2042/);
    expect(messages(program('all: r7(a)  plain: f g', repeated))[0]).toMatch(/^BF2042/);
  });
});

describe('a label', () => {
  it('that is unknown is reported with those that are there', () => {
    expect(messages(program('plain: a f g q'))).toEqual([
      'BF2011 nothing is called `q` here (the labels here are `a`, `f`, `g`)',
    ]);
    const code = `${parts}block k { let attn = scale  let mlp = shift_by  plain: attm mlp attn }\nmodel m (x: [b, t, 4]) -> y { k }`;
    expect(messages(code)).toEqual(['BF2011 nothing is called `attm` here (did you mean `attn`?)']);
  });

  it('that no row uses is warned of, as is one written like another', () => {
    expect(messages(program('plain: a f'))).toEqual([
      'BF2051 no row uses `g` (use it, or leave it out)',
    ]);
    expect(
      messages(program('plain: a f g h', '').replace('let g', 'let h = scale  let g')),
    ).toEqual([
      'BF2052 `h` is the same layer as `a` (each occurrence in a row has weights of its own: `a` can stand there twice)',
    ]);
  });

  it('that another label or a wiring uses is used', () => {
    expect(
      messages(program('plain: a c', '').replace('  plain', '  let c = all([f, g])  plain')),
    ).toEqual([]);
  });

  it('twice in a row that adds up is warned of, in any other row it is an order', () => {
    const twice =
      'BF2053 this sub-layer stands twice in a row that adds up what all give (a wider layer does the same; to run one after the other, take a wiring of one `layer`)';
    expect(messages(program('all: a f g f'))).toEqual([twice]);
    expect(messages(program('all: a * 2 f g'))).toEqual([twice]);
    expect(messages(program('plain: f f f a a g g  plain: f f f'))).toEqual([]);
  });

  it('that repeat in a list are written with `repeat`', () => {
    const found = 'BF2029 `*` does not work on the layer `shift_by`';
    expect(messages(program('plain: repeat(2, [a, f * 2]) g'))).toEqual([
      `${found} (a layer is applied to a tensor first: \`layer(x)\`, and repeated in an order by \`repeat(2, layer)\`)`,
    ]);
  });

  it('of the library is never warned of', () => {
    const code = 'use std.{llama_block}\nmodel m (x: [b, t, 8]) -> y { llama_block(8, heads: 2) }';
    expect(messages(code)).toEqual([]);
  });

  it('reads well', async () => {
    const code = `use std.{alternate, attention, ffn, layer_norm, parallel, pre_norm, sandwich}

block mine(d: dim) {
  let attn = attention(heads: 4)
  let mlp = ffn(hidden: 4 * d)
  let wide = ffn(hidden: 4 * d)
  let gate = ffn(hidden: 8 * d)
  pre_norm(layer_norm): sandwich(7, 6, attn, mlp) alternate(2, attn, mpl)
  parallel(layer_norm): attn wide attn
}
model m (x: [b, t, 32]) -> y { mine(32) }
`;
    await expect(rendered(code)).toMatchFileSnapshot('../golden/mistakes/labels.txt');
  });
});
