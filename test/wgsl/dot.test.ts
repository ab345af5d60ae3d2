// Kernels for products: every tile, tails in m, n and k, operands in either order, groups and several products of one group.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeGpu, gpuDevice, gpuTarget } from '../support/gpu.ts';
import { expectRight } from './expect-region.ts';
import { type DotOptions, dot } from './regions.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

/** Rows, depth, and the rest: sizes of 1, primes, one less and one more than tiles of 8, 32 and 64 rows. */
const CASES: readonly (readonly [string, number, number, DotOptions])[] = [
  ['one by one', 1, 1, { widths: [1] }],
  ['a single row', 1, 8, { widths: [12] }],
  ['a single step', 9, 1, { widths: [4] }],
  ['primes, one row a thread', 13, 7, { widths: [5] }],
  ['primes, four rows a thread', 31, 37, { widths: [41] }],
  ['whole tiles', 64, 64, { widths: [32] }],
  ['one row too many for a tile', 33, 32, { widths: [36] }],
  ['eight rows a thread, tails in rows', 129, 256, { widths: [260] }],
  ['eight rows a thread, tails everywhere', 65, 257, { widths: [259] }],
  ['a transposed table', 17, 40, { widths: [50], transposed: true }],
  ['a transposed table with tails', 17, 43, { widths: [33], transposed: true }],
  ['a transposed left operand', 18, 36, { widths: [32], leftTransposed: true }],
  ['scales and a bias', 19, 36, { widths: [40], fused: true }],
  ['scales and a bias with tails', 19, 37, { widths: [41], fused: true, batch: 2 }],
  ['gate and up', 20, 40, { widths: [32], products: 2 }],
  ['query, key and value', 21, 40, { widths: [64, 32, 32], fused: true }],
  ['three groups, two of them odd', 6, 24, { widths: [5, 4, 33] }],
  ['groups of odd widths', 6, 24, { widths: [5, 7] }],
  ['a batch', 7, 16, { widths: [8], batch: 3 }],
  ['rows scaled by their norm', 19, 36, { widths: [40, 12], rowSums: true }],
  ['rows scaled by their norm, with tails', 37, 31, { widths: [33], rowSums: true, fused: true }],
  ['gate and up of rows with a norm', 5, 40, { widths: [32], products: 2, rowSums: true }],
];

describe.each([false, true])('rows known at run time: %s', (symbolic) => {
  test.each(CASES)('%s', async (_name, rows, depth, options) => {
    await expectRight(dot(rows, depth, { ...options, symbolic }));
  });
  test.each(CASES)('written for this device: %s', async (_name, rows, depth, options) => {
    await expectRight(dot(rows, depth, { ...options, symbolic }), { target: await gpuTarget() });
  });
});

test('more tiles than a grid row holds', async () => {
  await expectRight(dot(8 * 65_536 + 9, 1, { widths: [1], symbolic: true }));
});

test.each([
  { rows: 2, vectors: 2, across: 4, down: 16 },
  { rows: 8, vectors: 1, across: 16, down: 4 },
  { rows: 3, vectors: 3, across: 5, down: 7 },
])('tiles of other sizes: $rows x $vectors, $across x $down', async (tile) => {
  for (const width of [100, 101])
    await expectRight(dot(45, 22, { widths: [width, 8], fused: true }), { dotTile: () => tile });
});

test.each([
  { rows: 8, vectors: 1 },
  { rows: 11, vectors: 2 },
  { rows: 16, vectors: 1 },
])('rows that a subgroup hands on: $rows x $vectors', async ({ rows, vectors }) => {
  const { subgroupSize } = await gpuTarget();
  expect(subgroupSize, 'the tests need an adapter whose subgroups have one size').toBeDefined();
  const tile = { rows, vectors, across: subgroupSize!, down: 1, handsOn: true };
  for (const width of [100, 101])
    await expectRight(dot(45, 22, { widths: [width, 8], fused: true }), { dotTile: () => tile });
});

test('layers of equal shape share a kernel, wherever their weights are', () => {
  const built = dot(5, 8, { widths: [8, 8], symbolic: true });
  const [first, second] = built.region.groups.map((group) => {
    const { kernel, params } = built.test.dispatch({ ...built.region, groups: [group] });
    return { text: kernel.text, params: params.map(({ text }) => text) };
  });
  expect(second!.text).toBe(first!.text);
  expect(second!.params).not.toEqual(first!.params);
});

test('what does not change in the inner loop stands before it', () => {
  const { test: own, region } = dot(5, 32, { widths: [32], fused: true });
  const { text } = own.dispatch(region).kernel;
  const loop = text.slice(text.indexOf('for (var k'), text.indexOf('var sum0 = array'));
  // Four rows and the scale of steps on the left, four steps on the right; the scale of rows is read before.
  expect(loop.match(/src\d+\[/g)).toHaveLength(4 + 1 + 4);
});

test('groups that differ in numbers alone have one inner loop', () => {
  const { test: own, region } = dot(5, 8, { widths: [64, 32, 32] });
  expect(own.dispatch(region).kernel.text.match(/k \+= 4u/g)).toHaveLength(1);
});
