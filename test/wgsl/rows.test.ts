// Kernels for reductions and running sums: a thread per row or a workgroup, columns by one or by four, tails, many rows.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { expectRight } from './expect-region.ts';
import { cumsum, middleSum, softmax } from './regions.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

// Up to 64 columns take one thread; above, 64 threads take a row, by four columns where they can.
test.each([1, 7, 63, 64, 65, 67, 256, 257, 516])('softmax over %i columns', async (columns) => {
  await expectRight(softmax(3, columns));
});

test.each([1, 64, 129])('softmax over %i columns known at run time', async (columns) => {
  await expectRight(softmax(5, columns, true));
});

test('more than 65,535 rows in one dispatch', async () => {
  await expectRight(softmax(65_536 + 3, 3));
  await expectRight(softmax(65_536 + 3, 65));
}, 300_000);

test.each([1, 100, 129])('a sum over %i rows that lie a stride apart', async (rows) => {
  const built = middleSum(2, rows, 6);
  await expectRight(built);
  expect(built.test.dispatch(built.region).kernel.text).not.toContain('workgroupBarrier');
});

test.each([1, 64, 65, 128, 1000])('a running sum over %i columns', async (columns) => {
  await expectRight(cumsum(3, columns));
});

test('columns in fours are read as vectors', () => {
  const { test: own, region } = softmax(3, 256);
  expect(own.dispatch(region).kernel.bindings).toContainEqual({ access: 'read', element: 'vec4f' });
});
