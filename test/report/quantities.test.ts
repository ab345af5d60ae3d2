// Measured quantities as text.
import { expect, it } from 'vitest';
import { duration, threeDigits, withPrefix } from '../../compiler/report/quantities.ts';

it('gives rates three digits and the prefix that suits', () => {
  expect(withPrefix(1.234e10, 'FLOP/s')).toBe('12.3 GFLOP/s');
  expect(withPrefix(1e12, 'B/s')).toBe('1.00 TB/s');
  expect(withPrefix(999, 'B/s')).toBe('999 B/s');
  expect(withPrefix(0, 'B/s')).toBe('0 B/s');
  expect(withPrefix(0.5, 'B/s')).toBe('0.500 B/s');
});

it('gives times in the unit that suits', () => {
  expect([12345, 1.5, 0.0456, 0.0000456, 0, -0.25].map(duration)).toEqual([
    '12.3 s',
    '1.50 ms',
    '45.6 µs',
    '45.6 ns',
    '0 ms',
    '-250 µs',
  ]);
});

it('writes no powers of ten', () => {
  expect([123456, 3, 0.00123, 0.0000001].map(threeDigits)).toEqual([
    '123456',
    '3.00',
    '0.00123',
    '0.000000',
  ]);
});
