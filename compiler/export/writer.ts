// Writes the nodes of an ONNX graph: names, attributes, constants and run-time sizes, each of the last two only once.
// Knows the ONNX format and symbolic sizes, no core operations.
import { invariant } from '../invariant.ts';
import {
  asNumber,
  constant as constantSize,
  type Dim,
  isWhole,
  mul,
  product,
  roundedBy,
  symbol,
} from '../shapes/dim.ts';
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-proto.ts';

/** The name of an ONNX value. */
export type Name = string;
export type Attributes = Readonly<Record<string, number | string | readonly number[] | GraphProto>>;
type Constant = keyof typeof DATA_TYPE;

export interface Writer {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Where the nodes that follow come from: a layer's path, the beginning of their names. */
  at(path: string): void;
  /** A name that no other value has: the one that is asked for, or one like it. */
  claim(name: string): Name;
  /** Adds a node of one output. An operand of '' is an optional one that is left out. */
  op(opType: string, operands: readonly Name[], attributes?: Attributes): Name;
  /** The same with given names, which must have been claimed, for its outputs. */
  define(
    outputs: readonly Name[],
    opType: string,
    operands: readonly Name[],
    attributes?: Attributes,
  ): void;
  /** A name for a value that the next node of this type gives. */
  fresh(opType: string): Name;
  scalar(type: Constant, value: number): Name;
  /** A list of int64: axes, shapes, steps. */
  list(...values: readonly number[]): Name;
  add(tensor: TensorProto): void;
  /** The value of a size at run time: an int64 scalar. */
  size(size: Dim): Name;
  /** Sizes as a list of int64. */
  shape(sizes: readonly Dim[]): Name;
  /** 0, 1, ... size-1 as int32. */
  iota(size: Dim): Name;
  /** A nested graph; what `body` writes goes into it, but for constants and sizes. */
  subgraph(
    inputs: readonly ValueInfoProto[],
    outputs: readonly Omit<ValueInfoProto, 'name'>[],
    body: () => readonly Name[],
  ): GraphProto;
}

/** Where the value of a symbol stands: axis `axis` of `input` is `num / den` times the symbol. */
export interface SymbolPlace {
  readonly input: Name;
  readonly axis: number;
  readonly num: bigint;
  readonly den: bigint;
}

export function createWriter(places: ReadonlyMap<string, SymbolPlace>): Writer {
  // Sizes are needed everywhere, also inside nested graphs, and depend on inputs alone: they come first.
  const prelude: NodeProto[] = [];
  const main: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const names = new Set<Name>();
  const known = new Map<string, Name>();
  let list = main;
  let prefix = '';
  let count = 0;

  const once = (key: string, make: () => Name): Name => {
    const name = known.get(key) ?? make();
    known.set(key, name);
    return name;
  };

  function claim(name: string): Name {
    let free = name;
    for (let n = 2; names.has(free); n++) free = `${name}_${n}`;
    names.add(free);
    return free;
  }

  function define(
    output: readonly Name[],
    opType: string,
    operands: readonly Name[],
    attributes: Attributes = {},
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    list.push({ name: output[0]!, opType, input: operands, output, attribute });
  }

  // A slash is in no name of the model, so these meet none of them.
  const fresh = (what: string): Name => claim(`${prefix}/${what}_${count++}`);

  function op(opType: string, operands: readonly Name[], attributes?: Attributes): Name {
    const output = fresh(opType);
    define([output], opType, operands, attributes);
    return output;
  }

  function inPrelude(make: () => Name): Name {
    const [outerList, outerPrefix] = [list, prefix];
    [list, prefix] = [prelude, 'sizes'];
    const name = make();
    [list, prefix] = [outerList, outerPrefix];
    return name;
  }

  const constant = (type: Constant, dims: readonly number[], values: readonly number[]): Name =>
    once(`${type} [${dims}] ${values.map(numberText)}`, () => {
      const name = claim(`constants/${type}_${count++}`);
      initializers.push({
        name,
        dataType: DATA_TYPE[type],
        dims,
        rawData: bytesOf(type, values),
      });
      return name;
    });

  const atomValue = (atom: string): Name =>
    once(`atom ${atom}`, () => {
      const quotient = roundedBy(atom);
      return quotient ? roundedUp(quotient) : symbolValue(atom);
    });

  function symbolValue(symbol: string): Name {
    const place = places.get(symbol);
    invariant(place, 'export', `no input tells the size ${symbol}`);
    const axis = constant('int64', [], [place.axis]);
    const found = op('Gather', [op('Shape', [place.input]), axis], { axis: 0 });
    const times = place.den === 1n ? found : op('Mul', [found, exact(place.den)]);
    return place.num === 1n ? times : op('Div', [times, exact(place.num)]);
  }

  function roundedUp(quotient: Dim): Name {
    const { over, under } = fractionOf(quotient);
    const [value, divisor] = [size(over), size(under)];
    // The rest has the divisor's sign, so that this is the next multiple for negative values, too.
    const missing = op('Mod', [op('Neg', [value]), divisor]);
    return op('Div', [op('Add', [value, missing]), divisor]);
  }

  const exact = (value: bigint): Name => {
    const number = Number(value);
    invariant(Number.isSafeInteger(number), 'export', `the number ${value} exceeds 2^53`);
    return constant('int64', [], [number]);
  };

  function size(dim: Dim): Name {
    const number = asNumber(dim);
    if (number !== undefined) return constant('int64', [], [number]);
    return once(`size ${dim.text}`, () =>
      inPrelude(() =>
        dim.terms
          .map(({ num, powers }) => {
            invariant(isWhole(dim), 'export', `the size ${dim.text} is not whole`);
            const factors = powers.flatMap(([atom, power]) => Array(power).fill(atomValue(atom)));
            if (num !== 1n || factors.length === 0) factors.push(exact(num));
            return factors.reduce((a, b) => op('Mul', [a, b]));
          })
          .reduce((a, b) => op('Add', [a, b])),
      ),
    );
  }

  function shape(sizes: readonly Dim[]): Name {
    const numbers = sizes.map(asNumber);
    if (numbers.every((number) => number !== undefined))
      return constant('int64', [numbers.length], numbers);
    return once(`shape ${sizes.map(({ text }) => text).join()}`, () =>
      inPrelude(() => {
        const first = constant('int64', [1], [0]);
        const parts = sizes.map((dim) => op('Unsqueeze', [size(dim), first]));
        return parts.length === 1 ? parts[0]! : op('Concat', parts, { axis: 0 });
      }),
    );
  }

  return {
    get nodes() {
      return [...prelude, ...main];
    },
    initializers,
    at(path) {
      prefix = path;
    },
    claim,
    op,
    define,
    fresh,
    scalar: (type, value) => constant(type, [], [value]),
    list: (...values) => constant('int64', [values.length], values),
    add(tensor) {
      initializers.push(tensor);
    },
    size,
    shape,
    iota: (dim) =>
      once(`iota ${dim.text}`, () =>
        inPrelude(() => {
          const [zero, one] = [constant('int64', [], [0]), constant('int64', [], [1])];
          const range = op('Range', [zero, size(dim), one]);
          return op('Cast', [range], { to: DATA_TYPE.int32 });
        }),
      ),
    subgraph(inputs, outputs, body) {
      const outer = list;
      const node: NodeProto[] = [];
      list = node;
      const results = body();
      list = outer;
      const output = outputs.map(({ type }, i) => ({ name: results[i]!, type }));
      return { name: fresh('body'), node, input: inputs, output };
    },
  };
}

/** With the sign of zero, which `String` leaves out. */
const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** A quotient as two whole sizes. */
function fractionOf(quotient: Dim): { over: Dim; under: Dim } {
  const divisors = quotient.terms.flatMap(({ den, powers }) => [
    constantSize(den),
    ...powers.flatMap(([atom, power]) => Array<Dim>(Math.max(0, -power)).fill(symbol(atom))),
  ]);
  const under = product(divisors);
  return { over: mul(quotient, under), under };
}

function attributeOf(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string')
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if ('node' in value) return { name, type: ATTRIBUTE_TYPE.graph, g: value };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

function bytesOf(type: Constant, values: readonly number[]): Uint8Array {
  switch (type) {
    case 'float':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    case 'double':
      return new Uint8Array(Float64Array.from(values).buffer);
    case 'bool':
      return Uint8Array.from(values);
  }
}
