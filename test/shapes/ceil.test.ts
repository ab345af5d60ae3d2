// Quotients of run-time sizes, rounded up: one form, exact values, sound bounds, the same in the runtime.
import { describe, expect, it } from 'vitest';
import { roundedSizes, sizeOfDim } from '../../compiler/bundle/size-of-dim.ts';
import {
  add,
  atomsOf,
  ceil,
  constant,
  type Dim,
  div,
  evaluate,
  isWhole,
  mul,
  sub,
  substitute,
  symbol,
} from '../../compiler/shapes/dim.ts';
import { leastValue } from '../../compiler/shapes/least-value.ts';
import { evaluateSize, withRounded } from '../../runtime/size.ts';

const [b, t] = [symbol('b'), symbol('t')];
const over = (a: Dim, n: number): Dim => div(a, constant(n))!;

describe('a quotient that is rounded up', () => {
  it('is a number where all is known, and stays as it is where it is whole', () => {
    expect(ceil(over(constant(7), 2)).text).toBe('4');
    expect(ceil(over(constant(-7), 2)).text).toBe('-3');
    expect(ceil(mul(b, t)).text).toBe('b*t');
  });

  it('keeps apart what is whole for all sizes', () => {
    expect(ceil(add(b, over(t, 4))).text).toBe('b + ceil(t/4)');
    expect(isWhole(ceil(over(mul(b, t), 32)))).toBe(true);
  });

  it('is one size however it was made', () => {
    const a = ceil(over(mul(constant(2), mul(b, t)), 64));
    expect(sub(a, ceil(over(mul(t, b), 32))).text).toBe('0');
  });

  it('knows its symbols, is substituted and evaluated, also inside of another', () => {
    const size = ceil(over(mul(constant(5), ceil(over(mul(b, t), 32))), 4));
    expect(atomsOf(size)).toEqual(['b', 't']);
    expect(evaluate(size, { b: 3, t: 11 })).toBe(3n);
    expect(substitute(size, new Map([['b', constant(32)]])).text).toBe('ceil(5*t/4)');
  });

  it('has bounds from those of its symbols', () => {
    const size = ceil(over(mul(b, t), 32));
    expect(
      leastValue(
        size,
        new Map([
          ['b', { min: 1 }],
          ['t', { min: 33 }],
        ]),
      ),
    ).toBe(2n);
    const rest = sub(constant(10), size);
    const limits = new Map([
      ['b', { min: 1, max: 4 }],
      ['t', { min: 1, max: 64 }],
    ]);
    expect(leastValue(rest, limits)).toBe(2n);
  });

  it('is the same in the runtime', () => {
    const symbols = [{ name: 'b' }, { name: 't' }];
    const inner = ceil(over(mul(b, t), 32));
    const size = add(mul(inner, constant(3)), ceil(over(inner, 7)));
    const rounded = roundedSizes([size], symbols);
    for (const values of [
      { b: 1, t: 1 },
      { b: 5, t: 129 },
    ]) {
      const known = withRounded(rounded, new Map(Object.entries(values)));
      const expected = Number(evaluate(size, values));
      expect(evaluateSize(sizeOfDim(size, symbols), known)).toBe(expected);
    }
  });
});
