// The canonical form: one hash for programs that mean the same, however they are written, and another for any real change.
import { describe, expect, it } from 'vitest';
import { canonicalText, modelHash } from '../../compiler/compile.ts';
import { analyzed } from '../stdlib/evaluate.ts';
import { type Dice, dice } from '../support/dice.ts';

const hash = (code: string, model?: string): string =>
  modelHash(analyzed(code, model === undefined ? {} : { model }).model);

/** How a program is written: everything that must not matter. */
interface Style {
  readonly name: (name: string) => string;
  readonly comment: () => string;
  /** Lines whose order is free. */
  readonly shuffled: (lines: readonly string[]) => string[];
  readonly either: (...ways: readonly string[]) => string;
}

const PLAIN: Style = {
  name: (name) => name,
  comment: () => '',
  shuffled: (lines) => [...lines],
  either: (...ways) => ways[0]!,
};

function randomStyle({ pick, shuffle }: Dice): Style {
  const names = new Map<string, string>();
  return {
    name(name) {
      if (!names.has(name)) names.set(name, `${pick(['u', 'Zed', 'q_', 'a'])}${names.size}x`);
      return names.get(name)!;
    },
    comment: () => pick(['', '// note\n', '\n\n', '// a f a f\n// g\n']),
    shuffled: shuffle,
    either: (...ways) => pick(ways),
  };
}

/** A program with a bit of everything, in a style, with some of its parts replaced. */
function program(style: Style, changes: Readonly<Record<string, string>> = {}): string {
  const { name: n, comment, shuffled, either } = style;
  const part = (key: string, ...ways: readonly string[]): string => changes[key] ?? either(...ways);
  const [a, f, g, c] = [n('a'), n('f'), n('g'), n('c')];
  return `use std.{attention, ffn, gated_ffn, layer_norm, rms_norm, pre_norm, parallel, plain, embed, unembed, sandwich, alternate, gelu, causal, linear, learned_positions, t5_relative_bias}
${comment()}layer ${n('gate')}(${n('width')}: dim) (x: [.., ${n('n')}]) -> [.., ${n('n')}] {
  ${shuffled([
    `weight ${n('first')}: [${n('n')}, ${n('width')}] = ${part('init', 'normal(std: 0.02)')}`,
    `weight ${n('second')}: [${n('width')}, ${n('n')}] = normal(std: 0.03)`,
    `let ${n('half')} = ${part('half', '0.5')}`,
  ]).join('\n  ')}
  ${part(
    'body',
    `let ${n('p')} = x @ ${n('first')}\n  ${comment()}(sigmoid(${n('p')}) * ${n('half')}) @ ${n('second')}`,
    `(sigmoid(x @ ${n('first')}) * ${n('half')}) @ ${n('second')}`,
    `einsum(".. z, z y -> .. y", sigmoid(x @ ${n('first')}) * ${n('half')}, ${n('second')})`,
  )}
}
layer ${n('counted')} (x: [b, t, d]) -> [b, t, d] {
  ${shuffled([
    `loss ${n('size')} = ${part('loss', '0.01')} * mean(x * x, axis: [b, t, d])`,
    `measure ${n('seen')} = ${either('mean(x, axis: [b, t, d])', 'max(x, axis: [b, t, d])')}`,
  ]).join('\n  ')}
  x * ${part('factor', '2.0', '2')}
}
${comment()}block ${n('k')}(d: dim, ${n('h')}: int = 2) {
  ${shuffled([
    `let ${a} = attention(heads: ${n('h')}${either('', ', bias: false', ', kv_heads: 2, mask: causal')}${part('bias', '')})`,
    `let ${f} = ffn${part('hidden', '', '(4 * d)', '(hidden: 4 * d, act: gelu)', '(hidden: 32)')}`,
    `let ${g} = ${n('gate')}(${part('width', '5')})`,
    `let ${c} = ${n('counted')}`,
  ]).join(`\n  ${comment()}`)}
  ${part('norm', 'pre_norm(rms_norm)', 'pre_norm(norm: rms_norm(eps: 1e-5))')}: ${part(
    'order',
    `sandwich(2, 3, ${a}, ${f})`,
    `${a} ${a} ${a} ${f} ${f} ${f}`,
    `${a} * 2 (${a} ${f}) ${f} * 2`,
    `${a} * 3 alternate(1, ${f}, ${f}) ${f}`,
  )}
  parallel(layer_norm): ${a} ${g}
  ${either(`plain: ${c} ${g} * 2`, `plain: ${c}\n  plain: ${g}  plain: ${g}`, `plain: ${c} ${g} ${g}`)}
}
layer ${n('all')} (x: [.., d]) -> [.., d] { let ${n('i')} = ${n('k')}(d)  ${n('i')}(x) }
model ${n('m')} {
  ${shuffled([`vocab: ${part('vocab', '50')}`, `context: ${part('context', '16')}`]).join(' ')}
  ${either('', `let ${n('w')} = ${n('k')}(8)`)}
  embed(8) -> learned_positions -> ${part('depth', `${n('k')}(8) * 3`, `${n('k')}(8) -> ${n('k')}(8, ${n('h')}: 2) -> ${n('k')}(8)`, `(${n('k')}(8)) * 2 -> ${n('all')}`, `${n('all')} * 3`)}
    -> rms_norm -> ${part('ends', 'unembed(tied: true)', 'unembed(bias: false, tied: true)')}
}`;
}

const FIRST_SEED = 1;
const SEEDS = 40;

describe('a hash', () => {
  const plain = hash(program(PLAIN));

  it('stays under names, comments, order, defaults, library orders and repeats written out', () => {
    const texts = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const code = program(randomStyle(dice(seed)));
      texts.add(code);
      expect(hash(code), code).toBe(plain);
    }
    expect(texts.size).toBe(SEEDS);
  });

  const CHANGES: Readonly<Record<string, string>> = {
    init: 'normal(std: 0.021)',
    half: '0.25',
    body: '(tanh(x @ first) * half) @ second',
    loss: '0.02',
    factor: '2.1',
    bias: ', bias: true',
    hidden: '(hidden: 31)',
    width: '6',
    norm: 'pre_norm(layer_norm)',
    order: 'sandwich(1, 3, a, f)',
    vocab: '51',
    context: '17',
    depth: 'k(8) * 4',
    ends: 'unembed',
  };
  it.each(Object.entries(CHANGES))('changes with the %s', (key, change) => {
    expect(hash(program(PLAIN, { [key]: change }))).not.toBe(plain);
  });

  it('tells all these changes from each other', () => {
    const hashes = Object.entries(CHANGES).map(([key, change]) =>
      hash(program(PLAIN, { [key]: change })),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('changes with any two labels that are swapped', () => {
    const letters = [...'aaafff'];
    const orders = new Set<string>();
    for (let i = 0; i < letters.length; i++) {
      for (let j = i; j < letters.length; j++) {
        const swapped = [...letters];
        [swapped[i], swapped[j]] = [letters[j]!, letters[i]!];
        orders.add(swapped.join(' '));
      }
    }
    const hashes = [...orders].map((order) => hash(program(PLAIN, { order })));
    expect(new Set(hashes).size).toBe(orders.size);
  });
});

describe('the canonical text', () => {
  const text = (code: string): string => canonicalText(analyzed(code).model);
  const layers = `
    layer f (x: [.., d]) -> [.., d] { weight w: [d] = ones  x * w }
    layer rest(sub: layer) (x: [.., d]) -> [.., d] { x + sub(x) }
    layer just(sub: layer) (x: [.., d]) -> [.., d] { sub(x) }`;
  const of = (blocks: string, uses = 'k', more = ''): string =>
    text(`${layers}${more}\n${blocks}\nmodel m (x: [b, t, 4]) -> y { ${uses} }`);

  it('holds a piece once however often it runs', () => {
    const pieces = (n: number): number =>
      of(`block k { rest: f * ${n} }`).match(/^\d+:$/gm)!.length;
    expect(pieces(1000)).toBe(pieces(2));
    expect(of('block k { rest: f * 1000 }').endsWith('\n0*1000\n')).toBe(true);
  });

  it('of repeats in repeats is that of their turns', () => {
    expect(of('block k { rest: (f * 2 (f * 3) * 2) * 2 }')).toBe(of('block k { rest: f * 16 }'));
    expect(of('block k { rest: f * 4 }', 'k * 4')).toBe(of('block k { rest: f }', 'k * 16'));
  });

  it('of a repeat beside a residual is that of its turns', () => {
    const inner = (row: string): string => of(`block i { just: ${row} }  block k { rest: i * 2 }`);
    expect(inner('f * 3')).toBe(inner('f f f'));
    expect(inner('(f * 2) f')).toBe(inner('f f f'));
    expect(inner('f * 3')).not.toBe(inner('f f'));
  });

  it('tells weights of each turn from one weight that all turns share', () => {
    const shared = `layer s (x: [.., d]) -> [.., d] { weight w: [d] = tied("f.w")  x * w }`;
    const own = of('block k { rest: f * 3 }', 'f -> k');
    const tied = of('block k { rest: s * 3 }', 'f -> k', shared);
    expect(tied).not.toBe(own);
    expect(of('block k { rest: s s s }', 'f -> k', shared)).toBe(tied);
  });

  it('tells a weight that is used twice from two weights', () => {
    const twice = 'layer g (x: [.., d]) -> [.., d] { weight w: [d, d] = ones  tanh(x @ w) @ w }';
    const two =
      'layer g (x: [.., d]) -> [.., d] { weight w: [d, d] = ones  weight v: [d, d] = ones  tanh(x @ w) @ v }';
    expect(of('', 'g', twice)).not.toBe(of('', 'g', two));
    expect(of('block k { just: g * 2 }', 'k', twice)).toBe(of('block k { just: g g }', 'k', twice));
    expect(of('block k { just: g * 2 }', 'k', twice)).not.toBe(
      of('block k { just: g g }', 'k', two),
    );
  });

  it('knows losses of repeats by turn, and not what is only measured', () => {
    const with_ = (statement: string): string =>
      `layer g (x: [b, t, d]) -> [b, t, d] { ${statement}  weight w: [d] = ones  x * w }`;
    const loss = with_('loss l = mean(x, axis: [b, t, d])');
    expect(of('block k { rest: g * 3 }', 'k', loss)).toBe(of('block k { rest: g g g }', 'k', loss));
    expect(of('block k { rest: g * 3 }', 'k', loss)).not.toBe(of('block k { rest: f * 3 }'));
    expect(of('block k { rest: g * 3 }', 'k', with_('measure l = mean(x, axis: [b, t, d])'))).toBe(
      of('block k { rest: f * 3 }'),
    );
    const two = ['loss l = mean(x, axis: [b, t, d])', 'loss k = max(x, axis: [b, t, d])'];
    const [there, back] = [two, [...two].reverse()].map((lines) => with_(lines.join('  ')));
    expect(of('block k { rest: g }', 'k', there)).toBe(of('block k { rest: g }', 'k', back));
    const block = (row: string): string => `block i { just: ${row} }  block k { rest: i }`;
    expect(of(block('g * 2'), 'k', loss)).toBe(of(block('g g'), 'k', loss));
    expect(of(block('g * 2 f g'), 'k', loss)).toBe(of(block('g g f g'), 'k', loss));
    expect(of(block('g * 2'), 'k', loss)).not.toBe(of(block('f * 2'), 'k'));
  });

  it('does not depend on the names of sizes and inputs', () => {
    const code = (b: string, t: string, x: string, along = t): string =>
      `layer p (x: [${b}, ${t}, d]) -> [${b}, ${t}, d] { x + ${along} * f32(iota(${t})) }
       model m (${x}: [${b}, ${t}, 4]) -> y { p }`;
    expect(text(code('zeit', 'batch', 'x'))).toBe(text(code('b', 't', 'input')));
    expect(text(code('b', 't', 'x'))).not.toBe(text(code('b', 't', 'x', 'b')));
  });

  it('knows experts by what they are', () => {
    const model = (moe: string, row: string): string =>
      text(`use std.{expert_choice, ffn, gelu, moe, pre_norm, rms_norm, top_k}
        block k { let g = ${moe}  pre_norm(rms_norm): ${row} }
        model m (x: [b, t, 4]) -> y { k }`);
    const plain = model('moe(ffn(8), experts: 4)', 'g * 3');
    expect(model('moe(experts: 4, expert: ffn(hidden: 8, act: gelu), route: top_k)', 'g g g')).toBe(
      plain,
    );
    const others = [
      'moe(ffn(8), experts: 5)',
      'moe(ffn(9), experts: 4)',
      'moe(ffn(8), experts: 4, route: top_k(1))',
    ];
    for (const other of others) expect(model(other, 'g * 3')).not.toBe(plain);
  });

  it('of what the library and a copy of it say is one', () => {
    const own =
      'layer mine(width: dim) (x: [.., e]) -> [.., e] { let q = inner(width)  let p = inner(e)  p(relu(q(x))) }\nlayer inner(o: dim) (y: [.., e]) -> [.., o] { weight m: [e, o] = normal(std: 0.02)  y @ m }';
    const library = text('use std.{ffn, relu}\nmodel m (x: [b, t, 4]) -> y { ffn(12, act: relu) }');
    expect(text(`use std.{relu}\n${own}\nmodel other (z: [b, t, 4]) { mine(12) }`)).toBe(library);
  });
});
