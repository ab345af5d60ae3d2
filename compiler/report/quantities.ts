// Measured quantities as people read them: three digits and the unit that suits the size.

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** `12.3 GFLOP/s` of 1.23e10 and `FLOP/s`. */
export function withPrefix(value: number, unit: string): string {
  const power = value > 0 ? Math.floor(Math.log10(value) / 3 + 1e-9) : 0;
  const at = Math.min(PREFIXES.length - 1, Math.max(0, power));
  return `${threeDigits(value / 1000 ** at)} ${PREFIXES[at]}${unit}`;
}

/** `1.23 ms`, `45.6 µs`, `7.89 s` of milliseconds, which may be negative. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 1000) return `${threeDigits(ms / 1000)} s`;
  if (size >= 1 || size === 0) return `${threeDigits(ms)} ms`;
  return size >= 1e-3 ? `${threeDigits(1e3 * ms)} µs` : `${threeDigits(1e6 * ms)} ns`;
}

/** Without a power of ten; numbers over a thousand keep all their digits before the point. */
export function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const decimals = Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return value.toFixed(decimals);
}

/** `1.234 G` without the space: four digits of a count, exact below 10,000. */
export function compact(value: bigint | number): string {
  const number = Number(value);
  if (Math.abs(number) < 10_000) return String(Number(number.toFixed(2)));
  const power = Math.min(PREFIXES.length - 1, Math.floor(Math.log10(Math.abs(number)) / 3 + 1e-9));
  return `${fourDigits(number / 1000 ** power)}${PREFIXES[power]}`;
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.234 MiB`: four digits, exact below a KiB. */
export function byteText(value: bigint | number): string {
  const number = Number(value);
  const power =
    number < 1024 ? 0 : Math.min(BINARY.length - 1, Math.floor(Math.log2(number) / 10 + 1e-12));
  return `${power === 0 ? number : fourDigits(number / 1024 ** power)} ${BINARY[power]}`;
}

function fourDigits(value: number): string {
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, 4 - whole));
}

/** `1,234,567`. */
export function grouped(value: bigint | number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12.3 %` of a share of 1. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
