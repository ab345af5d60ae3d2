// Programs that would grow without measure: each is refused by name, before it grows. The time allowed here is far above
// what is needed, so that it fails for growth and not for a busy machine.
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../compiler/model/limits.ts';
import { diagnose, messages } from './diagnose.ts';

const identity = 'layer l0 (x: [..]) -> [..] { x }';
const model = (stages: string): string => `model m (x: [b, t, 12]) -> y { ${stages} }`;
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const codesOf = (code: string): string[] => [...new Set(diagnose(code).map((d) => d.code))];

describe('a repeat', () => {
  it(`runs 1 to ${LIMITS.repeat} times`, () => {
    const times = (n: number): string[] => messages(`${identity}\n${model(`l0 * ${n}`)}`);
    expect(times(1)).toEqual([]);
    expect(times(LIMITS.repeat)).toEqual([]);
    expect(times(0)).toEqual(['BF2041 0 turns; a repeat has 1 to 1,024']);
    expect(times(LIMITS.repeat + 1)).toEqual(['BF2041 1025 turns; a repeat has 1 to 1,024']);
  });

  it('of repeats counts all turns', () => {
    const add = 'layer l0 (x: [..]) -> [..] { x + x }';
    expect(codesOf(`${add}\n${model('((l0 * 1024) * 1024) * 1024')}`)).toEqual(['BF2042']);
    expect(codesOf(`${add}\n${model('(l0 * 10) * 10')}`)).toEqual([]);
  });

  it('of the rows of a block counts all turns', () => {
    const block = `layer w(sub: layer) (x: [..]) -> [..] { sub(x) }
      layer all(subs: layers) (x: [..]) -> [..] { subs(x) }
      block one { w: ((l0 * 1024) * 1024) * 1024 }
      block two { all: ((l0 * 1024) * 1024) * 1024 }`;
    expect(codesOf(`${identity}\n${block}\n${model('one')}`)).toEqual(['BF2042']);
  });
});

describe('layers that double', () => {
  it('are refused as calls of calls', () => {
    const tree = lines(40, (i) => `layer l${i + 1} (x: [..]) -> [..] { l${i}(l${i}(x)) }`);
    expect(codesOf(`${identity}\n${tree}\n${model('l40')}`)).toEqual(['BF2042']);
  });

  it('are refused as blocks of blocks', () => {
    const tree = lines(20, (i) => `block l${i + 1} { w: l${i} l${i} }`);
    const wiring = 'layer w(sub: layer) (x: [..]) -> [..] { sub(x) }';
    expect(codesOf(`${identity}\n${wiring}\n${tree}\n${model('l20')}`)).toEqual(['BF2042']);
  });

  it('are refused as arguments of arguments, even if none is applied', () => {
    const lets = lines(60, (i) => `let a${i + 1} = w(a${i}, a${i})`);
    const wide = `layer w(f: layer, g: layer) (x: [..]) -> [..] { x }
      layer h (x: [..]) -> [..] { let a0 = l0() ${lets} a60(x) }`;
    expect(codesOf(`${identity}\n${wide}\n${model('h')}`)).toEqual(['BF2042']);
  });
});

describe('nesting', () => {
  const chain = (length: number): string =>
    `${identity}\n${lines(length, (i) => `layer l${i + 1} (x: [..]) -> [..] { l${i}(x) }`)}\n${model(`l${length}`)}`;

  it(`goes ${LIMITS.layerDepth} layers deep`, () => {
    expect(messages(chain(LIMITS.layerDepth - 1))).toEqual([]);
    expect(codesOf(chain(LIMITS.layerDepth))).toEqual(['BF2043']);
  });

  it('names the chain where a layer is given itself without being named', () => {
    const omega = `${identity}\nlayer f(g: layer = l0) (x: [..]) -> [..] { g(g)(x) }\n${model('f(f)')}`;
    expect(messages(omega).at(-1)).toBe(
      'BF2043 layers nest more than 64 deep: ... -> f -> f -> f -> f -> f',
    );
  });

  it('is bounded for expressions in layers in expressions', () => {
    const deep = lines(
      60,
      (i) => `layer l${i + 1} (x: [..]) -> [..] { ${'abs('.repeat(40)}l${i}(x)${')'.repeat(40)} }`,
    );
    expect(codesOf(`${identity}\n${deep}\n${model('l60')}`)).toEqual(['BF2043']);
  });
});

describe('numbers', () => {
  const body = (text: string): string[] =>
    messages(`layer h (x: [b, t, d]) -> [b, t, d] { ${text} }\n${model('h')}`);

  it.each([
    ['squared again and again', lines(70, (i) => `let y${i + 1} = y${i} * y${i}`)],
    ['raised to a power', 'let y70 = 2 ^ 1000000000'],
  ])('%s stay exact or are refused', (_, lets) => {
    expect(body(`let y0 = 3 ${lets} x * y70`)).toEqual(['BF2045 the number is too large']);
  });

  it('of symbols stay short formulas or are refused', () => {
    const lets = lines(40, (i) => `let y${i + 1} = y${i} * y${i}`);
    expect(body(`let y0 = b + t + d ${lets} x * y40`)).toEqual(['BF2045 the number is too large']);
  });

  it('that are rounded up in one another stay short formulas or are refused', () => {
    for (const next of ['y + ceil(y / 5)', 'y * y', 'y ^ 8']) {
      const lets = lines(40, (i) => `let y${i + 1} = ceil((${next.replaceAll('y', `y${i}`)}) / 3)`);
      expect(body(`let y0 = b * t ${lets} x * y40`)).toEqual(['BF2045 the number is too large']);
    }
  });

  it('may have any power where that changes nothing', () => {
    expect(body('x * 1 ^ 1000000000000 * (0 - 1) ^ 1000000000001')).toEqual([]);
  });
});

describe('tensors', () => {
  const h = (body: string): string[] =>
    messages(`layer h (x: [b, t, d]) -> [b, t, d] { ${body} }\n${model('h')}`);

  it('have at most 8 axes', () => {
    const split = (n: number): string => {
      const names = Array.from({ length: n }, (_, i) => `a${i}`).join(' ');
      const sizes = Array.from({ length: n - 1 }, (_, i) => `, a${i}: 1`).join('');
      return `rearrange(rearrange(x, "b t (${names}) -> b t ${names}"${sizes}), "b t ${names} -> b t (${names})")`;
    };
    expect(h(split(6))).toEqual([]);
    expect(h(split(7))).toEqual(['BF3004 9 axes; a tensor has at most 8']);
  });

  it('have sizes below 2^31', () => {
    expect(h('weight w: [2147483648] = ones  x')).toEqual([
      'BF2045 a size of `w` is 2147483648; the largest is 2^31 - 1',
    ]);
  });

  it('have at most 2^44 parameters in all', () => {
    expect(h('weight w: [4194304, 4194304] = ones  x')).toEqual([]);
    expect(h('weight w: [4194304, 4194304] = ones  weight v: [1] = ones  x')).toEqual([
      'BF2044 the model has more than 2^44 parameters',
    ]);
  });
});
