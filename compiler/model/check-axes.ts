// Whether a tensor may have these axes: not too many, none empty, none too long. Asked wherever axes are made.
import { asBigInt } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { LIMITS } from './limits.ts';
import { mistake } from './mistake.ts';
import type { Axis } from './value.ts';
import { isAtLeast } from './whole-size.ts';

/** False after a diagnostic. */
export function checkAxes(env: Env, axes: readonly Axis[], span: Span): boolean {
  if (axes.length > LIMITS.rank) {
    mistake(env, 'BF3004', `${axes.length} axes; a tensor has at most ${LIMITS.rank}`, span);
    return false;
  }
  for (const { label, size } of axes) {
    if (!isAtLeast(env, size, 1)) {
      const known = asBigInt(size);
      const problem =
        known === undefined ? `be ${size.text}, which can be less than 1` : `be ${known}`;
      mistake(env, 'BF2026', `the size of axis \`${label}\` would ${problem}`, span);
      return false;
    }
    if ((asBigInt(size) ?? 0n) > BigInt(LIMITS.dimension)) {
      mistake(
        env,
        'BF2045',
        `the size of axis \`${label}\` would be ${size.text}; the largest is 2^31 - 1`,
        span,
      );
      return false;
    }
  }
  return true;
}
