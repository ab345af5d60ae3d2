// Seeded random numbers, equal on every machine: xoshiro128** (Blackman and Vigna), its state filled by splitmix32
// from a seed and a name. A name gives each tensor a stream of its own, so the order of drawing does not matter.

export interface Random {
  /** 32 random bits. */
  bits(): number;
  /** Uniform in [0, 1), in steps of 2^-32. */
  uniform(): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
}

/** FNV-1a over UTF-16 units. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function splitmix32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** The stream of the name under the seed (a whole number, 0 or more). */
export function randomStream(seed: number, name: string): Random {
  const low = splitmix32(seed | 0)();
  const high = splitmix32(Math.floor(seed / 2 ** 32) | 0)();
  const fill = splitmix32(low ^ Math.imul(high, 0x9e3779b1) ^ hashName(name));
  let [a, b, c, d] = [fill(), fill(), fill(), fill() | 1];
  let spare: number | undefined;

  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  const uniform = (): number => bits() / 2 ** 32;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { bits, uniform, normal };
}
