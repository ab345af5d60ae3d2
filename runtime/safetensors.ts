// Strict reader and writer of the safetensors format: an 8-byte little-endian header length, a JSON header that gives
// each tensor's dtype, shape and byte range, then the bytes. Every claim of the header is checked before any tensor is
// looked at, and nothing is allocated for a claim; tensors are views of the file's bytes. Touches no file system.
import { WeightsError } from './errors.ts';
import { widenBf16, widenF16 } from './float16.ts';
import { type Json, parseStrictJson } from './strict-json.ts';

const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_RANK = 8;

const BYTES_PER_ELEMENT: ReadonlyMap<string, number> = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
  ['U16', 2],
  ['I16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['U32', 4],
  ['I32', 4],
  ['F32', 4],
  ['U64', 8],
  ['I64', 8],
  ['F64', 8],
]);

/** A tensor as it lies in the file. */
export interface StoredTensor {
  /** As the file spells it: `F32`, `F16`, `BF16`, `I64`, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian, row-major; a view of the file's bytes. */
  readonly bytes: Uint8Array;
}

/** What a safetensors file holds, by name. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

type Entry = { name: string; dtype: string; shape: number[]; begin: number; end: number };

const quoted = (name: string): string => JSON.stringify(name.slice(0, 120));
const fail = (message: string): never => {
  throw new WeightsError(message);
};
const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: Json): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/**
 * Reads a whole file: its tensors by name, as views of its bytes.
 * @throws WeightsError that names the first fault
 */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const header = readHeader(file);
  const { __metadata__: metadata = {}, ...described } = header.json;
  const entries = Object.entries(described).map(([name, value]) => readEntry(name, value));
  checkLayout(entries, file.length - header.end);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const bytes = file.subarray(header.end + begin, header.end + end);
    tensors.set(name, { dtype, shape, bytes });
  }
  return { tensors, metadata: readMetadata(metadata) };
}

function readHeader(file: Uint8Array): { json: { [key: string]: Json }; end: number } {
  if (file.length < 8) fail(`The weights file has ${file.length} bytes; its header alone needs 8.`);
  const view = new DataView(file.buffer, file.byteOffset, 8);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    fail(`The weights header claims ${length} bytes; at most ${MAX_HEADER_BYTES} are read.`);
  const end = 8 + Number(length);
  if (end > file.length)
    fail(`The weights header claims ${length} bytes, but ${file.length - 8} follow.`);
  if (file[8] !== 0x7b) fail('The weights header does not begin with "{".');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const json = parseStrictJson(text.decode(file.subarray(8, end)));
    if (isObject(json)) return { json, end };
  } catch (error) {
    fail(`The weights header is not valid JSON: ${(error as Error).message}.`);
  }
  return fail('The weights header is not an object.');
}

function readMetadata(value: Json): Map<string, string> {
  if (!isObject(value)) return fail('The weights header has a __metadata__ that is no object.');
  return new Map(
    Object.entries(value).map(([key, text]) =>
      typeof text === 'string'
        ? [key, text]
        : fail(`The weights metadata ${quoted(key)} is no text.`),
    ),
  );
}

function readEntry(name: string, value: Json): Entry {
  const where = `Tensor ${quoted(name)}`;
  if (!isObject(value)) return fail(`${where} is described by no object.`);
  const { dtype, shape, data_offsets: offsets, ...unknown } = value;
  const [extra] = Object.keys(unknown);
  if (extra !== undefined) return fail(`${where} has the unknown property ${quoted(extra)}.`);
  if (typeof dtype !== 'string') return fail(`${where} has no dtype.`);
  const width = BYTES_PER_ELEMENT.get(dtype);
  if (width === undefined) return fail(`${where} has the unknown dtype ${quoted(dtype)}.`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    return fail(`${where} has a shape that is no list of sizes.`);
  if (shape.length > MAX_RANK) return fail(`${where} has ${shape.length} axes, over ${MAX_RANK}.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail(`${where} has data_offsets that are no pair of sizes.`);
  const [begin, end] = offsets as [number, number];
  if (end < begin) return fail(`${where} ends at byte ${end}, before its begin ${begin}.`);
  const need = shape.reduce((product, size) => product * BigInt(size), BigInt(width));
  if (need !== BigInt(end - begin))
    return fail(`${where} of ${dtype}[${shape}] needs ${need} bytes but has ${end - begin}.`);
  return { name, dtype, shape, begin, end };
}

function checkLayout(entries: readonly Entry[], length: number): void {
  const sorted = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  let previous = 'the header';
  for (const { name, begin, end } of sorted) {
    if (end > length)
      fail(`Tensor ${quoted(name)} ends at byte ${end} of ${length}: the file is cut short.`);
    if (begin < at) fail(`Tensor ${quoted(name)} overlaps ${previous}.`);
    if (begin > at) fail(`There are ${begin - at} unused bytes before tensor ${quoted(name)}.`);
    at = end;
    previous = `tensor ${quoted(name)}`;
  }
  if (at < length) fail(`There are ${length - at} bytes after the last tensor.`);
}

/**
 * A tensor's values as f32: F32 as it is, F16 and BF16 widened.
 * @throws WeightsError for any other dtype
 */
export function tensorFloats(name: string, tensor: StoredTensor): Float32Array {
  const { dtype, bytes } = tensor;
  switch (dtype) {
    case 'F32': {
      const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
      return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
    }
    case 'F16':
      return widenF16(bytes);
    case 'BF16':
      return widenBf16(bytes);
    default:
      return fail(`Tensor ${quoted(name)} is ${dtype}; only F32, F16 and BF16 can be weights.`);
  }
}

/** A tensor of f32, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The file that holds the tensors as F32. Equal contents give equal bytes: names are in code-unit order, and the
 * header is padded with spaces to a multiple of 8.
 * @throws WeightsError where a shape does not fit its data
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  const members: string[] = [];
  if (metadata.size > 0) {
    const pairs = [...metadata].sort(([a], [b]) => (a < b ? -1 : 1));
    members.push(
      `"__metadata__":{${pairs.map((pair) => pair.map((text) => JSON.stringify(text)).join(':'))}}`,
    );
  }
  let at = 0;
  for (const [name, { shape, data }] of sorted) {
    if (shape.reduce((product, size) => product * size, 1) !== data.length)
      fail(`Tensor ${quoted(name)} has shape [${shape}] but ${data.length} values.`);
    const range = [at, at + data.byteLength];
    members.push(
      `${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape}],"data_offsets":[${range}]}`,
    );
    at += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + at).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let next = start;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), next);
    next += data.byteLength;
  }
  return file;
}
