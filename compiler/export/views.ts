// Views and indexing in ONNX: the same elements elsewhere. Sizes that depend on the batch or the length are computed at run time.
import type { Op, TensorType } from '../ops/op.ts';
import { add, constant, type Dim, mul, product } from '../shapes/dim.ts';
import { ONNX_TYPE } from './elementwise.ts';
import { DATA_TYPE } from './onnx-proto.ts';
import type { Name, Writer } from './writer.ts';

type OpOf<Kind extends Op['kind']> = Extract<Op, { kind: Kind }>;

export function reshape(w: Writer, x: Name, shape: readonly Dim[]): Name {
  return w.op('Reshape', [x, w.shape(shape)], { allowzero: 1 });
}

export function broadcast(w: Writer, x: Name, { shape, axes }: OpOf<'broadcast'>): Name {
  const added = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  if (added.length === 0) return x;
  return w.op('Expand', [w.op('Unsqueeze', [x, w.list(...added)]), w.shape(shape)]);
}

export function slice(w: Writer, x: Name, { axis, start, size, step }: OpOf<'slice'>): Name {
  const end = add(start, mul(size, constant(step)));
  return w.op('Slice', [x, w.shape([start]), w.shape([end]), w.list(axis), w.list(step)]);
}

/** Zeros before and after along the axis. */
export function pad(w: Writer, x: Name, { dtype }: TensorType, op: OpOf<'pad'>): Name {
  const zero = w.scalar(ONNX_TYPE[dtype], 0);
  return w.op('Pad', [x, w.shape([op.before, op.after]), zero, w.list(op.axis)]);
}

/** Values of one shape along a new first axis. */
export function stack(w: Writer, parts: readonly Name[]): Name {
  const rows = parts.map((part) => w.op('Unsqueeze', [part, w.list(0)]));
  return w.op('Concat', rows, { axis: 0 });
}

/**
 * Picks along the leading axes of `source`, of the given shape, by one index for each; an index outside is clamped.
 * Indices broadcast against each other.
 */
export function gather(
  w: Writer,
  source: Name,
  shape: readonly Dim[],
  indices: readonly Name[],
): Name {
  // Clamped as int32: ONNX Runtime 1.30 takes the smaller of two int64 by their lower halves.
  const clamped = indices.map((index, axis) => {
    const last = w.op('Sub', [w.size(shape[axis]!), w.scalar('int64', 1)]);
    const most = w.op('Cast', [last], { to: DATA_TYPE.int32 });
    const inside = w.op('Clip', [index, w.scalar('int32', 0), most]);
    return w.op('Cast', [inside], { to: DATA_TYPE.int64 });
  });
  const flat = clamped.reduce((before, index, axis) =>
    w.op('Add', [w.op('Mul', [before, w.size(shape[axis]!)]), index]),
  );
  const rows = [product(shape.slice(0, indices.length)), ...shape.slice(indices.length)];
  const flattened = indices.length === 1 ? source : reshape(w, source, rows);
  return w.op('Gather', [flattened, flat], { axis: 0 });
}
