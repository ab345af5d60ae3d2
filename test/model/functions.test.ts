// The functions of the language and the operators: what they compute, by their definitions, in the reference evaluator;
// and what is said where they are called wrongly.
import { describe, expect, it } from 'vitest';
import { evaluate, type Values } from '../stdlib/evaluate.ts';
import { bodyMessages } from './diagnose.ts';

const [B, T, D] = [2, 5, 6];

/** The result of a body on x: [b, t, 6], and x, both by index. */
function run(body: string, shape = '[b, t, d]', more = '') {
  const code = `layer h (x: [b, t, d]) -> ${shape} { ${body} }\n${more}model m (x: [b, t, ${D}]) -> y { h }`;
  const { x, y, weights } = evaluate(code, { b: B, t: T });
  return { x: at(x), y: at(y), shape: y.shape, w: (name: string) => at(weights[`h.${name}`]!) };
}

const at =
  ({ shape, data }: Values) =>
  (...index: number[]): number =>
    data[index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0)]!;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Compares at every index of a shape. */
function expectAt(
  shape: readonly number[],
  actual: (...index: number[]) => number,
  expected: (...index: number[]) => number,
) {
  const walk = (index: number[]): void => {
    if (index.length === shape.length) expect(actual(...index)).toBeCloseTo(expected(...index), 9);
    else for (const i of range(shape[index.length]!)) walk([...index, i]);
  };
  walk([]);
}

describe('arithmetic', () => {
  it('broadcasts by name, in the middle too', () => {
    const { x, y } = run('x - mean(x, axis: t) + sum(x, axis: d)');
    expectAt([B, T, D], y, (b, t, d) => {
      const mean = sum(range(T).map((s) => x(b!, s, d!))) / T;
      return x(b!, t!, d!) - mean + sum(range(D).map((e) => x(b!, t!, e)));
    });
  });

  it('broadcasts by the last sizes where names differ', () => {
    const { x, y, w } = run('weight v: [6] = ones  x * v');
    expectAt([B, T, D], y, (b, t, d) => x(b!, t!, d!) * w('v')(d!));
  });

  it('takes sizes as numbers', () => {
    const { x, y } = run('x * d / t - b');
    expectAt([B, T, D], y, (b, t, d) => (x(b!, t!, d!) * D) / T - B);
  });

  it('has fractions of run-time sizes', () => {
    const { x, y } = run('x * (1 / t) + t / 2 + 1 / (2 * b)');
    expectAt([B, T, D], y, (b, t, d) => x(b!, t!, d!) / T + T / 2 + 1 / (2 * B));
  });

  it('divides and takes remainders of integers as Python does', () => {
    const { y } = run('f32((iota(t) - 3) / 2) + 10 * f32((iota(t) - 3) % 2)', '[t]');
    expectAt([T], y, (t) => Math.floor((t! - 3) / 2) + 10 * ((((t! - 3) % 2) + 2) % 2));
  });

  it('has small whole powers of negative numbers', () => {
    const { x, y } = run('x ^ 3 + x ^ 2');
    expectAt([B, T, D], y, (...i) => x(...i) ** 3 + x(...i) ** 2);
  });

  it('compares and combines', () => {
    const { x, y } = run('where(x > 0 and not (x >= 1) or x <= -1, 1.0, 0.0)');
    expectAt([B, T, D], y, (...i) => ((x(...i) > 0 && x(...i) < 1) || x(...i) <= -1 ? 1 : 0));
  });

  it('computes with numbers while compiling', () => {
    const { x, y } = run('x * max(floor(7 / 2), 1) + round_up(d, 4) + ceil(d / 4) % 2 - pow(2, 3)');
    expectAt([B, T, D], y, (...i) => x(...i) * 3 + 8 + 0 - 8);
  });
});

describe('reductions', () => {
  it('sum, min and max over several axes', () => {
    const { x, y } = run(
      'sum(x, axis: [d, t]) + max(x, axis: [t, d]) * min(x, axis: [t, d])',
      '[b]',
    );
    expectAt([B], y, (b) => {
      const all = range(T).flatMap((t) => range(D).map((d) => x(b!, t, d)));
      return sum(all) + Math.max(...all) * Math.min(...all);
    });
  });

  it('softmax sums to one along its axis', () => {
    const { x, y } = run('softmax(x, axis: t)');
    expectAt([B, T, D], y, (b, t, d) => {
      const all = range(T).map((s) => Math.exp(x(b!, s, d!)));
      return all[t!]! / sum(all);
    });
  });

  it('cumsum includes the element itself', () => {
    const { x, y } = run('cumsum(x, axis: t)');
    expectAt([B, T, D], y, (b, t, d) => sum(range(t! + 1).map((s) => x(b!, s, d!))));
  });
});

describe('products', () => {
  it('@ contracts with matrices and with vectors', () => {
    const { x, y, w } = run(
      'weight m: [d, e: 3] = ones  weight v: [e: 3] = ones  let y = x @ m  y @ v + sum(y, axis: e)',
      '[b, t]',
    );
    const mapped = (b: number, t: number, e: number): number =>
      sum(range(D).map((d) => x(b, t, d) * w('m')(d, e)));
    expectAt([B, T], y, (b, t) => sum(range(3).map((e) => mapped(b!, t!, e) * (w('v')(e) + 1))));
  });

  it('@ matches the leading axes of its right side by name', () => {
    const { x, y, w } = run(
      'weight n: [g: 2, k: 3, m: 4] = ones  rearrange(x, "b t (g k) -> b t g k", g: 2) @ n',
      '[b, t, g: 2, m: 4]',
    );
    expectAt([B, T, 2, 4], y, (b, t, g, m) =>
      sum(range(3).map((k) => x(b!, t!, g! * 3 + k) * w('n')(g!, k, m!))),
    );
  });

  it('einsum has one operand or many, and sums what is not in the result', () => {
    const { x, y, w } = run(
      'weight u: [d] = ones  weight v: [e: 3] = ones  einsum("b t d -> t b", x) + rearrange(einsum("b t d, d, e -> b t", x, u, v), "b t -> t b")',
      '[t, b]',
    );
    expectAt([T, B], y, (t, b) =>
      sum(
        range(D).map((d) => x(b!, t!, d) * (1 + w('u')(d) * sum(range(3).map((e) => w('v')(e))))),
      ),
    );
  });

  it('einsum has leading axes under ..', () => {
    const { x, y, w } = run(
      'weight u: [d, e: 2] = ones  einsum(".. d, d e -> .. e", x, u)',
      '[b, t, e: 2]',
    );
    expectAt([B, T, 2], y, (b, t, e) => sum(range(D).map((d) => x(b!, t!, d) * w('u')(d, e!))));
  });
});

describe('views', () => {
  it('rearrange splits, permutes and merges', () => {
    const { x, y } = run('rearrange(x, "b t (h k) -> (b h) k t", h: 2)', '[n: 2 * b, k: 3, t]');
    expectAt([2 * B, 3, T], y, (n, k, t) => x(Math.floor(n! / 2), t!, (n! % 2) * 3 + k!));
  });

  it('slice takes every n-th, to the end by default', () => {
    const { x, y, shape } = run('slice(x, axis: d, start: 1, step: 2)', '[b, t, n: 3]');
    expect(shape).toEqual([B, T, 3]);
    expectAt([B, T, 3], y, (b, t, d) => x(b!, t!, 1 + 2 * d!));
  });

  it('concat joins along an axis', () => {
    const { x, y } = run('concat(x, -x, 2 * x, axis: d)', '[b, t, n: 3 * d]');
    expectAt([B, T, 3 * D], y, (b, t, n) => x(b!, t!, n! % D) * [1, -1, 2][Math.floor(n! / D)]!);
  });

  it('shift moves forward and back, by more than there is too', () => {
    const { x, y } = run(
      'shift(x, axis: t) + 10 * shift(x, axis: t, by: -2) + shift(x, axis: t, by: 9)',
    );
    const moved = (b: number, t: number, d: number): number => (t >= 0 && t < T ? x(b, t, d) : 0);
    expectAt([B, T, D], y, (b, t, d) => moved(b!, t! - 1, d!) + 10 * moved(b!, t! + 2, d!));
  });

  it('depthwise_conv looks back only', () => {
    const { x, y, w } = run('weight taps: [3, d] = ones  depthwise_conv(x, taps, axis: t)');
    expectAt([B, T, D], y, (b, t, d) =>
      sum(range(3).map((i) => (t! - i >= 0 ? x(b!, t! - i, d!) * w('taps')(i, d!) : 0))),
    );
  });

  it('looks rows up by tensors, by numbers, and by several indices', () => {
    const { x, y, w } = run(
      'weight v: [9, d] = ones  weight u: [4, 3] = ones  x + v[iota(t)] + v[2] + u[1, 2]',
    );
    expectAt(
      [B, T, D],
      y,
      (b, t, d) => x(b!, t!, d!) + w('v')(t!, d!) + w('v')(2, d!) + w('u')(1, 2),
    );
  });
});

describe('a mistake', () => {
  it.each([
    ['x + mean(x)', 'BF2032 `mean` needs `axis:` (it is written `mean(x, axis: d)`)'],
    ['softmax(x, axes: d)', 'BF2020 `softmax` has no argument `axes` (did you mean `axis`?)'],
    ['exp(x, x)', 'BF2032 `exp` takes 1 operand, not 2 (it is written `exp(x)`)'],
    ['sum(x, axis: e)', 'BF3002 [b, t, d] has no axis `e` (did you mean `b`?)'],
    ['sum(x, axis: [d, d])', 'BF3002 an axis is named twice'],
    [
      'x + einsum("b t d", x)',
      'BF2035 the pattern needs one `->` (a pattern is written like `"b t d, d h -> b t h"`)',
    ],
    ['einsum("b t d -> b t e", x)', 'BF2035 `e` after `->` is in no operand'],
    ['einsum("b t -> b t", x)', 'BF3004 the pattern gives operand 1 2 axes, but it is [b, t, d]'],
    [
      'rearrange(x, "b t (h k) -> b t h k")',
      'BF2035 the sizes of `h` and `k` are not known (give one of them: `h: ...`)',
    ],
    [
      'rearrange(x, "b t d -> b t")',
      'BF2035 `d` is lost after `->` (`sum` and `mean` remove axes)',
    ],
    ['rearrange(x, "b t d -> b d t", heads: 4)', 'BF2020 the pattern has no `heads`'],
    ['x + iota(d)', 'BF3005 `+` of f32 and i32 (convert one side with `f32(...)` or `i32(...)`)'],
    [
      'x + (x > 0)',
      'BF3005 `+` of f32 and bool (`where(c, a, b)` chooses by a bool; `f32(c)` is 0 or 1)',
    ],
    ['x and x', 'BF3005 `and` does not work on f32 tensors'],
    [
      'where(x, x, x)',
      'BF3005 `where` chooses by a bool, not by a tensor [b, t, d] (compare: `where(x > 0, a, b)`)',
    ],
    [
      'f32(iota(d) * 1.5) + x',
      'BF3005 a number with a point meets an i32 tensor (convert the tensor with `f32(...)`)',
    ],
    ['x * log(0)', 'BF2026 the number is -Infinity, which no f32 holds'],
    ['x * (1 / 0)', 'BF2026 division by zero'],
    ['x @ iota(d)', 'BF3005 `@` works on f32 tensors; this is i32'],
    ['x[0] + x[x]', 'BF3005 an index is i32; this is f32 (convert it with `i32(...)`)'],
    [
      'slice(x, axis: t, start: 1, size: t)',
      'BF3009 the slice reads up to t + 1 along `t`, which is t',
    ],
    ['shift(x, axis: t, by: 0.5)', 'BF2023 `by` must be a whole number known when compiling'],
    [
      'concat(x, sum(x, axis: t), axis: d)',
      'BF3003 `concat` joins [b, t, d] and [b, d]: they must agree except along the axis',
    ],
    [
      'attend(x, x, x)',
      'BF3004 the queries of `attend` have four axes; this is [b, t, d] (queries are [b, h, t, k], keys [b, g, s, k], values [b, g, s, n])',
    ],
    [
      'x + rearrange(x, "b t d -> t b d")',
      'BF3010 the same axes in another order: `rearrange(x, "b t d -> t b d")` is [t, b, d] and `x` is [b, t, d] (put them in one order with `rearrange`)',
    ],
    ['x(x)', 'BF2030 a tensor [b, t, d] cannot be called'],
    ['x + sofmax(x, axis: d)', 'BF2011 nothing is called `sofmax` here (did you mean `softmax`?)'],
    ['x + mean', 'BF2032 `mean` is a function: it must be called'],
    [
      'if x > 0 { x } else { -x }',
      'BF2028 `if` is decided when compiling, but this is known only at run time (`where(condition, a, b)` chooses at run time, element by element)',
    ],
    ['weight w: [t] = ones  x', 'BF3011 `w` would change its shape with t, a size of run time'],
    ['weight w: [d] = normal  x', 'BF2033 `normal` needs `std`'],
    ['weight w: [d] = normal(std: -1)  x', 'BF2033 `std` is -1; it cannot be negative'],
    ['weight w: [d] = zeroes  x', 'BF2033 this is no initialiser (did you mean `zeros`?)'],
    ['weight w: i32[d] = zeros  x', 'BF3005 a weight is f32, not i32'],
  ])('%s', (body, message) => {
    expect(bodyMessages(body)).toContain(message);
  });
});
