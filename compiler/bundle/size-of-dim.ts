// Symbolic sizes, from the compiler's form to the manifest's.
import type { Size } from '../../runtime/manifest.ts';
import { invariant } from '../invariant.ts';
import { atomsOf, type Dim, roundedBy } from '../shapes/dim.ts';

/** The quotients that sizes round up, those that others are made of first. */
export function roundedSizes(
  dims: Iterable<Dim>,
  symbols: readonly { readonly name: string }[],
): { name: string; quotient: Size }[] {
  const found = new Map<string, Size>();
  const visit = (dim: Dim): void => {
    for (const { powers } of dim.terms) {
      for (const [name] of powers) {
        const quotient = roundedBy(name);
        if (!quotient || found.has(name)) continue;
        visit(quotient);
        found.set(name, sizeOfDim(quotient, symbols));
      }
    }
  };
  for (const dim of dims) visit(dim);
  return [...found].map(([name, quotient]) => ({ name, quotient }));
}

/** The size in the manifest's form. All its symbols must be among the given ones. */
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
