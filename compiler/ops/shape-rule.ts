// The shape rule of every operation: operand types in, result type out, everything checked symbolically.
// A violation is the compiler's own mistake (users get diagnostics long before), so it throws `InternalError`.
import { unreachable } from '../invariant.ts';
import { add, asNumber, type Dim, equal, ONE, sub } from '../shapes/dim.ts';
import type { BinaryFn, DType, Op, TensorType, UnaryFn } from './op.ts';
import {
  arity,
  axisInRange,
  check,
  type Operands,
  type OpOf,
  risingAxes,
  wholeSizes,
} from './operand-check.ts';
import { attendType, repeatType } from './region-types.ts';
import { sameShape, sameType } from './same-type.ts';
import {
  broadcastType,
  concatType,
  padType,
  reshapeType,
  sliceType,
  transposeType,
} from './view-types.ts';

/**
 * Operations whose type follows from their operands' types. Inputs and weights are declared with the graph; what a
 * repeat emits is looked up in its body (graph/verify.ts).
 */
export type ComputedOp = Exclude<Op, { readonly kind: 'input' | 'weight' | 'state' | 'turns' }>;

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
    case 'top_k':
      return topKType(op, operands);
    case 'group':
      return groupType(op, operands);
    case 'segment_sum':
      return segmentSumType(op, operands);
    case 'attend':
      return attendType(op, operands);
    case 'repeat':
      return repeatType(op, operands);
    case 'append':
      return appendType(op, operands);
    default:
      return unreachable(op, 'graph');
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

function reduceType(op: OpOf<'reduce'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  const { dtype, shape } = operands[0]!;
  check(dtype !== 'bool', op, operands, 'not for bool');
  check(op.axes.length > 0, op, operands, 'no axis to reduce');
  risingAxes(op, operands, op.axes, shape.length);
  return { dtype, shape: shape.filter((_, axis) => !op.axes.includes(axis)) };
}

function dotType(op: OpOf<'dot'>, operands: Operands): TensorType {
  arity(op, operands, op.ragged ? 3 : 2);
  if (op.ragged) raggedLabels(op, operands);
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

function raggedLabels(op: OpOf<'dot'>, operands: Operands): void {
  const [row, group] = [op.lhs[0], op.rhs[0]];
  const isRow = row !== undefined && op.out[0] === row && !op.rhs.includes(row);
  check(isRow, op, operands, 'the first label of the left operand is that of the rows');
  const isGroup = group !== undefined && !op.lhs.includes(group) && !op.out.includes(group);
  check(isGroup, op, operands, 'the first label of the right operand is that of the groups');
  startsOf(op, operands, operands[2]!, operands[1]!.shape[0]!);
}

/** Checks an operand of starts; its size is one more than the groups. */
function startsOf(op: Op, operands: Operands, starts: TensorType, groups?: Dim): void {
  const isList = starts.dtype === 'i32' && starts.shape.length === 1;
  check(isList, op, operands, 'starts are i32 of rank 1');
  if (!groups) return;
  const fits = equal(starts.shape[0]!, add(groups, ONE));
  check(fits, op, operands, `${groups.text} groups have one start more`);
}

function topKType(op: OpOf<'top_k'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  wholeSizes(op, [op.k], operands);
  const { dtype, shape } = operands[0]!;
  check(dtype === 'f32' && shape.length > 0, op, operands, 'the operand is f32 with an axis');
  const room = asNumber(sub(shape.at(-1)!, op.k));
  check(room === undefined || room >= 0, op, operands, `${op.k.text} of ${shape.at(-1)!.text}`);
  return { dtype: 'i32', shape: [...shape.slice(0, -1), op.k] };
}

function groupType(op: OpOf<'group'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  wholeSizes(op, [op.groups], operands);
  const { dtype, shape } = operands[0]!;
  check(
    dtype === 'i32' && shape.length === 1,
    op,
    operands,
    'the groups of rows are i32 of rank 1',
  );
  return { dtype: 'i32', shape: op.gives === 'starts' ? [add(op.groups, ONE)] : shape };
}

function segmentSumType(op: OpOf<'segment_sum'>, operands: Operands): TensorType {
  arity(op, operands, 2);
  const [values, starts] = operands as readonly [TensorType, TensorType];
  check(values.dtype !== 'bool' && values.shape.length > 0, op, operands, 'no rows to add');
  startsOf(op, operands, starts);
  return { dtype: values.dtype, shape: [sub(starts.shape[0]!, ONE), ...values.shape.slice(1)] };
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

function appendType(op: OpOf<'append'>, operands: Operands): TensorType {
  arity(op, operands, 3);
  const [state, rows, filled] = operands as readonly [TensorType, TensorType, TensorType];
  axisInRange(op, operands, op.axis);
  axisInRange(op, operands, op.batch);
  check(op.axis !== op.batch, op, operands, 'the batch is no place');
  const fits = sameType(rows, { ...state, shape: state.shape.with(op.axis, rows.shape[op.axis]!) });
  check(fits, op, operands, 'rows are as those of the state');
  const counts = { dtype: 'i32', shape: [state.shape[op.batch]!] } as const;
  check(sameType(filled, counts), op, operands, 'a count for each index of the batch');
  return state;
}
