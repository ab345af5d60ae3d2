// Kernels for independent points: views that leave their buffers, every function at its extremes, more rows than a grid row holds.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UnaryFn } from '../../compiler/ops/op.ts';
import { constant } from '../../compiler/shapes/dim.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { expectRight } from './expect-region.ts';
import { regionCase } from './region-case.ts';
import { mapOver } from './regions.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

// Four columns at a time, one at a time, a single one.
const WIDTHS = [8, 7, 1];

describe.each(WIDTHS)('of %i columns', (columns) => {
  test('a chain of functions comes out right', async () => {
    await expectRight(
      mapOver(5, columns, (e, x, at) =>
        e.binary('mul', x(at), e.unary('erf', e.unary('neg', x(at)))),
      ),
    );
  });

  test('elements shifted in from outside are zero', async () => {
    await expectRight(
      mapOver(5, columns, (e, x, at, _i, j) => {
        const inside = e.binary('le', e.constant(1, 'u32'), j);
        return e.select(inside, x(e.sub(at, e.constant(1, 'u32'))), e.constant(0, 'f32'));
      }),
    );
  });

  test('one column of many is taken from a shorter tensor', async () => {
    await expectRight(
      mapOver(5, columns, (e, x, _at, i, j) => {
        const here = e.binary('eq', j, e.constant(Math.min(1, columns - 1), 'u32'));
        return e.select(here, x(i), e.constant(0, 'f32'));
      }),
    );
  });

  test('the halves of a row change places, one of them negated', async () => {
    const half = Math.floor(columns / 2);
    await expectRight(
      mapOver(3, columns, (e, x, at, _i, j) => {
        const by = e.constant(half, 'u32');
        const other = e.constant(columns - half, 'u32');
        return e.select(
          e.binary('lt', j, other),
          x(e.add(at, by)),
          e.unary('neg', x(e.sub(at, other))),
        );
      }),
    );
  });

  test('a transposed table is read down its columns', async () => {
    await expectRight(
      mapOver(6, columns, (e, x, _at, i, j) => x(e.add(e.scale(j, constant(6)), i))),
    );
  });

  test('whole numbers divide downwards, also negative ones', async () => {
    await expectRight(
      mapOver(4, columns, (e, _x, at) => {
        const n = e.binary('sub', e.cast(at, 'i32'), e.constant(9, 'i32'));
        const quotient = e.binary('div', n, e.constant(-4, 'i32'));
        const rest = e.binary('mod', n, e.constant(-4, 'i32'));
        return e.binary('add', e.binary('mul', quotient, e.constant(100, 'i32')), rest);
      }),
    );
  });

  test('conditions are stored as 0 and 1', async () => {
    await expectRight(
      mapOver(4, columns, (e, x, at) => {
        const small = e.binary('lt', x(at), e.constant(0.5, 'f32'));
        const negative = e.unary('not', e.binary('le', e.constant(-0.5, 'f32'), x(at)));
        return e.binary('and', small, e.unary('not', negative));
      }),
    );
  });
});

test('more rows than a grid row holds are all computed', async () => {
  await expectRight(mapOver(65_536 * 64 + 1, 1, (e, x, at) => e.unary('neg', x(at))));
});

describe('functions at their extremes', () => {
  const POINTS = [
    0, 1e-6, 0.3, 0.625, 0.93, 1, 3.9, 4, 9.9, 12, 13, 20, 50, 88, 90, 1000, 1e6, 1e30,
  ];
  const BOTH = [...POINTS, ...POINTS.map((x) => -x)];

  async function valuesOf(fn: UnaryFn, points: readonly number[]): Promise<[number[], number[]]> {
    const own = regionCase();
    const e = own.exprs;
    const x = own.input('x', Float32Array.from(points));
    const i = e.loop(constant(points.length));
    const at = e.variable(i.var);
    const target = own.output(points.length);
    const stores = [{ target, at, value: e.unary(fn, e.load(x, at, 'f32')) }];
    const base = { label: 'test', nodes: [], notes: [] };
    const region = { ...base, kind: 'map', loops: [i], stores } as const;
    const results = await own.run(region);
    return [[...results[0]!], [...own.expected(region)[0]!]];
  }

  test.each(['tanh', 'erf', 'sigmoid'] as const)(
    '%s is finite and right everywhere',
    async (fn) => {
      for (const points of [BOTH, BOTH.slice(1)]) {
        const [found, wanted] = await valuesOf(fn, points);
        for (const [at, value] of wanted.entries())
          expect(found[at], `${fn}(${points[at]})`).toBeCloseTo(value, 6);
      }
    },
  );

  test.each(['sin', 'cos'] as const)('%s is right to a few units in the last place', async (fn) => {
    const angles = Array.from({ length: 400 }, (_, at) => at * 10.27 - 2000);
    const [found, wanted] = await valuesOf(fn, angles);
    for (const [at, value] of wanted.entries()) {
      const exact = Math[fn](Math.fround(angles[at]!));
      expect(Math.abs(value - exact)).toBeLessThan(1e-3);
      expect(Math.abs(found[at]! - exact), `${fn}(${angles[at]})`).toBeLessThan(3e-7);
    }
  });

  test('exp of a very negative number is zero', async () => {
    const [found] = await valuesOf('exp', [-200, -1e30, -1e38, 0]);
    expect(found).toEqual([0, 0, 0, 1]);
  });
});

test('powers of negative numbers keep their sign', async () => {
  await expectRight(
    mapOver(4, 8, (e, x, at, i) => {
      const exponent = e.cast(e.cast(i, 'i32'), 'f32');
      const base = e.binary('add', x(at), e.constant(-1.5, 'f32'));
      return e.binary(
        'add',
        e.binary('pow', base, exponent),
        e.binary('pow', base, e.constant(3, 'f32')),
      );
    }),
  );
});

test('constants that WGSL would compute and refuse do no harm', async () => {
  await expectRight(
    mapOver(2, 4, (e, x, at) => {
      const huge = e.constant(3e38, 'f32');
      const product = e.binary('mul', huge, e.constant(10, 'f32'));
      const most = e.constant(2147483647, 'i32');
      const wrapped = e.binary('add', most, e.constant(1, 'i32'));
      const strange = e.binary('lt', wrapped, e.constant(-2147483648, 'i32'));
      const both = e.binary('and', strange, e.binary('lt', product, huge));
      return e.select(both, e.constant(Number.NEGATIVE_INFINITY, 'f32'), x(at));
    }),
  );
});
