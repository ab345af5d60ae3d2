// A caller's inputs in, plain typed arrays and the symbols' values out; any mistake is an InputError that names the
// input and the place in it. Shapes give the symbols: tokens [2, 7] against [b, t] is b = 2, t = 7.
import { InputError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { evaluateSize, type SymbolValues, sizeText, soleSymbol } from './size.ts';
import { product } from './weights.ts';

/** A tensor as nested arrays, as JSON has it: `[[1, 403]]`. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** A tensor as its elements, row-major, beside its shape. */
export interface TensorInput {
  readonly data: Float32Array | Int32Array | Uint32Array | readonly number[];
  readonly shape: readonly number[];
}

/** What a run takes for an input. */
export type RunInput = TensorInput | NestedNumbers;

export interface BoundInputs {
  readonly symbols: SymbolValues;
  /** In the order of the manifest; bools are 0 and 1. */
  readonly data: readonly (Float32Array | Int32Array)[];
}

type InputSpec = Manifest['inputs'][number];
type DType = InputSpec['dtype'];
type Flat = { readonly values: ArrayLike<number | boolean>; readonly shape: readonly number[] };

/** Throws `InputError`. */
export function bindInputs(
  manifest: Manifest,
  inputs: Readonly<Record<string, RunInput>>,
): BoundInputs {
  checkNames(manifest, inputs);
  const flat = manifest.inputs.map((spec) => flatten(spec, inputs[spec.name]!));
  const symbols = bindSymbols(manifest, flat);
  const data = manifest.inputs.map((spec, index) => {
    const { values, shape } = flat[index]!;
    checkShape(spec, shape, symbols);
    return convert(spec, values, shape);
  });
  return { symbols, data };
}

function checkNames(manifest: Manifest, inputs: Readonly<Record<string, RunInput>>): void {
  const names = manifest.inputs.map(({ name }) => name);
  const given = Object.keys(inputs);
  const problems = [
    ...names.filter((name) => inputs[name] === undefined).map((name) => `${name} is missing`),
    ...given.filter((name) => !names.includes(name)).map((name) => `${name} is unknown`),
  ];
  if (problems.length > 0)
    throw new InputError(`The model ${manifest.model} takes ${names.join(', ')}:`, problems);
}

const shapeText = (spec: InputSpec): string => `[${spec.shape.map(sizeText).join(', ')}]`;

/** `tokens[0][3]` for the flat index of a tensor. */
function placeText(name: string, shape: readonly number[], index: number): string {
  let rest = index;
  let text = '';
  for (const size of shape.toReversed()) {
    text = `[${rest % size}]${text}`;
    rest = Math.floor(rest / size);
  }
  return name + text;
}

function isTensor(input: RunInput): input is TensorInput {
  return typeof input === 'object' && !Array.isArray(input);
}

function flatten(spec: InputSpec, input: RunInput): Flat {
  if (!isTensor(input)) return flattenNested(spec, input);
  const { data, shape } = input;
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new InputError(
      `${spec.name} needs a shape, a list of whole numbers: ${shapeText(spec)}.`,
    );
  if (!(Array.isArray(data) || ArrayBuffer.isView(data)))
    throw new InputError(`${spec.name} needs data, an array of numbers.`);
  const values = data as ArrayLike<number>;
  if (values.length !== product(shape))
    throw new InputError(
      `${spec.name} of shape [${shape}] needs ${product(shape)} values, got ${values.length}.`,
    );
  return { values, shape };
}

function flattenNested(spec: InputSpec, input: NestedNumbers): Flat {
  const rank = spec.shape.length;
  const shape: number[] = [];
  for (let level = input, axis = 0; axis < rank && Array.isArray(level); axis++) {
    shape.push(level.length);
    level = level[0];
  }
  const values: (number | boolean)[] = [];
  const visit = (node: NestedNumbers, axis: number, place: string): void => {
    if (axis === rank) {
      if (typeof node === 'object')
        throw new InputError(
          `${place} is a list; ${spec.name} has ${rank} axes ${shapeText(spec)}.`,
        );
      values.push(node);
      return;
    }
    if (!Array.isArray(node))
      throw new InputError(
        `${place} is no list; ${spec.name} has ${rank} axes ${shapeText(spec)}.`,
      );
    if (node.length !== shape[axis])
      throw new InputError(
        `${place} has ${node.length} entries where its neighbours have ${shape[axis]}.`,
      );
    for (const [index, child] of node.entries()) visit(child, axis + 1, `${place}[${index}]`);
  };
  visit(input, 0, spec.name);
  while (shape.length < rank) shape.push(0);
  return { values, shape };
}

/** Reads the symbols off the axes that are a multiple of one symbol; the others are checked later. */
function bindSymbols(manifest: Manifest, flat: readonly Flat[]): SymbolValues {
  const bound = new Map<string, { value: number; from: string }>();
  for (const [index, spec] of manifest.inputs.entries()) {
    const { shape } = flat[index]!;
    if (shape.length !== spec.shape.length)
      throw new InputError(
        `${spec.name} must have the shape ${shapeText(spec)} but has [${shape.join(', ')}].`,
      );
    for (const [axis, size] of spec.shape.entries()) {
      const sole = soleSymbol(size);
      if (!sole) continue;
      const value = (shape[axis]! * sole.den) / sole.num;
      const from = `axis ${axis} of ${spec.name}`;
      const before = bound.get(sole.name);
      if (before && before.value !== value)
        throw new InputError(
          `${sole.name} is ${before.value} in ${before.from} but ${value} in ${from}.`,
        );
      bound.set(sole.name, { value, from });
    }
  }
  const symbols = new Map<string, number>();
  for (const { name, min, max } of manifest.symbols) {
    const value = bound.get(name)?.value;
    if (value === undefined) throw new InputError(`No input tells the size ${name}.`);
    if (!Number.isSafeInteger(value)) throw new InputError(`${name} = ${value} is not whole.`);
    if (value < min) throw new InputError(`${name} = ${value} is below its minimum ${min}.`);
    if (max !== undefined && value > max)
      throw new InputError(`${name} = ${value} is over the model's limit of ${max}.`);
    symbols.set(name, value);
  }
  return symbols;
}

function checkShape(spec: InputSpec, shape: readonly number[], symbols: SymbolValues): void {
  const want = spec.shape.map((size) => evaluateSize(size, symbols));
  if (want.some((size, axis) => size !== shape[axis]))
    throw new InputError(
      `${spec.name} must have the shape ${shapeText(spec)} = [${want.join(', ')}] but has [${shape.join(', ')}].`,
    );
}

const ARTICLE: Readonly<Record<DType, string>> = {
  f32: 'a number',
  i32: 'a whole 32-bit number',
  bool: 'true, false, 0 or 1',
};

function convert(
  spec: InputSpec,
  values: ArrayLike<number | boolean>,
  shape: readonly number[],
): Float32Array | Int32Array {
  const { dtype, range } = spec;
  const [low, high] = range ?? [-(2 ** 31), 2 ** 31 - 1];
  const result = dtype === 'f32' ? new Float32Array(values.length) : new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const given = values[i]!;
    const value = dtype === 'bool' ? Number(given) : given;
    if (typeof value !== 'number' || !fits(dtype, value))
      throw new InputError(
        `${placeText(spec.name, shape, i)} must be ${ARTICLE[dtype]} but is ${JSON.stringify(given)}.`,
      );
    if (dtype === 'i32' && (value < low || value > high))
      throw new InputError(
        `${placeText(spec.name, shape, i)} = ${value} is outside ${low} to ${high}.`,
      );
    result[i] = value;
  }
  return result;
}

function fits(dtype: DType, value: number): boolean {
  switch (dtype) {
    case 'f32':
      return true;
    case 'i32':
      return Number.isInteger(value);
    case 'bool':
      return value === 0 || value === 1;
  }
}
