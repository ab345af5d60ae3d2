// Calls of layers: parameters first, tensors second, and what is said where they do not fit.
import { describe, expect, it } from 'vitest';
import { analyzed } from '../stdlib/evaluate.ts';
import { messages } from './diagnose.ts';

const layers = `
layer scale(by: float = 2, shift: int = 0) (x: [..]) -> [..] { x * by + shift }
layer out(size: dim) (x: [.., d]) -> [.., size] { weight w: [d, size] = ones  x @ w }
layer apply(act: activation, inner: layer = scale) (x: [..]) -> [..] { inner(act(x)) }
layer pick(how: {low, high}) (x: [..]) -> [..] { if how == low { -x } else { x } }
layer add (x: [.., d], y: [.., d]) -> [.., d] { x + y }
layer total (x: [.., d]) -> [..] { sum(x, axis: d) }
layer wide (x: [b, t, d]) -> [b, t, d] where d > 100, d % 8 == 0 { x }
layer square (x: [b, n, n]) -> [b, n, n] { x }
`;

const body = (text: string): string =>
  `${layers}\nlayer h (x: [b, t, d]) -> [b, t, d] { ${text} }\nmodel m (x: [b, t, 12]) -> y { h }`;

describe('a call is right', () => {
  it.each([
    ['with parameters in order, then by name', 'scale(3, shift: 1)(x)'],
    ['at once where nothing is needed', 'scale(x)'],
    ['with an empty first call', 'scale()(x)'],
    ['with inputs by name', 'add(y: x, x: -x)'],
    ['with a function as activation', 'apply(tanh)(x)'],
    ['with a layer that has its arguments', 'apply(tanh, scale(0.5))(x)'],
    ['with a let between', 'let f = apply(scale)  f(x)'],
    ['with a choice', 'pick(low)(pick(how: high)(x))'],
    ['with a whole number for a float', 'scale(3)(x)'],
    ['with a fraction for a float', 'scale(1 / 3)(x)'],
    ['with sizes computed from names', 'out(d)(out(4 * d / 3)(x))'],
  ])('%s', (_, text) => {
    expect(messages(body(text))).toEqual([]);
  });

  it('and forwards a choice that it was given', () => {
    const forward = `layer f(how: {high, low} = low) (x: [..]) -> [..] { pick(how)(x) }`;
    expect(messages(`${forward}\n${body('f(x)')}`)).toEqual([]);
  });
});

describe('a call is wrong', () => {
  it.each([
    ['scale(by: 1, by: 2)(x)', 'BF2022 `by` is given twice'],
    [
      'scale(1, 2, 3)(x)',
      'BF2022 too many arguments for `scale` (its parameters are `by`, `shift`)',
    ],
    ['scale(bye: 1)(x)', 'BF2020 `scale` has no parameter `bye` (did you mean `by`?)'],
    [
      'scale(shift: 0.5)(x)',
      'BF2023 `shift` takes a whole number, not the number 0.5 (a whole number has no point)',
    ],
    [
      'scale(shift: 1 / 2)(x)',
      'BF2027 `1 / 2` is 1 / 2, not a whole number (`floor(a / b)` and `ceil(a / b)` round)',
    ],
    ['scale(true)(x)', 'BF2023 `by` takes a number, not true'],
    ['scale(t)(x)', 'BF2028 `by` depends on a size of run time'],
    [
      'out(x)',
      'BF2023 `size` takes a size, not a tensor [b, t, d] (parameters come in a first call, tensors in a second: `linear(64)(x)`)',
    ],
    ['out(0)(x)', 'BF2026 `size` is 0, but must be at least 1'],
    ['out(d - 12)(x)', 'BF2026 `size` is 0, but must be at least 1'],
    ['apply(out)(x)', 'BF2021 `out` still needs `size` (write `out(size: ...)`)'],
    [
      'apply(total)(x)',
      'BF2023 `act` takes an activation: a layer of one input that keeps its shape; `total` is none',
    ],
    ['apply(3)(x)', 'BF2023 `act` takes an activation, not the number 3'],
    ['pick(lo)(x)', 'BF2024 `lo` is none of the choices for `how` (did you mean `low`?)'],
    ['pick(3)(x)', 'BF2023 `how` takes one of `low`, `high`, not the number 3'],
    ['add(x)', 'BF2021 `add` is applied to 2 tensors, not to 1'],
    ['scale(1)(x, x)', 'BF2022 `scale` is applied to one tensor, not to 2'],
    [
      'scale(1)(x, by: 2)',
      'BF2020 `scale` has no input `by` (parameters come in the first call, tensors in the second)',
    ],
    ['scale(1)(scale)', 'BF2023 `scale` is applied to tensors, not to the layer `scale`'],
    [
      'x + scale',
      'BF2029 `+` does not work on the layer `scale` (a layer is applied to a tensor first: `layer(x)`)',
    ],
    ['wide(x)', 'BF2025 `wide` wants d > 100, but d is 12'],
    ['square(x)', 'BF3003 `n` of `square` has two sizes: t, and d in `x`'],
    ['total(x[0])', 'BF3006 `h` promises [b, t, d], but its result is [t]'],
    ['add(x, iota(d))', 'BF3005 `add` takes `y` as [.., d], not i32[d]'],
    ['square(total(x))', 'BF3004 `square` takes `x` as [b, n, n], not [b, t]'],
  ])('%s', (text, message) => {
    expect(messages(body(text))).toContain(message);
  });
});

describe('labels', () => {
  const labels = (text: string, shape: string): string[] =>
    messages(
      `${layers}\nlayer h(hidden: dim = 5) (x: [b, t, d]) -> ${shape} { ${text} }\nmodel m (x: [b, t, 12]) -> y { h }`,
    );

  it('of what a layer keeps are the caller’s', () => {
    expect(
      labels('let y = scale(rearrange(x, "b t q -> b t q"))  sum(y, axis: q)', '[b, t]'),
    ).toEqual([]);
  });

  it('of a new size are the argument’s name, or the layer’s own', () => {
    expect(labels('sum(out(hidden)(x), axis: hidden)', '[b, t]')).toEqual([]);
    expect(labels('sum(out(2 * d)(x), axis: size)', '[b, t]')).toEqual([]);
    expect(labels('sum(out(2 * d)(x), axis: siz)', '[b, t]')[0]).toContain('did you mean `size`?');
  });
});

it('keeps the arguments that an instance was given, defaults too', () => {
  const { model } = analyzed(body('apply(tanh, scale(shift: 4))(x)'));
  const [, call] = model.body.steps;
  const inner = call?.kind === 'call' ? call.instance.body.steps[0] : undefined;
  expect(inner?.kind === 'call' ? inner.instance.layer : undefined).toEqual({
    name: 'apply',
    args: [
      ['act', { kind: 'layer', layer: { name: 'tanh', args: [] } }],
      [
        'inner',
        { kind: 'layer', layer: { name: 'scale', args: [['shift', { kind: 'size', text: '4' }]] } },
      ],
    ],
  });
});
