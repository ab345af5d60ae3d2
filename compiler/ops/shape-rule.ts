// The shape rule of every operation: operand types in, result type out, everything checked symbolically.
// A violation is the compiler's own mistake (users get diagnostics long before), so it throws `InternalError`.
// Looks at a region's signature only; what stands inside a region is checked by graph/verify.ts.
import { invariant, unreachable } from '../invariant.ts';
import {
  add,
  asNumber,
  constant,
  type Dim,
  div,
  equal,
  isWhole,
  mul,
  ONE,
  product,
  sub,
} from '../shapes/dim.ts';
import type { BinaryFn, DType, Op, Region, TensorType, UnaryFn } from './op.ts';
import { typeText } from './type-text.ts';

/** Operations whose type follows from their operands; inputs and weights are declared with the graph. */
export type ComputedOp = Exclude<Op, { readonly kind: 'input' | 'weight' }>;
type OpOf<K extends Op['kind']> = Extract<Op, { readonly kind: K }>;
type Operands = readonly TensorType[];

/**
 * The type of an operation's result.
 * @throws InternalError ('graph') if the operands do not fit, with the operation and the types in its message.
 */
export function resultType(op: ComputedOp, operands: Operands): TensorType {
  switch (op.kind) {
    case 'const':
      return constType(op, operands);
    case 'size':
      arity(op, operands, 0);
      wholeSizes(op, [op.size]);
      return { dtype: 'i32', shape: [] };
    case 'iota':
      arity(op, operands, 0);
      wholeSizes(op, [op.size]);
      return { dtype: 'i32', shape: [op.size] };
    case 'unary':
      return unaryType(op, operands);
    case 'binary':
      return binaryType(op, operands);
    case 'select':
      return selectType(op, operands);
    case 'cast':
      arity(op, operands, 1);
      check(op.to !== 'bool', op, operands, 'a cast to bool is a comparison with zero');
      return { dtype: op.to, shape: operands[0]!.shape };
    case 'reshape':
      return reshapeType(op, operands);
    case 'transpose':
      return transposeType(op, operands);
    case 'broadcast':
      return broadcastType(op, operands);
    case 'slice':
      return sliceType(op, operands);
    case 'pad':
      return padType(op, operands);
    case 'concat':
      return concatType(op, operands);
    case 'reduce':
      return reduceType(op, operands);
    case 'cumsum':
      arity(op, operands, 1);
      axisInRange(op, operands, op.axis);
      check(operands[0]!.dtype !== 'bool', op, operands, 'no sum of bool');
      return operands[0]!;
    case 'dot':
      return dotType(op, operands);
    case 'gather':
      return gatherType(op, operands);
    case 'attend':
      return attendType(op, operands);
    case 'repeat':
      return repeatType(op, operands);
    default:
      return unreachable(op, 'graph');
  }
}

/** True if both have the same element type and the same sizes. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((size, axis) => equal(size, b[axis]!));
}

function check(condition: unknown, op: Op, operands: Operands, what: string): asserts condition {
  if (condition) return;
  const name = 'fn' in op ? `${op.kind} ${op.fn}` : op.kind;
  invariant(false, 'graph', `${name}(${operands.map(typeText).join(', ')}): ${what}`);
}

function arity(op: Op, operands: Operands, count: number): void {
  check(operands.length === count, op, operands, `takes ${count} operands, got ${operands.length}`);
}

function axisInRange(op: Op, operands: Operands, axis: number): void {
  const rank = operands[0]!.shape.length;
  const inRange = Number.isInteger(axis) && axis >= 0 && axis < rank;
  check(inRange, op, operands, `axis ${axis} of a tensor of rank ${rank}`);
}

/** Sizes are whole; those that are known are not negative. */
function wholeSizes(op: Op, sizes: readonly Dim[], operands: Operands = []): void {
  for (const size of sizes) {
    check(isWhole(size), op, operands, `size ${size.text} is not whole`);
    const value = asNumber(size);
    check(value === undefined || value >= 0, op, operands, `size ${size.text} is negative`);
  }
}

function constType(op: OpOf<'const'>, operands: Operands): TensorType {
  arity(op, operands, 0);
  const { value, dtype } = op;
  const fits: Record<DType, boolean> = {
    f32: Number.isFinite(Math.fround(value)),
    i32: (value | 0) === value,
    bool: value === 0 || value === 1,
  };
  check(fits[dtype], op, operands, `${value} is no ${dtype}`);
  return { dtype, shape: [] };
}

const UNARY_DTYPES: Record<UnaryFn, readonly DType[]> = {
  neg: ['f32', 'i32'],
  abs: ['f32', 'i32'],
  floor: ['f32'],
  exp: ['f32'],
  log: ['f32'],
  sqrt: ['f32'],
  rsqrt: ['f32'],
  tanh: ['f32'],
  erf: ['f32'],
  sigmoid: ['f32'],
  sin: ['f32'],
  cos: ['f32'],
  not: ['bool'],
};

function unaryType(op: OpOf<'unary'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const operand = operands[0]!;
  check(UNARY_DTYPES[op.fn].includes(operand.dtype), op, operands, `not for ${operand.dtype}`);
  return operand;
}

const NUMBERS: readonly DType[] = ['f32', 'i32'];
const BINARY_DTYPES: Record<BinaryFn, { readonly of: readonly DType[]; readonly gives?: 'bool' }> =
  {
    add: { of: NUMBERS },
    sub: { of: NUMBERS },
    mul: { of: NUMBERS },
    div: { of: NUMBERS },
    mod: { of: NUMBERS },
    pow: { of: ['f32'] },
    min: { of: NUMBERS },
    max: { of: NUMBERS },
    eq: { of: ['f32', 'i32', 'bool'], gives: 'bool' },
    ne: { of: ['f32', 'i32', 'bool'], gives: 'bool' },
    lt: { of: NUMBERS, gives: 'bool' },
    le: { of: NUMBERS, gives: 'bool' },
    and: { of: ['bool'] },
    or: { of: ['bool'] },
  };

function binaryType(op: OpOf<'binary'>, operands: Operands): TensorType {
  arity(op, operands, 2);
  const [a, b] = operands as readonly [TensorType, TensorType];
  check(sameType(a, b), op, operands, 'operands must have one type and shape');
  const rule = BINARY_DTYPES[op.fn];
  check(rule.of.includes(a.dtype), op, operands, `not for ${a.dtype}`);
  return { dtype: rule.gives ?? a.dtype, shape: a.shape };
}

function selectType(op: OpOf<'select'>, operands: Operands): TensorType {
  arity(op, operands, 3);
  const [condition, a, b] = operands as readonly [TensorType, TensorType, TensorType];
  check(condition.dtype === 'bool', op, operands, 'the condition must be bool');
  check(
    sameShape(condition.shape, a.shape),
    op,
    operands,
    'the condition must have the shape of the values',
  );
  check(sameType(a, b), op, operands, 'both values must have one type and shape');
  return a;
}

function reshapeType(op: OpOf<'reshape'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const operand = operands[0]!;
  wholeSizes(op, op.shape, operands);
  const [from, to] = [product(operand.shape), product(op.shape)];
  check(equal(from, to), op, operands, `${from.text} elements into ${to.text}`);
  return { dtype: operand.dtype, shape: op.shape };
}

function transposeType(op: OpOf<'transpose'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  const sorted = [...op.perm].sort((a, b) => a - b);
  const isPermutation = sorted.length === shape.length && sorted.every((axis, i) => axis === i);
  check(isPermutation, op, operands, `[${op.perm.join(', ')}] is no permutation of the axes`);
  return { dtype, shape: op.perm.map((axis) => shape[axis]!) };
}

function broadcastType(op: OpOf<'broadcast'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  wholeSizes(op, op.shape, operands);
  check(
    op.axes.length === shape.length,
    op,
    operands,
    `${op.axes.length} axes for rank ${shape.length}`,
  );
  risingAxes(op, operands, op.axes, op.shape.length);
  op.axes.forEach((axis, i) => {
    const target = op.shape[axis]!;
    check(
      equal(shape[i]!, target),
      op,
      operands,
      `axis ${i} of ${shape[i]!.text} onto ${target.text}`,
    );
  });
  return { dtype, shape: op.shape };
}

function risingAxes(op: Op, operands: Operands, axes: readonly number[], rank: number): void {
  const rising = axes.every(
    (axis, i) => Number.isInteger(axis) && axis > (axes[i - 1] ?? -1) && axis < rank,
  );
  check(rising, op, operands, `axes [${axes.join(', ')}] must rise within rank ${rank}`);
}

function withAxis(type: TensorType, axis: number, size: Dim): TensorType {
  return { dtype: type.dtype, shape: type.shape.with(axis, size) };
}

function sliceType(op: OpOf<'slice'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  axisInRange(op, operands, op.axis);
  wholeSizes(op, [op.start, op.size], operands);
  check(Number.isInteger(op.step) && op.step >= 1, op, operands, `step ${op.step}`);
  const beyond = sub(operands[0]!.shape[op.axis]!, sliceEnd(op));
  const room = asNumber(beyond);
  check(room === undefined || room >= 0, op, operands, `ends ${-(room ?? 0)} past axis ${op.axis}`);
  return withAxis(operands[0]!, op.axis, op.size);
}

/** One past the last element that a slice reads. */
export function sliceEnd(op: OpOf<'slice'>): Dim {
  return add(op.start, add(mul(constant(op.step), sub(op.size, ONE)), ONE));
}

function padType(op: OpOf<'pad'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  axisInRange(op, operands, op.axis);
  wholeSizes(op, [op.before, op.after], operands);
  const size = add(op.before, add(operands[0]!.shape[op.axis]!, op.after));
  return withAxis(operands[0]!, op.axis, size);
}

function concatType(op: OpOf<'concat'>, operands: Operands): TensorType {
  const first = operands[0];
  check(first, op, operands, 'takes at least one operand');
  axisInRange(op, operands, op.axis);
  for (const other of operands) {
    const aligned =
      other.shape.length === first.shape.length &&
      sameType(withAxis(other, op.axis, ONE), withAxis(first, op.axis, ONE));
    check(aligned, op, operands, `operands must agree except along axis ${op.axis}`);
  }
  return withAxis(first, op.axis, operands.map((o) => o.shape[op.axis]!).reduce(add));
}

function reduceType(op: OpOf<'reduce'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  check(dtype !== 'bool', op, operands, 'not for bool');
  check(op.axes.length > 0, op, operands, 'no axis to reduce');
  risingAxes(op, operands, op.axes, shape.length);
  return { dtype, shape: shape.filter((_, axis) => !op.axes.includes(axis)) };
}

function dotType(op: OpOf<'dot'>, operands: Operands): TensorType {
  arity(op, operands, 2);
  const sizes = new Map<number, Dim>();
  [op.lhs, op.rhs].forEach((labels, i) => {
    const { dtype, shape } = operands[i]!;
    check(dtype === 'f32', op, operands, 'operands must be f32');
    check(
      labels.length === shape.length,
      op,
      operands,
      `${labels.length} labels for rank ${shape.length}`,
    );
    check(
      new Set(labels).size === labels.length,
      op,
      operands,
      'a label stands twice in one operand',
    );
    labels.forEach((label, axis) => {
      const size = sizes.get(label) ?? shape[axis]!;
      check(
        equal(size, shape[axis]!),
        op,
        operands,
        `label ${label} is ${size.text} and ${shape[axis]!.text}`,
      );
      sizes.set(label, size);
    });
  });
  check(new Set(op.out).size === op.out.length, op, operands, 'a label stands twice in the result');
  const shape = op.out.map((label) => {
    const size = sizes.get(label);
    check(size, op, operands, `result label ${label} is in no operand`);
    return size;
  });
  return { dtype: 'f32', shape };
}

function gatherType(op: OpOf<'gather'>, operands: Operands): TensorType {
  check(op.indices >= 1, op, operands, 'no indices');
  arity(op, operands, op.indices + 1);
  const [source, ...indices] = operands as readonly [TensorType, ...TensorType[]];
  const rank = source.shape.length;
  check(rank >= op.indices, op, operands, `${op.indices} indices into a tensor of rank ${rank}`);
  for (const index of indices) {
    check(index.dtype === 'i32', op, operands, 'indices must be i32');
    check(sameShape(index.shape, indices[0]!.shape), op, operands, 'indices must have one shape');
  }
  return { dtype: source.dtype, shape: [...indices[0]!.shape, ...source.shape.slice(op.indices)] };
}

function attendType(op: OpOf<'attend'>, operands: Operands): TensorType {
  arity(op, operands, 3);
  const [q, k, v] = operands as readonly [TensorType, TensorType, TensorType];
  for (const operand of operands) {
    check(
      operand.dtype === 'f32' && operand.shape.length === 4,
      op,
      operands,
      'operands must be f32 of rank 4',
    );
  }
  check(Number.isFinite(op.scale), op, operands, `scale ${op.scale}`);
  check(
    sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3)),
    op,
    operands,
    'keys and values must agree in [b, g, s]',
  );
  check(equal(q.shape[0]!, k.shape[0]!), op, operands, 'queries and keys must agree in the batch');
  check(
    equal(q.shape[3]!, k.shape[3]!),
    op,
    operands,
    'queries and keys must agree in the head size',
  );
  const group = div(q.shape[1]!, k.shape[1]!);
  check(group && isWhole(group), op, operands, 'query heads must be a multiple of key heads');
  if (op.mask) regionSignature(op, operands, op.mask, MASK_PARAMS, 'bool', 'mask');
  if (op.score) regionSignature(op, operands, op.score, SCORE_PARAMS, 'f32', 'score');
  return { dtype: 'f32', shape: [...q.shape.slice(0, 3), v.shape[3]!] };
}

/** (b, h, i, j) of a mask. */
export const MASK_PARAMS: readonly TensorType[] = Array.from({ length: 4 }, () => ({
  dtype: 'i32',
  shape: [],
}));
/** (s, b, h, i, j) of a score. */
export const SCORE_PARAMS: readonly TensorType[] = [{ dtype: 'f32', shape: [] }, ...MASK_PARAMS];

function repeatType(op: OpOf<'repeat'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  check(Number.isInteger(op.count) && op.count >= 1, op, operands, `count ${op.count}`);
  const carried = operands[0]!;
  const { params } = op.body;
  check(params.length === 1, op, operands, `the body has ${params.length} parameters`);
  check(
    sameType(params[0]!.type, carried),
    op,
    operands,
    `the body takes ${typeText(params[0]!.type)}`,
  );
  const result = regionResult(op.body);
  if (result) check(sameType(result, carried), op, operands, `the body gives ${typeText(result)}`);
  return carried;
}

function regionSignature(
  op: Op,
  operands: Operands,
  region: Region,
  params: readonly TensorType[],
  gives: DType,
  name: string,
): void {
  const actual = region.params.map((param) => param.type);
  const fits =
    actual.length === params.length && actual.every((type, i) => sameType(type, params[i]!));
  check(fits, op, operands, `the ${name} takes (${actual.map(typeText).join(', ')})`);
  const result = regionResult(region);
  if (result)
    check(
      sameType(result, { dtype: gives, shape: [] }),
      op,
      operands,
      `the ${name} gives ${typeText(result)}`,
    );
}

/** The type of a region's result where it is the region's own; else graph/verify.ts looks it up outside. */
function regionResult(region: Region): TensorType | undefined {
  return [...region.params, ...region.nodes].find((value) => value.id === region.result)?.type;
}
