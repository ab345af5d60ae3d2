import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateExpr } from '../../compiler/schedule/evaluate-expr.ts';
import { createExprs, type Exprs } from '../../compiler/schedule/expr.ts';
import type { Expr } from '../../compiler/schedule/schedule.ts';
import { add, constant, type Dim, evaluate, mul, symbol } from '../../compiler/shapes/dim.ts';

const b = symbol('b');
const t = symbol('t');
const n = (value: number): Dim => constant(value);

describe('index arithmetic', () => {
  const setUp = (...sizes: Dim[]) => {
    const e = createExprs();
    return { e, vars: sizes.map((size) => e.variable(e.loop(size).var)) };
  };

  test('splitting and joining again gives the variable', () => {
    const { e, vars } = setUp(mul(b, t));
    const [x] = vars as [Expr];
    expect(e.add(e.scale(e.div(x, t), t), e.mod(x, t))).toBe(x);
    const {
      e: f,
      vars: [y],
    } = setUp(n(24)) as { e: Exprs; vars: [Expr] };
    const parts = [
      f.scale(f.div(y, n(12)), n(12)),
      f.scale(f.mod(f.div(y, n(4)), n(3)), n(4)),
      f.mod(y, n(4)),
    ];
    expect(parts.reduce(f.add)).toBe(y);
  });

  test('joining and splitting gives the parts, also with symbolic sizes', () => {
    const { e, vars } = setUp(b, t, n(64));
    const [i, j, k] = vars as [Expr, Expr, Expr];
    const flat = e.add(e.scale(e.add(e.scale(i, t), j), n(64)), k);
    expect(e.div(flat, n(64))).toBe(e.add(e.scale(i, t), j));
    expect(e.mod(flat, n(64))).toBe(k);
    expect(e.div(flat, mul(t, n(64)))).toBe(i);
    expect(e.mod(e.div(flat, n(64)), t)).toBe(j);
    expect(e.div(flat, n(8))).toBe(e.add(e.scale(e.add(e.scale(i, t), j), n(8)), e.div(k, n(8))));
  });

  test('heads that are merged and divided differently leave no remainder of the finer part', () => {
    const { e, vars } = setUp(n(6), n(64));
    const [h, k] = vars as [Expr, Expr];
    const flat = e.add(e.scale(h, n(64)), k);
    expect(e.div(flat, n(128))).toBe(e.div(h, n(2)));
  });

  test('a variable of size one is zero', () => {
    const { e, vars } = setUp(n(1));
    expect(vars[0]).toBe(e.constant(0, 'u32'));
  });

  test('comparisons that the ranges decide are constants', () => {
    const { e, vars } = setUp(t, n(8));
    const [i, j] = vars as [Expr, Expr];
    expect(e.binary('lt', i, e.size(t))).toBe(e.constant(1, 'bool'));
    expect(e.binary('lt', e.add(i, e.size(t)), e.size(t))).toBe(e.constant(0, 'bool'));
    expect(e.binary('lt', j, e.constant(7, 'u32')).kind).toBe('binary');
  });

  test('a look-up by a loop variable is not clamped, one by data is', () => {
    const { e, vars } = setUp(t);
    const [i] = vars as [Expr];
    expect(e.clamp(e.cast(i, 'i32'), add(t, n(3)))).toBe(i);
    const data = e.load({ kind: 'input', name: 'tokens' }, i, 'i32');
    const at = e.clamp(data, n(10));
    const value = (token: number) =>
      evaluateExpr(at, { vars: [0], sizes: { t: 1 }, load: () => token });
    expect([-3, 4, 99].map(value)).toEqual([0, 4, 9]);
    expect(e.div(e.add(e.scale(at, n(4)), e.mod(i, n(4))), n(4))).toBe(at);
  });

  test('equal expressions are one object', () => {
    const { e, vars } = setUp(t, n(8));
    const [i, j] = vars as [Expr, Expr];
    expect(e.add(e.scale(i, n(8)), j)).toBe(e.add(j, e.scale(i, n(8))));
    expect(e.sub(e.add(i, j), j)).toBe(i);
  });
});

// A random index computation, kept as a plain function beside the expression, so that each checks the other.
interface Twin {
  readonly expr: Expr;
  readonly value: (vars: readonly number[]) => number;
}

describe('simplification', () => {
  test('never changes a value, at any point of the loops', () => {
    const sizes: Dim[] = [b, t, n(6), mul(b, t), n(4), mul(t, n(6)), add(t, n(2))];
    const divisors: Dim[] = [n(2), n(3), n(4), n(6), n(12), t, b, mul(t, n(6)), mul(b, t), n(24)];
    let simplified = 0;
    fc.assert(
      fc.property(
        fc.record({
          sizes: fc.array(fc.nat(sizes.length - 1), { minLength: 3, maxLength: 4 }),
          steps: fc.array(
            fc.record({ op: fc.nat(5), x: fc.nat(1000), y: fc.nat(1000), by: fc.nat(1000) }),
            { minLength: 2, maxLength: 10 },
          ),
          b: fc.integer({ min: 1, max: 3 }),
          t: fc.integer({ min: 1, max: 4 }),
        }),
        (c) => {
          const at = { b: c.b, t: c.t };
          const num = (dim: Dim): number => Number(evaluate(dim, at));
          const e = createExprs();
          const loops = c.sizes.map((s) => e.loop(sizes[s]!));
          const pool: Twin[] = loops.map((loop) => ({
            expr: e.variable(loop.var),
            value: (vars) => vars[loop.var]!,
          }));
          for (const step of c.steps) {
            const x = pool[step.x % pool.length]!;
            const y = pool[step.y % pool.length]!;
            const by = divisors[step.by % divisors.length]!;
            pool.push(combine(e, step.op, x, y, by, num));
          }
          for (const vars of points(loops.map((loop) => num(loop.size)))) {
            for (const twin of pool) {
              const got = evaluateExpr(twin.expr, { vars, sizes: at });
              const want = twin.value(vars);
              if (want !== got) throw new Error(`${got} instead of ${want} at ${vars}`);
            }
          }
          simplified += pool.filter((twin) => twin.expr.kind === 'var').length - loops.length;
        },
      ),
      { numRuns: 400 },
    );
    expect(simplified).toBeGreaterThan(10);
  });
});

function combine(e: Exprs, op: number, x: Twin, y: Twin, by: Dim, num: (d: Dim) => number): Twin {
  const size = num(by);
  switch (op) {
    case 0:
      return { expr: e.add(x.expr, y.expr), value: (v) => x.value(v) + y.value(v) };
    case 1:
      return { expr: e.scale(x.expr, by), value: (v) => x.value(v) * size };
    case 2:
      return { expr: e.div(x.expr, by), value: (v) => Math.floor(x.value(v) / size) };
    case 3:
      return { expr: e.mod(x.expr, by), value: (v) => x.value(v) % size };
    case 4: {
      // x * size + (y mod size): what flattening two axes gives.
      const inner = e.mod(y.expr, by);
      return {
        expr: e.add(e.scale(x.expr, by), inner),
        value: (v) => x.value(v) * size + (y.value(v) % size),
      };
    }
    default: {
      const inRange = e.binary('lt', x.expr, e.size(by));
      return {
        expr: e.select(inRange, x.expr, y.expr),
        value: (v) => (x.value(v) < size ? x.value(v) : y.value(v)),
      };
    }
  }
}

function* points(sizes: readonly number[]): Generator<number[]> {
  const total = sizes.reduce((a, s) => a * s, 1);
  const stride = Math.max(1, Math.floor(total / 60));
  for (let flat = 0; flat < total; flat += stride) {
    let rest = flat;
    yield sizes.map((size) => {
      const v = rest % size;
      rest = Math.floor(rest / size);
      return v;
    });
  }
}
