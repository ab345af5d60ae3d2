// Kernels that choose, sort and group: tails of rows, columns and tiles, and operands that keep no promise, which must
// neither hang a kernel nor let it touch what is not its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { expectRight } from './expect-region.ts';
import { group, ragged, segmentSum, topK } from './grouped-regions.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

const STARTS: readonly (readonly [string, readonly number[]])[] = [
  ['as they should be', [0, 1, 34, 34, 60, 67]],
  ['with rows of none', [0, 0, 3, 3, 40]],
  ['in one part', [0, 70]],
  ['with more parts than rows', Array.from({ length: 100 }, (_, part) => Math.min(part, 70))],
  ['beginning late', [20, 30, 70]],
  ['falling', [0, 50, 20, 60, 10, 65]],
  ['far outside', [-(2 ** 31), 2 ** 31 - 1, -5, 1e9]],
];

describe.each(STARTS)('parts %s', (_name, starts) => {
  test.each([
    [4, 4],
    [37, 41],
    [64, 96],
  ])('multiplied, %i by %i', async (...sizes) => {
    await expectRight(ragged(70, sizes, starts));
  });

  test.each([7, 8])('added up, %i columns', async (columns) => {
    await expectRight(segmentSum(70, columns, starts));
  });
});

test.each([
  [1, 1],
  [63, 4],
  [64, 64],
  [65, 3],
  [1000, 5],
])('%i rows sorted into %i groups, keys of all kinds', async (rows, groups) => {
  const keys = Array.from({ length: rows }, (_, row) => ((row * 7919) % (groups + 3)) - 1);
  keys[rows >> 1] = -(2 ** 31);
  keys[rows - 1] = 2 ** 31 - 1;
  await expectRight(group(keys, groups));
});

test.each([
  [1, 1, 1],
  [65, 5, 2],
  [3, 512, 16],
  [3, 513, 16],
  [2, 40, 17],
  [2, 1100, 1100],
])('of %i rows of %i columns the %i largest', async (...sizes) => {
  await expectRight(topK(...sizes));
});

test('each element is read once where a few of a short row are chosen', () => {
  const { test: own, region } = topK(65, 5, 2);
  expect(own.dispatch(region).kernel.text.match(/src\d+\[/g)).toHaveLength(1);
});
