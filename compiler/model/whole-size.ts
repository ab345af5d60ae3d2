// Where a size or an integer is wanted: the value must be whole, and within limits. Fractions are allowed up to here, so
// that `floor(a / b)` sees the exact quotient.
import { asBigInt, asNumber, atomsOf, type Dim, isWhole } from '../shapes/dim.ts';
import { leastValue } from '../shapes/least-value.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { LIMITS } from './limits.ts';
import { mistake } from './mistake.ts';
import { rationalOf } from './sizes.ts';
import { textAt } from './span-text.ts';
import { type Division, describe, type SizeValue, type Value } from './value.ts';

/** The size that a value stands for, whole and at least `least`; reported and `undefined` otherwise. */
export function wholeSize(
  env: Env,
  value: Value,
  span: Span,
  what: string,
  least = 1,
): Dim | undefined {
  const size = wholeNumber(env, value, span, what);
  if (!size || isAtLeast(env, size, least)) return size;
  const problem =
    asBigInt(size) === undefined
      ? `which can be less than ${least} at run time`
      : `but must be at least ${least}`;
  mistake(env, 'BF2026', `${what} is ${size.text}, ${problem}`, span);
  return undefined;
}

/** Like `wholeSize`, of any sign. */
export function wholeNumber(env: Env, value: Value, span: Span, what: string): Dim | undefined {
  if (value.kind === 'poison') return undefined;
  if (value.kind !== 'size') {
    mistake(env, 'BF2023', `${what} must be a whole number, not ${describe(value)}`, span);
    return undefined;
  }
  const { size } = value;
  if (!isWhole(size) && !(env.run.isGeneric && !rationalOf(size))) {
    reportFraction(env, value, span, what);
    return undefined;
  }
  const number = asBigInt(size) ?? 0n;
  const most = BigInt(LIMITS.dimension);
  if (number >= -most && number <= most) return size;
  mistake(env, 'BF2045', `${what} is ${number}; the largest is 2^31 - 1`, span);
  return undefined;
}

function reportFraction(env: Env, { size, division }: SizeValue, span: Span, what: string): void {
  const shown = division ? `\`${textAt(division.span)}\`` : what;
  const value = division ? `${division.left.text} / ${division.right.text}` : size.text;
  const message = rationalOf(size)
    ? `${shown} is ${value}, not a whole number`
    : `${shown} is not a whole number for every ${atomsOf(size).join(' and ')}`;
  const place = division &&
    division.span !== span && { span: division.span, message: 'divided here' };
  mistake(env, 'BF2027', message, span, {
    hint: (division && divisorsNear(division)) ?? '`floor(a / b)` and `ceil(a / b)` round',
    related: [...(place ? [place] : []), ...(division?.related ?? [])],
  });
}

/** How far to look for a divisor that would do. */
const REACH = 10_000n;

/** "64 is divisible by 4 and by 8": the nearest divisors below and above the one that was tried. */
function divisorsNear({ left, right }: Division): string | undefined {
  const [whole, tried] = [asBigInt(left), asBigInt(right)];
  if (whole === undefined || tried === undefined || whole < 1n || tried < 2n || tried > whole)
    return undefined;
  const divides = (by: bigint): boolean => whole % by === 0n;
  let [below, above] = [tried - 1n, tried + 1n];
  while (!divides(below) && below > tried - REACH) below--;
  while (!divides(above) && above < tried + REACH) above++;
  const near = [below, above].filter((by) => by > 1n && divides(by));
  return near.length > 0 ? `${whole} is divisible by ${near.join(' and by ')}` : undefined;
}

/**
 * True if the size is sure to reach `least`, whatever the sizes of run time, which start at 1. A generic check knows too
 * little and says yes.
 */
export function isAtLeast(env: Env, size: Dim, least: number): boolean {
  if (env.run.isGeneric) {
    const rational = rationalOf(size);
    return !rational || rational[0] >= BigInt(least) * rational[1];
  }
  const context = env.run.settings.get('context');
  const max = context && asNumber(context.size);
  const limits = new Map(
    atomsOf(size).map((atom) => [
      atom,
      { min: 1, ...(atom === 't' && max !== undefined && { max }) },
    ]),
  );
  const value = leastValue(size, limits);
  return value !== undefined && value >= BigInt(least);
}
