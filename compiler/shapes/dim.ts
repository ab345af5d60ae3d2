// Symbolic sizes. A `Dim` is a sum of terms, each an exact rational times powers of atoms:
//   Dim  = Term + Term + ...            4*d,  t + 1,  b*t,  d/heads
//   Term = (num/den) * atom^power ...   powers may be negative: d/heads is d^1 heads^-1
//   Atom = a symbol ("b", "t", a free parameter), or a quotient rounded up ("ceil(5/32*b*t)", see `ceil`)
// The form is canonical, so equality of sizes is equality of their text. Costs are Dims too.
// Does not know where a size came from; names and spans of axes live with the language's tensors.
import { invariant } from '../invariant.ts';

export interface Term {
  readonly num: bigint;
  /** Positive; the fraction is in lowest terms. */
  readonly den: bigint;
  /** Sorted by atom; no power is zero. */
  readonly powers: readonly (readonly [atom: string, power: number])[];
}

export interface Dim {
  readonly terms: readonly Term[];
  /** Canonical text, the identity of the size. */
  readonly text: string;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

function term(num: bigint, den: bigint, powers: Term['powers']): Term {
  const g = gcd(num, den) * (den < 0n ? -1n : 1n);
  return { num: num / g, den: den / g, powers };
}

const keyOf = (t: Term): string => t.powers.map(([atom, power]) => `${atom}^${power}`).join('*');
const degreeOf = (t: Term): number => t.powers.reduce((sum, [, power]) => sum + power, 0);

function termText(t: Term): string {
  const over: string[] = [];
  const under: string[] = [];
  if (t.num !== 1n || !t.powers.some(([, power]) => power > 0)) over.push(String(t.num));
  if (t.den !== 1n) under.push(String(t.den));
  for (const [atom, power] of t.powers) {
    const target = power > 0 ? over : under;
    target.push(Math.abs(power) === 1 ? atom : `${atom}^${Math.abs(power)}`);
  }
  return over.join('*') + under.map((u) => `/${u}`).join('');
}

function make(terms: readonly Term[]): Dim {
  const [only] = terms;
  if (only && terms.length === 1 && only.num !== 0n) return { terms, text: termText(only) };
  const merged = new Map<string, Term>();
  for (const t of terms) {
    const key = keyOf(t);
    const other = merged.get(key);
    merged.set(
      key,
      other ? term(t.num * other.den + other.num * t.den, t.den * other.den, t.powers) : t,
    );
  }
  const sorted = [...merged.entries()]
    .filter(([, t]) => t.num !== 0n)
    .sort(([ka, a], [kb, b]) => degreeOf(b) - degreeOf(a) || (ka < kb ? -1 : 1))
    .map(([, t]) => t);
  let text = sorted.length === 0 ? '0' : '';
  for (const t of sorted) {
    const part = termText(t);
    if (text === '') text = part;
    else text += part.startsWith('-') ? ` - ${part.slice(1)}` : ` + ${part}`;
  }
  return { terms: sorted, text };
}

const smallConstants: Dim[] = [];
const SMALL = 4096;

/** A size known now. */
export function constant(value: number | bigint): Dim {
  // Index arithmetic makes the same few numbers over and over.
  const isSmall = value >= 0 && value < SMALL;
  const known = isSmall ? smallConstants[Number(value)] : undefined;
  const made = known ?? make([term(BigInt(value), 1n, [])]);
  if (isSmall) smallConstants[Number(value)] = made;
  return made;
}

/** A free size, such as `b`, `t`, or a parameter that is not bound yet. */
export function symbol(name: string): Dim {
  return make([term(1n, 1n, [[name, 1]])]);
}

export const ZERO: Dim = constant(0);
export const ONE: Dim = constant(1);

export function add(a: Dim, b: Dim): Dim {
  if (a.terms.length === 0) return b;
  if (b.terms.length === 0) return a;
  return make([...a.terms, ...b.terms]);
}

export function sub(a: Dim, b: Dim): Dim {
  return add(a, scale(b, -1n));
}

function scale(a: Dim, by: bigint): Dim {
  return make(a.terms.map((t) => term(t.num * by, t.den, t.powers)));
}

function mulPowers(a: Term['powers'], b: Term['powers'], sign: 1 | -1): Term['powers'] {
  const powers = new Map(a);
  for (const [atom, power] of b) powers.set(atom, (powers.get(atom) ?? 0) + sign * power);
  return [...powers].filter(([, power]) => power !== 0).sort(([x], [y]) => (x < y ? -1 : 1));
}

export function mul(a: Dim, b: Dim): Dim {
  if (a.text === '1') return b;
  if (b.text === '1') return a;
  const [x, y] = [asBigInt(a), asBigInt(b)];
  if (x !== undefined && y !== undefined) return constant(x * y);
  return make(
    a.terms.flatMap((x) =>
      b.terms.map((y) => term(x.num * y.num, x.den * y.den, mulPowers(x.powers, y.powers, 1))),
    ),
  );
}

/** The product of sizes; one for none. */
export function product(dims: readonly Dim[]): Dim {
  return dims.reduce(mul, ONE);
}

/**
 * The exact quotient. The divisor must be a single term (a number, a symbol, a product); for a sum the
 * quotient is known only if both are multiples of each other, else `undefined`.
 * Whether the result is whole is the caller's question: see `isWhole`.
 */
export function div(a: Dim, b: Dim): Dim | undefined {
  if (b.text === '1') return a;
  const [divisor, ...more] = b.terms;
  if (!divisor) return undefined;
  if (more.length > 0) {
    const first = a.terms[0];
    if (!first) return ZERO;
    const ratio = div(make([first]), make([divisor]));
    return ratio && equal(mul(ratio, b), a) ? ratio : undefined;
  }
  return make(
    a.terms.map((t) =>
      term(t.num * divisor.den, t.den * divisor.num, mulPowers(t.powers, divisor.powers, -1)),
    ),
  );
}

/** The terms of a size as sizes that add up to it. */
export function termsOf(a: Dim): Dim[] {
  return a.terms.length < 2 ? [a] : a.terms.map((t) => make([t]));
}

export function equal(a: Dim, b: Dim): boolean {
  return a.text === b.text;
}

/** The value of a size without symbols, as an exact number; `undefined` if it has symbols or a fraction. */
export function asNumber(a: Dim): number | undefined {
  const value = asBigInt(a);
  if (value === undefined) return undefined;
  invariant(value <= Number.MAX_SAFE_INTEGER, 'shapes', `size ${a.text} exceeds 2^53`);
  return Number(value);
}

/** Like `asNumber`, for sizes and costs of any magnitude. */
export function asBigInt(a: Dim): bigint | undefined {
  if (a.terms.length === 0) return 0n;
  const [only, ...more] = a.terms;
  if (more.length > 0 || only!.powers.length > 0 || only!.den !== 1n) return undefined;
  return only!.num;
}

/** False when the size is a number that is not whole, or has a fraction or a negative power left. */
export function isWhole(a: Dim): boolean {
  return a.terms.every(isWholeTerm);
}

const isWholeTerm = (t: Term): boolean => t.den === 1n && t.powers.every(([, power]) => power > 0);

/** What each atom that is a rounded quotient rounds up. Atoms are text, so the same quotient is the same atom. */
const rounded = new Map<string, Dim>();

/** The exact quotient that an atom rounds up; `undefined` for a symbol. */
export const roundedBy = (atom: string): Dim | undefined => rounded.get(atom);

/** The next whole size. What is whole for all values of the symbols stays as it is, the rest becomes an atom. */
export function ceil(a: Dim): Dim {
  const whole = make(a.terms.filter((t) => isWholeTerm(t)));
  const rest = make(a.terms.filter((t) => !isWholeTerm(t)));
  const [only, ...more] = rest.terms;
  if (!only) return whole;
  if (more.length === 0 && only.powers.length === 0) {
    const up = only.num / only.den + (only.num > 0n ? 1n : 0n);
    return add(whole, constant(up));
  }
  const atom = `ceil(${rest.text})`;
  rounded.set(atom, rest);
  return add(whole, symbol(atom));
}

/** The symbols that the size depends on, also from inside of quotients that are rounded up. */
export function atomsOf(a: Dim): string[] {
  const atoms = a.terms.flatMap((t) => t.powers.map(([atom]) => atom));
  return [
    ...new Set(
      atoms.flatMap((atom) => {
        const inner = rounded.get(atom);
        return inner ? atomsOf(inner) : [atom];
      }),
    ),
  ].sort();
}

/** The size with some atoms replaced; negative powers need a single-term replacement. */
export function substitute(a: Dim, values: ReadonlyMap<string, Dim>): Dim {
  let sum = ZERO;
  for (const t of a.terms) {
    let value: Dim = make([term(t.num, t.den, [])]);
    for (const [atom, power] of t.powers) {
      const factor = values.get(atom) ?? replacedAtom(atom, values);
      for (let i = 0; i < Math.abs(power); i++) {
        const next = power > 0 ? mul(value, factor) : div(value, factor);
        invariant(next, 'shapes', `cannot divide by ${factor.text}`);
        value = next;
      }
    }
    sum = add(sum, value);
  }
  return sum;
}

function replacedAtom(atom: string, values: ReadonlyMap<string, Dim>): Dim {
  const inner = rounded.get(atom);
  return inner ? ceil(substitute(inner, values)) : symbol(atom);
}

/** The size at given symbol values. Throws `InternalError` where a symbol is missing or the result is not whole. */
export function evaluate(a: Dim, values: Readonly<Record<string, number | bigint>>): bigint {
  const bound = new Map(Object.entries(values).map(([name, value]) => [name, constant(value)]));
  const result = asBigInt(substitute(a, bound));
  invariant(
    result !== undefined,
    'shapes',
    `${a.text} is not a whole number at ${[...bound.keys()].join(', ')}`,
  );
  return result;
}
