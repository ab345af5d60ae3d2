// Numbers and types as WGSL spells them. Every literal carries its type, so no text depends on inference.
import { invariant } from '../invariant.ts';
import type { ExprType } from '../schedule/schedule.ts';

export const LARGEST_FLOAT = 3.4028234663852886e38;
const SMALLEST_NORMAL = 1.1754943508222875e-38;

/**
 * Beyond the range of f32 (infinities too) the nearest finite number, since WGSL refuses other literals; subnormal numbers are
 * zero, as drivers may make them so.
 */
export function literal(value: number, dtype: ExprType): string {
  switch (dtype) {
    case 'bool':
      return value === 0 ? 'false' : 'true';
    case 'u32':
      return `${value}u`;
    case 'i32':
      return value === -(2 ** 31) ? '(-2147483647i - 1i)' : `${value}i`;
    case 'f32':
      return floatLiteral(value);
  }
}

/** The shortest decimal that rounds to the same f32. */
function floatLiteral(value: number): string {
  invariant(!Number.isNaN(value), 'wgsl', 'a constant is not a number');
  const float = Math.fround(Math.min(Math.max(value, -LARGEST_FLOAT), LARGEST_FLOAT));
  if (Math.abs(float) < SMALLEST_NORMAL) return '0f';
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float && Math.abs(short) <= LARGEST_FLOAT) return `${short}f`;
  }
  return `${float}f`;
}

const VECTORS: Readonly<Record<ExprType, string>> = {
  f32: 'vec4f',
  i32: 'vec4i',
  u32: 'vec4u',
  bool: 'vec4<bool>',
};

/** The type's name, which is also its constructor. */
export const typeName = (dtype: ExprType, width: 1 | 4): string =>
  width === 1 ? dtype : VECTORS[dtype];

/** How elements lie in storage: bool has no layout of its own. */
export const elementOf = (dtype: ExprType): 'f32' | 'i32' | 'u32' =>
  dtype === 'bool' ? 'u32' : dtype;
