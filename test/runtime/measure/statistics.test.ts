// Medians with their spread, and the step of a device's clock.
import { describe, expect, it } from 'vitest';
import { median, summarize } from '../../../runtime/measure/statistics.ts';
import { nanoseconds, type PassTimes, resolutionOf } from '../../../runtime/measure/timestamps.ts';

describe('summarize', () => {
  it('gives the one in the middle, or the mean of the two', () => {
    expect(summarize([3, 1, 10])).toEqual({ median: 3, least: 1, most: 10 });
    expect(summarize([4, 1, 2, 10])).toEqual({ median: 3, least: 1, most: 10 });
    expect(median([7])).toBe(7);
  });

  it('leaves the values as they are', () => {
    const values = [3, 1, 2];
    summarize(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

const pass = (begin: bigint, end: bigint): PassTimes => ({ begin, end });

describe('the times of passes', () => {
  it('are differences, and none where the clock ran backwards', () => {
    expect(nanoseconds(pass(2n ** 63n, 2n ** 63n + 1500n))).toBe(1500);
    expect(nanoseconds(pass(10n, 3n))).toBe(0);
  });

  it('show the step of the clock, wherever it began', () => {
    const coarse = [pass(7n, 7n + 65536n), pass(7n + 3n * 65536n, 7n + 8n * 65536n)];
    expect(resolutionOf(coarse)).toBe(65536);
    expect(resolutionOf([...coarse, pass(7n, 8n)])).toBe(1);
    expect(resolutionOf([pass(5n, 5n)])).toBe(0);
  });
});
