// Compares what the device makes of a region with float64.
import { expect } from 'vitest';
import type { EmitOptions } from '../../compiler/wgsl/emit-kernels.ts';
import type { Built } from './regions.ts';

const UNIT = 2 ** -24;

/**
 * How far the worst element is off, in units of what may be: for sums of K terms of [-1, 1] (2 sqrt(K) + 8) sqrt(K) u,
 * and at least 32 u of the value, for the functions around it. At most 1 for a correct kernel; NaN is infinitely far.
 */
export async function worstError(
  { test, region, terms }: Built,
  options?: EmitOptions,
): Promise<number> {
  const expected = test.expected(region);
  const results = await test.run(region, options);
  let worst = 0;
  for (const [output, values] of expected.entries())
    for (const [at, value] of values.entries()) {
      const allowed = Math.max(
        (2 * Math.sqrt(terms) + 8) * Math.sqrt(terms) * UNIT,
        32 * UNIT * Math.max(1, Math.abs(value)),
      );
      const error = Math.abs(results[output]![at]! - value) / allowed;
      worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    }
  return worst;
}

export async function expectRight(built: Built, options?: EmitOptions): Promise<void> {
  expect(await worstError(built, options)).toBeLessThan(1);
}
