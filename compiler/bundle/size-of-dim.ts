// Symbolic sizes, from the compiler's form to the manifest's.
import type { Size } from '../../runtime/manifest.ts';
import { invariant } from '../invariant.ts';
import { atomsOf, type Dim } from '../shapes/dim.ts';

/** The size in the manifest's form. All its atoms must be among the given symbols. */
export function sizeOfDim(dim: Dim, symbols: readonly { readonly name: string }[]): Size {
  for (const atom of atomsOf(dim))
    invariant(
      symbols.some(({ name }) => name === atom),
      'bundle',
      `the size ${dim.text} depends on ${atom}, which is not bound at run time`,
    );
  return dim.terms.map(({ num, den, powers }) => ({
    num: exact(num, dim),
    den: exact(den, dim),
    powers: powers.map(([atom, power]) => [atom, power]),
  }));
}

function exact(value: bigint, dim: Dim): number {
  const number = Number(value);
  invariant(Number.isSafeInteger(number), 'bundle', `the size ${dim.text} exceeds 2^53`);
  return number;
}
