// The attention kernel: tails in queries, keys and widths, shared key heads, masks that keep nothing, intervals of keys.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeGpu, gpuDevice, gpuTarget } from '../support/gpu.ts';
import { expectRight, worstError } from './expect-region.ts';
import { type AttendOptions, attend } from './regions.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

const CASES: readonly (readonly [string, AttendOptions])[] = [
  ['one query and key', { queries: 1, depth: 4, width: 4 }],
  ['odd widths', { queries: 7, depth: 3, width: 5 }],
  ['a tile and one more', { queries: 33, depth: 20, width: 20 }],
  ['causal', { queries: 40, depth: 8, width: 8, causal: true }],
  ['causal at run time', { queries: 65, depth: 32, width: 36, causal: true, symbolic: true }],
  ['a window', { queries: 70, depth: 8, width: 8, causal: true, window: 5 }],
  ['queries with no key', { queries: 9, depth: 8, width: 8, masked: true }],
  ['capped scores with a bias', { queries: 40, depth: 8, width: 8, scored: true, causal: true }],
  ['shared key heads', { queries: 12, depth: 8, width: 8, heads: 6, shared: 3, batch: 2 }],
  ['more keys than queries', { queries: 3, keys: 75, depth: 12, width: 7, symbolic: true }],
  ['eight rows a thread', { queries: 70, depth: 64, width: 64, causal: true }],
  ['heads of 256', { heads: 1, queries: 5, keys: 40, depth: 256, width: 256 }],
  [
    'everything at once',
    {
      queries: 45,
      depth: 9,
      width: 34,
      causal: true,
      window: 30,
      masked: true,
      scored: true,
      symbolic: true,
    },
  ],
];

test.each(CASES)('%s', async (_name, options) => {
  await expectRight(attend(options));
});

test.each(CASES)('written for this device: %s', async (_name, options) => {
  await expectRight(attend(options), { target: await gpuTarget() });
});

test('a query that keeps no key gives zeros', async () => {
  const { test: own, region } = attend({ heads: 1, queries: 5, depth: 4, width: 4, masked: true });
  for (const target of [undefined, await gpuTarget()]) {
    const [result] = await own.run(region, { ...(target && { target }) });
    expect([...result!.slice(0, 12)]).toEqual(new Array(12).fill(0));
    expect(result!.slice(12).every((x) => x !== 0)).toBe(true);
  }
});

test('scores in the thousands overflow nothing', async () => {
  const built = attend({ queries: 40, depth: 8, width: 8, causal: true });
  const region = { ...built.region, scale: 4000 };
  expect(await worstError({ ...built, region })).toBeLessThan(4000);
  const [result] = await built.test.run(region);
  expect(result!.every(Number.isFinite)).toBe(true);
});

test('workgroup memory stays within what every device has', () => {
  for (const [, options] of CASES) {
    const { test: own, region } = attend(options);
    expect(own.dispatch(region).kernel.workgroupBytes).toBeLessThanOrEqual(16384);
  }
});
