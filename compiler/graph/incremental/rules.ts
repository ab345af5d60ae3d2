// The rule of every operation in an incremental graph: what it is where only the rows of new positions are computed. Most stay
// as they are, since their rows depend on the same rows of their operands; where that is not so the operation is refused.
import { unreachable } from '../../invariant.ts';
import type { Node, NodeId, Op } from '../../ops/op.ts';
import type { ComputedOp } from '../../ops/shape-rule.ts';
import { asNumber, constant, type Dim, div, equal, ONE } from '../../shapes/dim.ts';
import { attention } from './attention.ts';
import { lookUp } from './look-up.ts';
import { type Context, commonRows, isFragile, row, solid, unlifted } from './operands.ts';
import { dot, raggedDot, reduce } from './products.ts';
import { isPlain, mentions, plainRows, type Rows, reshapedRows, type Value } from './rows.ts';
import { shifted } from './shift.ts';
import type { Writer } from './writer.ts';

type OpOf<K extends Op['kind']> = Extract<Op, { kind: K }>;

/** Operations with lists of their own have their rules where the lists are walked. */
export type PlainNode = Node & { readonly op: Exclude<Op, { kind: 'repeat' | 'turns' }> };

export function ruleOf(node: PlainNode, context: Context): Value {
  const { w } = context;
  const { op } = node;
  const values = node.inputs.map(context.valueAt);
  const [x] = values as [Value, ...Value[]];
  switch (op.kind) {
    case 'input':
      return input(node, w);
    case 'weight':
    case 'const':
      return { id: w.add(op, [], node.type) };
    case 'size': {
      const id = w.add(op, [], node.type);
      return mentions(op.size, w.time.text) ? { id, role: { kind: 'length' } } : { id };
    }
    case 'iota':
      return numbers(op.size, w);
    case 'binary':
      return arithmeticOnNumbers(op, node, values, context) ?? pointwise(op, values, w);
    case 'unary':
    case 'select':
    case 'cast':
      return pointwise(op, values, w);
    case 'reshape': {
      const rows = x.rows && reshapedRows(x.rows, unlifted(x, w), op.shape, w.time);
      if (x.rows && !rows) w.refuse('takes the positions of a text apart');
      return view({ ...op, shape: x.lifted ? [w.batch, ...op.shape] : op.shape }, x, rows, w);
    }
    case 'transpose': {
      const rows = x.rows && { ...x.rows, axis: op.perm.indexOf(x.rows.axis) };
      const perm = x.lifted ? [0, ...op.perm.map((axis) => axis + 1)] : op.perm;
      return view({ ...op, perm }, x, rows, w);
    }
    case 'broadcast':
      return broadcast(op, x, w);
    case 'slice':
      return slice(op, x, w);
    case 'pad': {
      const before = asNumber(op.before);
      if (op.axis !== x.rows?.axis) return along(op, [x], w);
      const usable = before !== undefined && isPlain(x.rows) && !isFragile(x, w);
      if (!usable) return w.refuse('pads a text by what depends on its length');
      return { ...x, padded: { of: x, before } };
    }
    case 'concat':
      return along(op, values, w);
    case 'cumsum':
      return along(op, values, w);
    case 'reduce':
      return reduce(op, x, w);
    case 'dot':
      return op.ragged ? raggedDot(op, values, w) : dot(op, values, w);
    case 'gather':
      return lookUp(op, values, w);
    case 'top_k': {
      const last = unlifted(x, w).length - 1;
      if (x.rows?.axis === last || mentions(unlifted(x, w)[last]!, w.time.text))
        w.refuse('chooses among all positions of a text');
      return row(op, [x], x.rows, w);
    }
    case 'group':
      return group(op, node.inputs[0]!, x, w);
    case 'segment_sum':
      if (values.some(({ rows }) => rows)) w.refuse('adds up rows of different positions');
      return row(op, values, undefined, w);
    case 'attend':
      return attention(op, values, context);
    case 'state':
    case 'append':
      return w.refuse('keeps something already');
    default:
      return unreachable(op, 'graph');
  }
}

/** A view keeps what its elements mean. */
function view(op: ComputedOp, x: Value, rows: Rows | undefined, w: Writer): Value {
  if (x.padded) w.refuse('uses rows before a text');
  return { ...x, id: w.emit(op, [x.id]), rows };
}

const pointwise = (op: ComputedOp, values: readonly Value[], w: Writer): Value =>
  row(op, values, commonRows(values, w), w);

function input(node: PlainNode, w: Writer): Value {
  const { shape } = node.type;
  const axis = shape.findIndex((size) => mentions(size, w.time.text));
  const id = w.add(node.op, [], node.type);
  if (axis < 0) return { id };
  const texts = shape.some((size) => equal(size, w.batch));
  const others = shape.filter((size) => mentions(size, w.time.text)).length > 1;
  if (!texts || others || !equal(shape[axis]!, w.time))
    w.refuse('is given no text for each of a batch');
  return { id, rows: plainRows(axis) };
}

function numbers(size: Dim, w: Writer): Value {
  const role = { kind: 'number', size } as const;
  if (equal(size, w.time)) return { id: w.positions(), rows: plainRows(0), lifted: true, role };
  const id = w.emit({ kind: 'iota', size }, []);
  if (!mentions(size, w.time.text)) return { id };
  const before = div(size, w.time);
  if (!before) w.refuse('numbers more than rows');
  return { id, rows: { axis: 0, before, after: ONE }, role };
}

/** `number % n` and `number / n`, which number the same rows repeated. */
function arithmeticOnNumbers(
  op: OpOf<'binary'>,
  node: Node,
  values: readonly Value[],
  { w, original }: Context,
): Value | undefined {
  const [a, b] = values as [Value, Value];
  if (a.role?.kind !== 'number' || a.role.by || !isFragile(a, w)) return undefined;
  if (op.fn !== 'mod' && op.fn !== 'div') return undefined;
  const of = uniformSize(node.inputs[1]!, original);
  if (!of) return undefined;
  return { id: w.emit(op, [a.id, b.id]), rows: a.rows, role: { ...a.role, by: op.fn, of } };
}

/** The size or number that every element of a value is. */
function uniformSize(id: NodeId, original: Context['original']): Dim | undefined {
  const node = original(id);
  if (node?.op.kind === 'broadcast' || node?.op.kind === 'reshape')
    return uniformSize(node.inputs[0]!, original);
  if (node?.op.kind === 'size') return node.op.size;
  if (node?.op.kind === 'const' && node.op.dtype === 'i32') return constant(node.op.value);
  return undefined;
}

/** A value for each text of a batch finds the batch that the model broadcasts it along, if there is one. */
function broadcast(op: OpOf<'broadcast'>, x: Value, w: Writer): Value {
  const rows = x.rows && { ...x.rows, axis: op.axes[x.rows.axis]! };
  if (!x.lifted) return view(op, x, rows, w);
  const batch = op.shape.findIndex((size, axis) => equal(size, w.batch) && !op.axes.includes(axis));
  if (batch < 0) {
    const axes = [0, ...op.axes.map((axis) => axis + 1)];
    return view({ ...op, shape: [w.batch, ...op.shape], axes }, x, rows, w);
  }
  const targets = [batch, ...op.axes];
  const perm = targets.map((_, axis) => axis).sort((a, b) => targets[a]! - targets[b]!);
  const turned = w.emit({ kind: 'transpose', perm }, [x.id]);
  const axes = targets.toSorted((a, b) => a - b);
  const { lifted: _, ...rest } = x;
  return { ...rest, id: w.emit({ ...op, axes }, [turned]), rows };
}

function slice(op: OpOf<'slice'>, x: Value, w: Writer): Value {
  const start = asNumber(op.start);
  const ofText = equal(op.size, w.time) && op.step === 1 && start !== undefined;
  if (x.padded && op.axis === x.rows?.axis) {
    if (!ofText || start > x.padded.before) w.refuse('looks at later positions');
    return shifted(x.padded.of, x.padded.before - start, w);
  }
  const size = unlifted(x, w)[op.axis]!;
  if (!x.rows && ofText && op.axis === 0 && !mentions(size, w.time.text)) {
    // The first rows of a table are those of the positions.
    const offset = w.emit({ kind: 'const', value: start, dtype: 'i32' }, []);
    const shape = [w.batch, w.time];
    const all = w.emit({ kind: 'broadcast', shape, axes: [] }, [offset]);
    const at = w.emit({ kind: 'binary', fn: 'add' }, [w.positions(), all]);
    const id = w.emit({ kind: 'gather', indices: 1 }, [solid(x, w).id, at]);
    return { id, rows: plainRows(0), lifted: true };
  }
  if (mentions(op.size, w.time.text) || mentions(op.start, w.time.text))
    w.refuse('takes a part that depends on the length of a text');
  return along(op, [x], w);
}

/** Slices, padding, joining and running sums along an axis that is not that of the positions. */
function along(
  op: OpOf<'slice'> | OpOf<'pad'> | OpOf<'concat'> | OpOf<'cumsum'>,
  values: readonly Value[],
  w: Writer,
): Value {
  const rows = commonRows(values, w);
  const onText = values.some(
    (value) => mentions(unlifted(value, w)[op.axis]!, w.time.text) || rows?.axis === op.axis,
  );
  if (onText) w.refuse(`${DOES[op.kind]} the positions of a text`);
  const lifted = values.some((value) => value.lifted);
  return row({ ...op, axis: op.axis + (lifted ? 1 : 0) }, values, rows, w);
}

const DOES = {
  slice: 'takes a part of',
  pad: 'pads',
  concat: 'joins something with',
  cumsum: 'sums along',
} as const;

function group(op: OpOf<'group'>, of: NodeId, x: Value, w: Writer): Value {
  if (!x.rows) w.refuse('groups what are no rows');
  if (x.lifted || x.rows.sorted !== undefined) w.refuse('groups what is in groups');
  const id = w.emit(op, [solid(x, w).id]);
  const role = { kind: op.gives, key: `${of} in ${op.groups.text}` } as const;
  if (op.gives === 'starts') return { id, role };
  return { id, rows: op.gives === 'order' ? { ...x.rows, sorted: role.key } : x.rows, role };
}
