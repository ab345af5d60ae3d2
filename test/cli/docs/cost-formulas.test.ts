// What declarations cost as formulas: those of known layers, and what the cost report counts at sizes that none was fitted to.
import { describe, expect, it } from 'vitest';
import { type CostDoc, costFormulas, costSentence } from '../../../cli/docs/cost-formulas.ts';
import { analyze, load } from '../../../compiler/compile.ts';
import { countCost } from '../../../compiler/cost/count-cost.ts';
import { fitFormulas } from '../../../compiler/cost/fit-formulas.ts';
import { add, constant, type Dim, mul, symbol } from '../../../compiler/shapes/dim.ts';
import { sources } from '../../support/sources.ts';

function costOf(text: string, name: string): CostDoc | undefined {
  const reader = sources({ 'own.bform': text });
  const { result, diagnostics } = load('own.bform', reader);
  expect(diagnostics).toEqual([]);
  const item = result!.entry.ast.items.find((item) => item.name.text === name)!;
  return costFormulas(item, 'own.bform', reader);
}

/** A layer of the library, as one of a module that only passes its parameters on. */
const ffn = `use std.{linear, relu}
layer f(hidden: dim = 4 * d, bias: bool = false) (x: [.., d]) -> [.., d] {
  let up = linear(hidden, bias: bias)
  let down = linear(d)
  down(relu(up(x)))
}
`;

describe('the cost of a layer', () => {
  it('is a formula in the sizes of its input and in its parameters', () => {
    expect(costOf(ffn, 'f')).toEqual({
      inputs: ['x: [b, t, d]'],
      parameters: '2*d*hidden',
      flops: '4*b*d*hidden*t',
      elementwise: 'b*hidden*t',
      without: [],
    });
  });

  it('holds at sizes that it was not fitted to', () => {
    const text = `use std.{attention}
layer a(heads: int, kv_heads: int = heads, size: dim = d / heads) (x: [b, t, d]) -> [b, t, d] {
  let inner = attention(heads: heads, kv_heads: kv_heads, head_dim: size)
  inner(x)
}
`;
    const { parameters, flops, elementwise } = costOf(text, 'a')!;
    const values = { b: 3, t: 7, d: 10, heads: 9, kv_heads: 3, size: 5 };
    const at = (formula: string): bigint => BigInt(evaluated(formula, values));
    const model = `${text}model m (x: [b, t, 10]) -> y { a(9, kv_heads: 3, size: 5) }`;
    const { graph } = analyze('own.bform', sources({ 'own.bform': model })).result!;
    const { params, work } = countCost(graph, { b: 3, t: 7 });
    expect(at(parameters)).toBe(params.total);
    expect(at(flops)).toBe(2n * work.macs);
    expect(at(elementwise)).toBe(work.elementwise);
  });

  it('is that of experts by the share that a token meets', () => {
    const text = `use std.{ffn, moe, top_k}
layer g(experts: int, k: int, hidden: dim) (x: [b, t, d]) -> [b, t, d] {
  let inner = moe(ffn(hidden), experts: experts, route: top_k(k))
  inner(x)
}
`;
    expect(costOf(text, 'g')).toMatchObject({
      parameters: '2*d*experts*hidden + d*experts',
      activated: '2*d*hidden*k + d*experts',
      flops: '4*b*d*hidden*k*t + 2*b*d*experts*t',
    });
  });

  it('says from which length on it holds, where a window is in it', () => {
    const text = `use std.{attention, sliding_window}
layer w(window: int, heads: int) (x: [b, t, d]) -> [b, t, d] {
  let inner = attention(heads: heads, mask: sliding_window(window))
  inner(x)
}
model m (x: [b, t, 8]) -> y { w(16, heads: 2) }
`;
    const cost = costOf(text, 'w')!;
    expect(cost.flops).toBe('4*b*d*t*window - 2*b*d*window^2 + 8*b*d^2*t + 2*b*d*window');
    expect(costSentence(cost, (text) => text)).toMatch(
      /^costs, on x: \[b, t, d\], t beyond all windows: /,
    );
    expect(costOf(text, 'm')!.range).toBe('t from 15');
  });

  it('leaves out the layers that it is given, and says so', () => {
    const cost = costOf('layer w(sub: layer) (x: [.., d]) -> [.., d] { x + sub(x) }', 'w')!;
    expect(cost).toMatchObject({ elementwise: 'b*d*t', without: ['sub'] });
    expect(costSentence(cost, (text) => text)).toBe(
      'costs, on x: [b, t, d]: b*d*t elementwise; what sub costs comes on top',
    );
  });

  it('has the vocabulary for a size', () => {
    const text = `use std.{embed}
layer e(d: dim) (tokens: i32[b, t]) -> [b, t, d] {
  let inner = embed(d)
  inner(tokens)
}
layer s (x: [b, t, d]) -> [b, t, vocab] {
  weight w: [d, vocab] = ones
  x @ w
}
`;
    expect(costOf(text, 's')).toMatchObject({ parameters: 'd*vocab', flops: '2*b*d*t*vocab' });
  });

  it('keeps a parameter at its default in which there is no formula', () => {
    const text = `layer p(n: int = 3, m: dim = 5) (x: [.., d]) -> [.., d] {
  weight w: [rows: 2 ^ n, m] = ones
  x * sum(sum(w, axis: m), axis: rows)
}
`;
    expect(costOf(text, 'p')).toMatchObject({ parameters: '8*m' });
  });

  it('is none for what works on single numbers, and for what needs tokens beside its input', () => {
    const text = `use std.{ffn, hashed, moe}
layer near (b: i32[], h: i32[], i: i32[], j: i32[]) -> bool[] { j <= i }
layer h (x: [b, t, d]) -> [b, t, d] {
  let inner = moe(ffn, experts: 4, route: hashed)
  inner(x)
}
`;
    expect(costOf(text, 'near')).toBeUndefined();
    expect(costOf(text, 'h')).toBeUndefined();
  });
});

describe('the cost of a block and of a model', () => {
  const text = `use std.{embed, layer_norm, linear, pre_norm, relu}
layer f(hidden: dim = 4 * d) (x: [.., d]) -> [.., d] {
  let up = linear(hidden)
  let down = linear(d)
  down(relu(up(x)))
}
block two(d: dim, n: int) { pre_norm(layer_norm): f * n }
order twice(a: layers) { a a }
model m(n: int = 2) {
  vocab: 8
  context: 16
  embed(4) -> two(4, n)
}
`;

  it('is a formula in the parameters of the block', () => {
    expect(costOf(text, 'two')).toMatchObject({
      parameters: '8*d^2*n + 2*d*n',
      flops: '16*b*d^2*n*t',
    });
  });

  it('is a formula in the sizes of a run, of the model as it is', () => {
    const cost = costOf(text, 'm')!;
    expect(cost).toMatchObject({ inputs: [], parameters: '304', flops: '512*b*t' });
    expect(costSentence(cost, (text) => text)).toMatch(/^costs: 304 parameters, 512\*b\*t FLOPs, /);
  });

  it('is none for an order', () => {
    expect(costOf(text, 'twice')).toBeUndefined();
  });
});

describe('formulas through counts', () => {
  const parameters = [
    { name: 'p', values: [1, 2, 3, 4] },
    { name: 'q', values: [2, 3, 4, 6] },
  ];
  const fitted = (at: (p: number, q: number) => number | undefined) => {
    let counted = 0;
    const found = fitFormulas(parameters, ({ p, q }) => {
      counted++;
      const count = at(p!, q!);
      return count === undefined ? undefined : [mul(symbol('t'), constant(count))];
    });
    return {
      counted,
      text: found && ('formulas' in found ? found.formulas[0]!.text : found.notOpen),
    };
  };

  it('are found, with few counts', () => {
    expect(fitted((p, q) => 3 * p * p * q + q + 5)).toEqual({
      text: '3*p^2*q*t + q*t + 5*t',
      counted: 11,
    });
    expect(fitted((p, q) => (12 * q) / p + p).text).toBe('p*t + 12*q*t/p');
  });

  it('are none where there is no polynomial of second degree', () => {
    expect(fitted((p) => 2 ** p).text).toBe('p');
    expect(fitted((p, q) => p + 2 ** q).text).toBe('q');
    // Along each axis from the first values there is nothing to see.
    expect(fitted((p, q) => (p === 4 && q === 6 ? 2 : 1)).text).toBe('q');
  });

  it('are not looked for where values do not fit together', () => {
    expect(fitted((p, q) => (p > q ? undefined : 1)).text).toBeUndefined();
  });

  it('hold in the middle too', () => {
    const sum: Dim = add(symbol('p'), symbol('q'));
    expect(sum.text).toBe(fitted((p, q) => p + q).text!.replaceAll('*t', ''));
  });
});

/** Of a sum of products, with quotients by whole numbers. */
function evaluated(formula: string, values: Readonly<Record<string, number>>): number {
  const factor = (text: string): number => {
    const [base, power = '1'] = text.split('^');
    return (values[base!] ?? Number(base)) ** Number(power);
  };
  return formula.split(' + ').reduce((sum, term) => {
    const [over, ...under] = term.split('/');
    const product = over!
      .split('*')
      .map(factor)
      .reduce((a, b) => a * b, 1);
    return sum + under.map(factor).reduce((a, b) => a / b, product);
  }, 0);
}
