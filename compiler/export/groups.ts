// Choosing and grouping in ONNX: the largest along an axis, rows in groups, sums and products of groups.
import type { Op, TensorType } from '../ops/op.ts';
import { add, type Dim, ONE, sub } from '../shapes/dim.ts';
import { DATA_TYPE } from './onnx-proto.ts';
import { equation } from './products.ts';
import type { Name, Writer } from './writer.ts';

type OpOf<Kind extends Op['kind']> = Extract<Op, { kind: Kind }>;

const cast = (w: Writer, type: keyof typeof DATA_TYPE, x: Name): Name =>
  w.op('Cast', [x], { to: DATA_TYPE[type] });

/** The places of the first `count` along the last axis in sorted order; equal ones in the order of their places. */
function sorted(w: Writer, x: Name, count: Dim, largest: 0 | 1): Name {
  const places = w.fresh('TopK');
  const outputs = [w.fresh('TopK'), places];
  w.define(outputs, 'TopK', [x, w.shape([count])], { axis: -1, largest, sorted: 1 });
  return cast(w, 'int32', places);
}

/** As float64, which has numbers below those of float32 to stand for -inf, so that -inf can stand for NaN. */
export function topK(w: Writer, x: Name, { k }: OpOf<'top_k'>): Name {
  const numbers = w.op('Max', [cast(w, 'double', x), w.scalar('double', -1e300)]);
  const ranked = w.op('Where', [w.op('IsNaN', [x]), w.scalar('double', -Infinity), numbers]);
  return sorted(w, ranked, k, 1);
}

/** A row outside of the groups is in one more, the last. */
export function group(
  w: Writer,
  x: Name,
  { shape }: TensorType,
  { groups, gives }: OpOf<'group'>,
): Name {
  const rows = shape[0]!;
  const [zero, most] = [w.scalar('int32', 0), cast(w, 'int32', w.size(groups))];
  const outside = w.op('Or', [w.op('Less', [x, zero]), w.op('LessOrEqual', [most, x])]);
  const groupOf = w.op('Where', [outside, most, x]);
  if (gives === 'starts') {
    const all = w.op('Unsqueeze', [w.iota(add(groups, ONE)), w.list(1)]);
    return countTrue(w, w.op('Less', [groupOf, all]), 1);
  }
  const order = sorted(w, groupOf, rows, 0);
  // The places of a permutation in sorted order are its inverse.
  return gives === 'order' ? order : sorted(w, order, rows, 0);
}

function countTrue(w: Writer, x: Name, axis: number): Name {
  return w.op('ReduceSum', [cast(w, 'int32', x), w.list(axis)], { keepdims: 0 });
}

/** Adds each row, in order, to its group's; rows of no group to one more row, which is cut off. */
export function segmentSum(
  w: Writer,
  values: Name,
  starts: Name,
  [valuesType, startsType]: readonly TensorType[],
): Name {
  const [rows, ...rest] = valuesType!.shape as [Dim, ...Dim[]];
  const all = startsType!.shape[0]!;
  const begun = w.op('LessOrEqual', [w.op('Unsqueeze', [starts, w.list(1)]), w.iota(rows)]);
  // -1 for rows before the first start, `groups` for those after the last: both are the last row.
  const groupOf = w.op('Sub', [countTrue(w, begun, 0), w.scalar('int32', 1)]);
  const column = rest.length === 0 ? groupOf : w.op('Unsqueeze', [groupOf, axes(w, rest.length)]);
  const indices = w.op('Expand', [column, w.shape([rows, ...rest])]);
  const zero = w.scalar(valuesType!.dtype === 'i32' ? 'int32' : 'float', 0);
  const zeros = w.op('Expand', [zero, w.shape([all, ...rest])]);
  const sums = w.op('ScatterElements', [zeros, indices, values], { axis: 0, reduction: 'add' });
  return w.op('Slice', [sums, w.list(0), w.shape([sub(all, ONE)]), w.list(0)]);
}

const axes = (w: Writer, count: number): Name =>
  w.list(...Array.from({ length: count }, (_, axis) => axis + 1));

/** A loop over the groups: the rows of each, of whatever number, times its part, joined; then the rows of no group. */
export function raggedDot(
  w: Writer,
  [rows, parts, starts]: readonly [Name, Name, Name],
  [rowsType, partsType]: readonly TensorType[],
  { lhs, rhs, out }: OpOf<'dot'>,
): Name {
  const scalarOf = (elemType: number) => ({ tensorType: { elemType, shape: { dim: [] } } });
  const list = { sequenceType: { elemType: { tensorType: { elemType: DATA_TYPE.float } } } };
  const [turn, going, before] = [w.fresh('turn'), w.fresh('going'), w.fresh('products')];
  const body = w.subgraph(
    [
      { name: turn, type: scalarOf(DATA_TYPE.int64) },
      { name: going, type: scalarOf(DATA_TYPE.bool) },
      { name: before, type: list },
    ],
    [{ type: scalarOf(DATA_TYPE.bool) }, { type: list }],
    () => {
      const here = w.op('Unsqueeze', [turn, w.list(0)]);
      const from = w.op('Gather', [starts, here], { axis: 0 });
      const to = w.op('Gather', [starts, w.op('Add', [here, w.list(1)])], { axis: 0 });
      const own = w.op('Slice', [rows, from, to, intList(w, 0)]);
      const part = w.op('Gather', [parts, turn], { axis: 0 });
      const product = w.op('Einsum', [own, part], { equation: equation(lhs, rhs.slice(1), out) });
      return [w.op('Identity', [going]), w.op('SequenceInsert', [before, product])];
    },
  );
  const groups = w.size(partsType!.shape[0]!);
  const none = w.op('SequenceEmpty', [], { dtype: DATA_TYPE.float });
  const all = w.op('Loop', [groups, '', none], { body });
  const joined = w.op('ConcatFromSequence', [all], { axis: 0 });
  const found = w.op('Shape', [joined], { start: 0, end: 1 });
  const missing = w.op('Sub', [w.shape([rowsType!.shape[0]!]), found]);
  const ends = w.op('Concat', [w.list(0), missing], { axis: 0 });
  return w.op('Pad', [joined, ends, w.scalar('float', 0), w.list(0)]);
}

/** Slice wants all of its places in one type. */
const intList = (w: Writer, value: number): Name =>
  w.op('Unsqueeze', [w.scalar('int32', value), w.list(0)]);
