// What a model is to cost at most: the quantities that can be limited, and the numbers with units that limit them. Exact:
// limits are whole numbers, rounded down where a unit leaves a fraction. Measures nothing and reports nothing.
import type { Span } from '../source.ts';

export type Quantity =
  | 'params'
  | 'activated'
  | 'flops'
  | 'flops_per_token'
  | 'memory'
  | 'weights'
  | 'dispatches';

export interface CostLimit {
  readonly quantity: Quantity;
  /** Parameters, FLOPs, bytes or dispatches. */
  readonly atMost: bigint;
  /** As written: `2G`. */
  readonly text: string;
  /** The sizes that were given with it; the others are as small as they can be, `t` the model's context. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly span: Span;
}

export interface QuantityFacts {
  /** What is counted, in the plural. */
  readonly noun: string;
  readonly unit: 'count' | 'bytes';
  /** Whether it depends on the sizes of the run. */
  readonly isSized: boolean;
}

const count = (noun: string, isSized: boolean): QuantityFacts => ({
  noun,
  unit: 'count',
  isSized,
});
const bytes = (isSized: boolean): QuantityFacts => ({ noun: 'bytes', unit: 'bytes', isSized });

export const QUANTITIES: Readonly<Record<Quantity, QuantityFacts>> = {
  params: count('parameters', false),
  activated: count('parameters', true),
  flops: count('FLOPs', true),
  flops_per_token: count('FLOPs', true),
  memory: bytes(true),
  weights: bytes(false),
  dispatches: count('dispatches', false),
};

export const isQuantity = (text: string): text is Quantity => Object.hasOwn(QUANTITIES, text);

const THOUSANDS: Readonly<Record<string, bigint>> = {
  K: 1000n,
  M: 1000n ** 2n,
  G: 1000n ** 3n,
  T: 1000n ** 4n,
};
const BYTES: Readonly<Record<string, bigint>> = {
  KB: 1000n,
  MB: 1000n ** 2n,
  GB: 1000n ** 3n,
  TB: 1000n ** 4n,
  KiB: 1024n,
  MiB: 1024n ** 2n,
  GiB: 1024n ** 3n,
  TiB: 1024n ** 4n,
};
/** What others write, and what it is here. */
const MEANT: Readonly<Record<string, string>> = {
  k: 'K',
  m: 'M',
  g: 'G',
  t: 'T',
  B: 'G',
  b: 'G',
  Ki: 'KiB',
  Mi: 'MiB',
  Gi: 'GiB',
  Ti: 'TiB',
};

/** A limit, or what is wrong with its text. */
export type ReadQuantity =
  | { readonly kind: 'quantity'; readonly value: bigint }
  | { readonly kind: 'wrong'; readonly message: string; readonly hint: string };

const wrong = (message: string, hint: string): ReadQuantity => ({ kind: 'wrong', message, hint });

const TEXT = /^(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*))?(?:[eE]\+?(\d{1,2}))?([A-Za-z]*)$/;

/** `100M`, `1.5e9`, `4GiB`, `2_000` of a quantity. */
export function readQuantity(text: string, quantity: Quantity): ReadQuantity {
  const { unit, noun } = QUANTITIES[quantity];
  const match = TEXT.exec(text);
  const example = unit === 'bytes' ? '`512MiB` or `4GiB`' : '`2_000_000`, `100M` or `2G`';
  if (!match) return wrong(`\`${text}\` is no limit`, `for example ${example}`);
  const [, whole = '', fraction = '', exponent = '0', name = ''] = match;
  const factor = name === '' ? 1n : (THOUSANDS[name] ?? BYTES[name]);
  if (factor === undefined || (unit === 'count' && Object.hasOwn(BYTES, name))) {
    const known = unit === 'bytes' ? 'KiB, MiB, GiB, TiB, and KB, MB, GB, TB' : 'K, M, G and T';
    const meant = MEANT[name];
    const value = text.slice(0, text.length - name.length);
    return wrong(
      factor === undefined
        ? `\`${name}\` is no unit of ${noun}`
        : `\`${quantity}\` counts ${noun}, and \`${name}\` is a unit of bytes`,
      meant !== undefined && factor === undefined
        ? `write \`${value}${meant}\`; the units are ${known}`
        : `the units are ${known}`,
    );
  }
  const digits = BigInt((whole + fraction).replaceAll('_', ''));
  const places = BigInt(fraction.replaceAll('_', '').length);
  return {
    kind: 'quantity',
    value: (digits * 10n ** BigInt(exponent) * factor) / 10n ** places,
  };
}
