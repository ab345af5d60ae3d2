import { expect, it } from 'vitest';
// @ts-expect-error: the benchmarks are plain JavaScript
import { groupByExpert } from '../../bench/peers/group-by-expert.mjs';

it('puts the rows of each expert next to each other, and knows where each token’s are', () => {
  // Three tokens, four experts, two a token; of equal scores the lower number. First choices are placed first.
  const scores = Float32Array.of(...[0, 2, 1, 0], ...[3, 3, 0, 3], ...[0, Math.log(3), 0, -1]);
  const { rows, starts, places, gates } = groupByExpert(scores, 3, 4, 2);
  expect([...starts]).toEqual([0, 2, 5, 6, 6]);
  expect([...rows]).toEqual([1, 2, 0, 2, 1, 0]);
  expect(places.map((of: Int32Array) => [...of])).toEqual([
    [2, 0, 3],
    [5, 4, 1],
  ]);
  const [first, second] = gates as [Float32Array, Float32Array];
  expect(first[1]).toBe(0.5);
  expect(first[2]).toBeCloseTo(0.75);
  expect(first[0]! + second[0]!).toBeCloseTo(1);
});
