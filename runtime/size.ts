// Evaluates the manifest's symbolic sizes (sums of rational multiples of powers) exactly, at given symbol values.
// Knows nothing of buffers; whoever asks says what the size is for.
import { InputError, LimitError, ManifestError } from './errors.ts';
import type { Size } from './manifest.ts';

/** The level of the repeat whose turn is called so in a size: 0 for `{0}`, the outermost. */
export function turnLevel(name: string): number | undefined {
  const level = /^\{(\d+)\}$/.exec(name)?.[1];
  return level === undefined ? undefined : Number(level);
}

/** The turns of the repeats around a step, outermost first, beside the symbols. */
export const withTurns = (symbols: SymbolValues, turns: readonly number[]): SymbolValues =>
  turns.length === 0
    ? symbols
    : new Map([...symbols, ...turns.map((turn, level) => [`{${level}}`, turn] as const)]);

/** Sizes of run time by name: `b`, `t`. */
export type SymbolValues = ReadonlyMap<string, number>;

/** `4*b*t + 1`, for messages. */
export function sizeText(size: Size): string {
  const terms = size.map(({ num, den, powers }) => {
    const factors = powers.map(([name, power]) => (power === 1 ? name : `${name}^${power}`));
    const scale = den === 1 ? String(num) : `${num}/${den}`;
    return (num === 1 && den === 1 && factors.length > 0 ? factors : [scale, ...factors]).join('*');
  });
  return terms.length === 0 ? '0' : terms.join(' + ').replaceAll('+ -', '- ');
}

const valuesText = (symbols: SymbolValues): string =>
  Array.from(symbols, ([name, value]) => `${name} = ${value}`).join(', ');

/**
 * The size as a whole number, 0 or more and below 2^53. Throws `InputError` where it is not whole or negative at these
 * values, `LimitError` where it is too large, `ManifestError` where a symbol is unknown.
 */
export function evaluateSize(size: Size, symbols: SymbolValues): number {
  const [num, den] = evaluateQuotient(size, symbols);
  if (num % den !== 0n)
    throw new InputError(`${sizeText(size)} is not a whole number${where(symbols)}.`);
  return limited(num / den, size, symbols);
}

/** The symbols' values with those of the manifest's rounded quotients. Throws like `evaluateSize`. */
export function withRounded(
  rounded: readonly { readonly name: string; readonly quotient: Size }[],
  symbols: SymbolValues,
): SymbolValues {
  const all = new Map(symbols);
  for (const { name, quotient } of rounded) {
    const [num, den] = evaluateQuotient(quotient, all);
    const up = num / den + (num % den > 0n ? 1n : 0n);
    all.set(name, limited(up, quotient, all));
  }
  return all;
}

/** An exact fraction with a positive denominator. */
function evaluateQuotient(size: Size, symbols: SymbolValues): readonly [num: bigint, den: bigint] {
  let num = 0n;
  let den = 1n;
  for (const term of size) {
    let over = BigInt(term.num);
    let under = BigInt(term.den);
    for (const [name, power] of term.powers) {
      const value = symbols.get(name);
      if (value === undefined) throw new ManifestError(`A size uses the unknown symbol ${name}.`);
      const factor = BigInt(value) ** BigInt(Math.abs(power));
      if (power > 0) over *= factor;
      else under *= factor;
    }
    if (under === 0n) throw new InputError(`${sizeText(size)} divides by zero.`);
    num = num * under + over * den;
    den *= under;
  }
  return [num, den];
}

function limited(value: bigint, size: Size, symbols: SymbolValues): number {
  if (value < 0n) throw new InputError(`${sizeText(size)} is negative${where(symbols)}.`);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new LimitError(`${sizeText(size)} exceeds 2^53${where(symbols)}.`);
  return Number(value);
}

const where = (symbols: SymbolValues): string =>
  symbols.size > 0 ? ` for ${valuesText(symbols)}` : '';

/** The symbol of a size of the form `num/den * symbol`, with that factor; `undefined` for any other form. */
export function soleSymbol(size: Size): { name: string; num: number; den: number } | undefined {
  const [term, ...more] = size;
  if (!term || more.length > 0 || term.powers.length !== 1) return undefined;
  const [name, power] = term.powers[0]!;
  return power === 1 && term.num > 0 ? { name, num: term.num, den: term.den } : undefined;
}
