// Mistakes with mixtures, experts and routers: each at the place that the user wrote, with both sides.
import { expect, it } from 'vitest';
import { diagnose, messages } from './diagnose.ts';

const HEAD = `use std.{attention, causal, expert_choice, ffn, linear, moe, pre_norm, rms_norm, top_k}
layer two (x: [.., d], y: [.., d]) -> [.., d] { x + y }
layer losing (x: [.., d]) -> [.., d] { loss size = sum(x * x, axis: d) x }
layer looking (x: [d]) -> [d] {
  let q = rearrange(x, "(b h t k) -> b h t k", b: 1, h: 2, t: 2)
  rearrange(attend(q, q, q), "b h t k -> (b h t k)")
}
layer ranking (x: [.., d]) -> [.., d] { x + f32(rank(iota(d), d)) }
block rows(d: dim) { pre_norm(rms_norm): ffn(hidden: d) }
`;

/** The code and message of each mistake, with the text that it points at. */
function mistakes(body: string): string[] {
  const code = `${HEAD}model m (x: [b, t, 8]) -> y { ${body} }`;
  return diagnose(code).map(({ code, message, span }) => {
    expect(span.file.path).toBe('main.bform');
    return `${code} ${span.file.text.slice(span.start, span.end)}: ${message}`;
  });
}

it.each([
  [
    'moe(ffn, experts: 4, route: top_k(5))',
    'BF2025 5: `top_k` wants k <= experts, but k is 5 and experts is 4',
  ],
  ['moe(ffn, experts: 4, route: top_k(0))', 'BF2025 0: `top_k` wants k > 0, but k is 0'],
  [
    'moe(ffn, experts: 4, route: top_k(capacity_factor: 0.0))',
    'BF2025 0.0: `top_k` wants capacity_factor >= 0.001, but capacity_factor is 0',
  ],
  [
    'moe(ffn, experts: 4, route: top_k(capacity_factor: 0.0001))',
    'BF2025 0.0001: `top_k` wants capacity_factor >= 0.001, but capacity_factor is 0.0001',
  ],
  [
    'moe(ffn, experts: 4, route: expert_choice(4.5))',
    'BF2025 4.5: `expert_choice` wants capacity_factor <= experts, but capacity_factor is 4.5 and experts is 4',
  ],
  [
    'moe(ffn, experts: 1)',
    'BF2025 moe(ffn, experts: 1): `moe` wants experts > 1, but experts is 1',
  ],
  [
    'moe(ffn, experts: b)',
    'BF2028 moe(ffn, experts: b): `moe` wants experts > 1, which is not known when compiling',
  ],
  [
    'moe(linear(16), experts: 4)',
    'BF2038 linear(16): `linear` gives [out = 16] for [d = 8]; an expert of a router gives back the shape that it takes',
  ],
  ['moe(two, experts: 4)', 'BF2038 two: `two` takes 2 tensors; an expert takes one'],
  [
    'moe(attention(heads: 2), experts: 4)',
    'BF2038 attention(heads: 2): `attention` takes [b, t, d]; an expert takes one row, [d = 8]',
  ],
  [
    'moe(moe(ffn, experts: 2), experts: 4)',
    'BF2038 moe(ffn, experts: 2): `moe` takes [b, t, d]; an expert takes one row, [d = 8]',
  ],
  [
    'moe(losing, experts: 4)',
    'BF2038 loss size = sum(x * x, axis: d): an expert sees one row at a time, so it has no losses',
  ],
  [
    'moe(ranking, experts: 4)',
    'BF2038 rank(iota(d), d): `rank` works on all rows at once, but an expert sees one',
  ],
  [
    'moe(looking, experts: 4)',
    'BF2038 attend(q, q, q): `attend` works on all rows at once, but an expert sees one',
  ],
  ['top_k(2)', 'BF2037 top_k(2): `top_k` is a router: it has no experts here'],
  ['rows(8) -> top_k', 'BF2037 top_k: `top_k` is a router: it has no experts here'],
  ['moe(top_k, experts: 4)', 'BF2037 top_k: `top_k` is a router: it has no experts here'],
  [
    'moe(ffn, experts: 4, route: causal)',
    'BF2023 causal: `route` takes a router: a layer of one input that needs `experts: int` and `expert: layer`; `causal` is none',
  ],
  [
    'moe(ffn, experts: 4, route: top_k(experts: 4))',
    'BF2022 top_k(experts: 4): `experts` of a router is supplied by `route`',
  ],
  ['moe(experts: 4)', 'BF2021 moe(experts: 4): `moe` still needs `expert`'],
  ['moe(two, experts: 4.5)', 'BF2023 4.5: `experts` takes a whole number, not the number 4.5'],
])('%s', (body, expected) => {
  expect(mistakes(body)).toEqual([expected]);
});

it('experts may be blocks, layers with parameters, and functions', () => {
  for (const expert of ['rows(8)', 'ffn(hidden: 3, bias: true)', 'tanh']) {
    expect(messages(`${HEAD}model m (x: [b, t, 8]) -> y { moe(${expert}, experts: 4) }`)).toEqual(
      [],
    );
  }
});

it('functions that choose and group say what they take', () => {
  const of = (body: string) =>
    messages(`layer h (x: [n, d]) -> [n, d] { ${body} }\nmodel m (x: [b, 8]) -> y { h }`);
  expect(of('let i = arg_top_k(x, k: 9, axis: d) x')).toEqual([
    'BF3009 the 9 largest of `d`, which has 8',
  ]);
  expect(of('take(x, x, axis: d)')).toEqual([
    'BF3005 places are i32; this is f32 (convert it with `i32(...)`)',
  ]);
  expect(of('take(x, iota(d), axis: d)')).toEqual([
    'BF3003 `take` looks up i32[d] in [n, d]: they must agree except along `d`',
  ]);
  expect(of('let c = count(x, 4) x')).toEqual([
    'BF3005 the numbers of groups are i32; this is f32 (convert it with `i32(...)`)',
  ]);
  expect(of('scatter_add(x, iota(d), n)')).toEqual([
    'BF3003 `scatter_add` takes rows [n, ..] of numbers and the target [n] of each, not [n, d] and i32[d]',
  ]);
  expect(of('per_expert(tanh, x, of: iota(d), experts: 4)')).toEqual([
    'BF3003 `of` is i32[d]: it must have one number for each row of [n, d]',
  ]);
});

it('a router applied without its experts is told so, once, where it is applied', () => {
  const found = messages(`use std.{ffn, top_k}
layer holds(route: router) (x: [b, t, d]) -> [b, t, d] { route(x) }
model m (x: [b, t, 8]) -> y { holds(top_k(2)) }`);
  expect(found).toEqual([
    'BF2037 `route` is a router: it takes its experts first (write `route(experts: ..., expert: ...)(x)`)',
  ]);
});
