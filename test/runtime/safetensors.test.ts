import { describe, expect, it } from 'vitest';
import { WeightsError } from '../../runtime/errors.ts';
import { type Random, randomStream } from '../../runtime/random.ts';
import { readSafetensors, tensorFloats, writeSafetensors } from '../../runtime/safetensors.ts';

type Header = Record<string, unknown>;

/** A file with any header and any data, right or wrong. */
function file(header: Header | string, data = 0): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const f32 = (shape: unknown, begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const sample = () =>
  writeSafetensors(
    new Map([
      ['blocks.0.w', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 7) }],
      ['a "quoted" \u2028 name', { shape: [], data: Float32Array.of(42) }],
      ['empty', { shape: [0, 5], data: new Float32Array(0) }],
      ['b', { shape: [4], data: Float32Array.of(4, 3, 2, 1) }],
    ]),
    new Map([['format', 'test']]),
  );

describe('safetensors', () => {
  it('reads back what it writes, whatever the order it was given in', () => {
    const tensors = new Map([
      ['z', { shape: [3], data: Float32Array.of(1, 2, 3) }],
      ['a', { shape: [1, 2], data: Float32Array.of(-1, Number.NaN) }],
    ]);
    const bytes = writeSafetensors(tensors);
    expect(bytes).toEqual(writeSafetensors(new Map([...tensors].reverse())));
    const read = readSafetensors(bytes).tensors;
    expect(read.size).toBe(2);
    for (const [name, { shape, data }] of tensors) {
      expect(read.get(name)!.shape).toEqual(shape);
      expect(tensorFloats(name, read.get(name)!)).toEqual(data);
    }
  });

  it('keeps metadata, scalars, empty tensors and awkward names', () => {
    const { tensors, metadata } = readSafetensors(sample());
    expect([...metadata]).toEqual([['format', 'test']]);
    expect([...tensors.keys()].sort()).toEqual([
      'a "quoted" \u2028 name',
      'b',
      'blocks.0.w',
      'empty',
    ]);
    expect(tensors.get('empty')!.bytes.length).toBe(0);
  });

  it('begins data at a multiple of 8, so that it can be viewed in place', () => {
    const bytes = sample();
    const { tensors } = readSafetensors(bytes);
    const floats = tensorFloats('b', tensors.get('b')!);
    expect(floats.buffer).toBe(bytes.buffer);
  });

  it('reads values at odd offsets', () => {
    const bytes = file({ x: f32([1], 0, 4) }, 4);
    const odd = new Uint8Array(bytes.length + 1);
    odd.set(bytes, 1);
    new DataView(odd.buffer).setFloat32(odd.length - 4, 2.5, true);
    const { tensors } = readSafetensors(odd.subarray(1));
    expect(tensorFloats('x', tensors.get('x')!)).toEqual(Float32Array.of(2.5));
  });

  it('widens F16 and BF16 exactly', () => {
    const halves = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000];
    const brains = [0x3f80, 0xc000, 0x0001, 0x7f7f, 0x7f80, 0x8000];
    const bytes = file(
      {
        h: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
        b: { dtype: 'BF16', shape: [6], data_offsets: [12, 24] },
      },
      24,
    );
    const view = new DataView(bytes.buffer, bytes.length - 24);
    for (const [i, word] of [...halves, ...brains].entries()) view.setUint16(2 * i, word, true);
    const { tensors } = readSafetensors(bytes);
    expect([...tensorFloats('h', tensors.get('h')!)]).toEqual([
      1,
      -2,
      2 ** -24,
      65504,
      Number.POSITIVE_INFINITY,
      -0,
    ]);
    expect([...tensorFloats('b', tensors.get('b')!)]).toEqual([
      1,
      -2,
      2 ** -133,
      (2 - 2 ** -7) * 2 ** 127,
      Number.POSITIVE_INFINITY,
      -0,
    ]);
  });

  it('reads tensors of other types but refuses them as weights', () => {
    const bytes = file({ mask: { dtype: 'U8', shape: [3], data_offsets: [0, 3] } }, 3);
    const { tensors } = readSafetensors(bytes);
    expect(() => tensorFloats('mask', tensors.get('mask')!)).toThrow(/mask" is U8; only F32/);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /has 0 bytes/],
    ['a header longer than the file', file('{}').subarray(0, 9), /claims 2 bytes, but 1 follow/],
    ['a huge header', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255), /claims 1844674/],
    ['a header that is a list', file('[]'), /does not begin with/],
    ['a header that is cut', file('{"a":'), /not valid JSON/],
    [
      'a header that is not UTF-8',
      file('{"\u00e9":1}').map((b) => (b === 0xa9 ? 0x28 : b)),
      /JSON/,
    ],
    ['a name twice', file('{"x":1,"x":2}'), /duplicate key "x"/],
    ['a name that touches prototypes', file('{"__proto__":1}'), /"__proto__" is not allowed/],
    ['a tensor that is no object', file({ x: [] }), /described by no object/],
    ['an unknown property', file({ x: { ...f32([1], 0, 4), extra: 1 } }, 4), /property "extra"/],
    [
      'an unknown dtype',
      file({ x: { ...f32([1], 0, 4), dtype: 'F12' } }, 4),
      /unknown dtype "F12"/,
    ],
    ['a negative size', file({ x: f32([-1], 0, 4) }, 4), /no list of sizes/],
    ['a size that is not whole', file({ x: f32([1.5], 0, 6) }, 6), /no list of sizes/],
    [
      'a size past 2^53',
      file('{"x":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4),
      /2\^53/,
    ],
    [
      'a product that wraps',
      file({ x: f32([2 ** 32, 2 ** 32], 0, 0) }),
      /needs 73786976294838206464 bytes/,
    ],
    ['nine axes', file({ x: f32(Array(9).fill(1), 0, 4) }, 4), /9 axes/],
    [
      'offsets that do not fit the shape',
      file({ x: f32([2], 0, 4) }, 4),
      /needs 8 bytes but has 4/,
    ],
    ['offsets in reverse', file({ x: f32([1], 4, 0) }, 4), /before its begin/],
    ['an overlap', file({ x: f32([2], 0, 8), y: f32([1], 4, 8) }, 8), /"y" overlaps tensor "x"/],
    [
      'a gap',
      file({ x: f32([1], 0, 4), y: f32([1], 8, 12) }, 12),
      /4 unused bytes before tensor "y"/,
    ],
    ['trailing bytes', file({ x: f32([1], 0, 4) }, 5), /1 bytes after the last/],
    ['data cut short', file({ x: f32([1], 0, 4) }, 3), /cut short/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }), /metadata "a" is no text/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(WeightsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('refuses to write a shape that does not fit its values', () => {
    const tensors = new Map([['x', { shape: [2, 2], data: new Float32Array(3) }]]);
    expect(() => writeSafetensors(tensors)).toThrow(WeightsError);
  });

  it('gives a typed error or a true reading for 30,000 damaged files', () => {
    const seed = Number(process.env.SEED ?? 20_260_801);
    const random = randomStream(seed, 'safetensors');
    const original = sample();
    let refused = 0;
    for (let i = 0; i < 30_000; i++) {
      const bytes = damage(original, random);
      const context = `seed ${seed}, file ${i}: ${Buffer.from(bytes).toString('base64')}`;
      try {
        const { tensors } = readSafetensors(bytes);
        checkReading(bytes, tensors, context);
      } catch (error) {
        if (!(error instanceof WeightsError)) throw new Error(context, { cause: error });
        refused++;
      }
    }
    // Damage of values and of names leaves a good file; damage of structure must not.
    expect(refused).toBeGreaterThan(15_000);
    expect(refused).toBeLessThan(29_000);
  });
});

/** Against the naive reading: JSON.parse of the header, slices at its offsets, each byte used once. */
function checkReading(
  bytes: Uint8Array,
  tensors: ReturnType<typeof readSafetensors>['tensors'],
  context: string,
): void {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8'));
  delete header.__metadata__;
  const names = Object.keys(header);
  let total = 0;
  let same = names.length === tensors.size;
  for (const name of names) {
    const [begin, end] = header[name].data_offsets;
    const slice = bytes.subarray(8 + length + begin, 8 + length + end);
    same &&= Buffer.compare(slice, tensors.get(name)!.bytes) === 0;
    total += slice.length;
  }
  if (!same || total !== bytes.length - 8 - length) throw new Error(`misread: ${context}`);
}

const FRAGMENTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '0',
  '-',
  '9',
  'e',
  '\\',
  '\\u0000',
  'null',
  '"F16"',
  '"F64"',
  '"x":',
  '1e99',
  '[[[[',
  '\u2028',
  '"shape"',
  '__proto__',
];

function damage(original: Uint8Array, random: Random): Uint8Array {
  const pick = (below: number) => Math.floor(random.uniform() * below);
  let bytes = original.slice();
  for (let times = 1 + pick(3); times > 0; times--) {
    const at = pick(bytes.length);
    switch (pick(7)) {
      case 0:
        bytes[at]! ^= 1 << pick(8);
        break;
      case 1:
        bytes[at] = pick(256);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = Uint8Array.from([...bytes, ...Array(1 + pick(9)).fill(pick(256))]);
        break;
      case 4:
        bytes.copyWithin(at, pick(bytes.length), pick(bytes.length));
        break;
      case 5: {
        const fragment = Buffer.from(FRAGMENTS[pick(FRAGMENTS.length)]!);
        bytes = Uint8Array.from([...bytes.slice(0, at), ...fragment, ...bytes.slice(at)]);
        break;
      }
      case 6:
        bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + 1 + pick(4))]);
        break;
    }
    if (bytes.length === 0) return bytes;
  }
  if (bytes.length >= 8 && random.uniform() < 0.5) repairLength(bytes, original.length);
  return bytes;
}

/** Most damage shifts the header's end; without this nearly all of it would only test the length. */
function repairLength(bytes: Uint8Array, before: number): void {
  const view = new DataView(bytes.buffer);
  const shifted = view.getBigUint64(0, true) + BigInt(bytes.length - before);
  if (shifted >= 0n) view.setBigUint64(0, shifted, true);
}
