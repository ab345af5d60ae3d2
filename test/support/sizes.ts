// Short ways to write sizes and shapes in tests of the bundle.
import type { Size } from '../../runtime/manifest.ts';

/** A product such as `size(4, 'b', 't')`. */
export const size = (num: number, ...symbols: string[]): Size => [
  { num, den: 1, powers: symbols.map((name) => [name, 1]) },
];
