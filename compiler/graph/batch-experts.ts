// Experts that each map one row, applied to all rows at once: the body of an `experts` step with its values spread.
//
//   one       the same for every row and expert      as it stands
//   experts   a weight, or made of weights alone     [experts, ..]
//   rows      depends on the row                     [rows, ..], in the order of the experts that the rows go to
//
// A product of rows with experts becomes a ragged one; elsewhere what is spread over experts is looked up for each row.
// So nothing is ever of the size rows x experts. Rows whose number is no expert's give zeros.
import { InternalError, invariant } from '../invariant.ts';
import type { Node, NodeId, Op, Origin, Region, TensorType } from '../ops/op.ts';
import { type ComputedOp, resultType } from '../ops/shape-rule.ts';
import { constant, type Dim } from '../shapes/dim.ts';

type Spread = 'one' | 'experts' | 'rows';
const WIDTH: readonly Spread[] = ['one', 'experts', 'rows'];

/** What a body of experts is batched with. */
export interface ExpertRows {
  readonly experts: number;
  /** The rows' values, [rows, ..]. */
  readonly input: NodeId;
  /** The number of each row's expert, i32 [rows]. */
  readonly expertOf: NodeId;
  readonly param: NodeId;
  readonly nodes: readonly Node[];
  readonly result: NodeId;
  readonly origin: Origin;
  /** The id of the result, [rows, ..]. */
  readonly id: NodeId;
}

export interface BatchContext {
  readonly typeOf: (id: NodeId) => TensorType;
  readonly newId: () => NodeId;
  /** True for weights that have an axis of experts. */
  readonly isRouted: (weight: string) => boolean;
}

interface Value {
  readonly id: NodeId;
  readonly spread: Spread;
}

/** The nodes that compute the experts' result for all rows; the last is the result. */
export function batchExperts(step: ExpertRows, context: BatchContext): Node[] {
  const nodes: Node[] = [];
  const types = new Map<NodeId, TensorType>();
  const typeOf = (id: NodeId): TensorType => types.get(id) ?? context.typeOf(id);
  const add = (list: Node[], node: Node): NodeId => {
    types.set(node.id, node.type);
    list.push(node);
    return node.id;
  };
  const emitInto =
    (list: Node[]) =>
    (op: ComputedOp, inputs: readonly NodeId[], origin: Origin, id = context.newId()): NodeId =>
      add(list, { id, op, inputs, type: resultType(op, inputs.map(typeOf)), origin });

  const { origin } = step;
  const emit = emitInto(nodes);
  const groups = constant(step.experts);
  const group = (gives: 'order' | 'place' | 'starts'): NodeId =>
    emit({ kind: 'group', groups, gives }, [step.expertOf], origin);
  const pick = (source: NodeId, at: NodeId, id?: NodeId): NodeId =>
    emit({ kind: 'gather', indices: 1 }, [source, at], origin, id);
  const order = group('order');
  const starts = group('starts');
  const rows = pick(step.input, order);
  const rowExperts = pick(step.expertOf, order);
  const batch: Batch = {
    rows: typeOf(rows).shape[0]!,
    experts: groups,
    starts,
    rowExperts,
    typeOf,
    isRouted: context.isRouted,
    newId: context.newId,
    declare: (id, type) => types.set(id, type),
    add,
    emitInto,
    values: new Map([[step.param, { id: rows, spread: 'rows' }]]),
  };
  spreadNodes(step.nodes, nodes, batch);
  const result = widened(spreadOf(step.result, batch), 'rows', emit, origin, batch);
  const back = pick(result, group('place'));

  // Rows of no expert.
  const { dtype, shape } = typeOf(back);
  const number = (value: number, type: TensorType): NodeId => {
    const scalar = emit({ kind: 'const', value, dtype: type.dtype }, [], origin);
    return emit({ kind: 'broadcast', shape: type.shape, axes: [] }, [scalar], origin);
  };
  const ofType = typeOf(step.expertOf);
  const compare = (fn: 'le' | 'lt', a: NodeId, b: NodeId): NodeId =>
    emit({ kind: 'binary', fn }, [a, b], origin);
  const inside = emit(
    { kind: 'binary', fn: 'and' },
    [
      compare('le', number(0, ofType), step.expertOf),
      compare('lt', step.expertOf, number(step.experts, ofType)),
    ],
    origin,
  );
  const isKept = emit({ kind: 'broadcast', shape, axes: [0] }, [inside], origin);
  emit({ kind: 'select' }, [isKept, back, number(0, { dtype, shape })], origin, step.id);
  return nodes;
}

type Emit = (op: ComputedOp, inputs: readonly NodeId[], origin: Origin, id?: NodeId) => NodeId;

interface Batch {
  readonly rows: Dim;
  readonly experts: Dim;
  readonly starts: NodeId;
  /** The expert of each row in the order of the experts, i32 [rows]. */
  readonly rowExperts: NodeId;
  readonly typeOf: (id: NodeId) => TensorType;
  readonly isRouted: (weight: string) => boolean;
  readonly newId: () => NodeId;
  readonly declare: (id: NodeId, type: TensorType) => void;
  readonly add: (list: Node[], node: Node) => NodeId;
  readonly emitInto: (list: Node[]) => Emit;
  readonly values: Map<NodeId, Value>;
}

/** Values from outside of the body are the same for every row. */
const spreadOf = (id: NodeId, { values }: Batch): Value => values.get(id) ?? { id, spread: 'one' };

const sizeOf = (spread: 'experts' | 'rows', { rows, experts }: Batch): Dim =>
  spread === 'rows' ? rows : experts;

function spreadNodes(nodes: readonly Node[], into: Node[], batch: Batch): void {
  for (const node of nodes) batch.values.set(node.id, spreadNode(node, into, batch));
}

function spreadNode(node: Node, into: Node[], batch: Batch): Value {
  const { op, origin, type } = node;
  const emit = batch.emitInto(into);
  const operands = node.inputs.map((id) => spreadOf(id, batch));
  if (op.kind === 'weight' && batch.isRouted(op.name)) {
    const shape = [batch.experts, ...type.shape];
    return { id: batch.add(into, { ...node, type: { ...type, shape } }), spread: 'experts' };
  }
  if (op.kind === 'repeat') return spreadRepeat(node, op.body, operands[0]!, into, batch);
  const spread = widest(operands);
  if (spread === 'one') {
    const inputs = operands.map(({ id }) => id);
    return { id: batch.add(into, { ...node, inputs }), spread };
  }
  const align = (operand: Value, to: Spread = spread): NodeId =>
    widened(operand, to, emit, origin, batch);
  if (op.kind === 'dot') return spreadDot(op, operands, align, emit, origin, batch);
  if (op.kind === 'gather') {
    const [source, ...indices] = operands as [Value, ...Value[]];
    return spreadGather(source, indices, spread, align, emit, origin, batch);
  }
  const id = emit(
    shifted(op, sizeOf(spread, batch)),
    operands.map((o) => align(o)),
    origin,
  );
  return { id, spread };
}

const widest = (operands: readonly Value[]): Spread =>
  WIDTH[Math.max(0, ...operands.map(({ spread }) => WIDTH.indexOf(spread)))]!;

/** A value with one more axis in front, or that of experts looked up for each row. */
function widened(value: Value, to: Spread, emit: Emit, origin: Origin, batch: Batch): NodeId {
  if (value.spread === to || to === 'one') return value.id;
  if (value.spread === 'experts') {
    return emit({ kind: 'gather', indices: 1 }, [value.id, batch.rowExperts], origin);
  }
  const { shape } = batch.typeOf(value.id);
  const axes = shape.map((_, axis) => axis + 1);
  return emit(
    { kind: 'broadcast', shape: [sizeOf(to, batch), ...shape], axes },
    [value.id],
    origin,
  );
}

/** The operation with an axis in front of all others. */
function shifted(op: Op, size: Dim): ComputedOp {
  const next = (axis: number): number => axis + 1;
  switch (op.kind) {
    case 'unary':
    case 'binary':
    case 'select':
    case 'cast':
    case 'top_k':
      return op;
    case 'reshape':
      return { ...op, shape: [size, ...op.shape] };
    case 'transpose':
      return { ...op, perm: [0, ...op.perm.map(next)] };
    case 'broadcast':
      return { ...op, shape: [size, ...op.shape], axes: [0, ...op.axes.map(next)] };
    case 'slice':
    case 'pad':
    case 'concat':
    case 'cumsum':
      return { ...op, axis: next(op.axis) };
    case 'reduce':
      return { ...op, axes: op.axes.map(next) };
    default:
      throw new InternalError('lower', `${op.kind} of one row`);
  }
}

function spreadDot(
  op: Extract<Op, { kind: 'dot' }>,
  operands: readonly Value[],
  align: (operand: Value, to?: Spread) => NodeId,
  emit: Emit,
  origin: Origin,
  batch: Batch,
): Value {
  const [a, b] = operands as [Value, Value];
  const fresh = Math.max(-1, ...op.lhs, ...op.rhs) + 1;
  const sums = [...op.lhs, ...op.rhs].some((label) => !op.out.includes(label));
  if (sums && a.spread !== b.spread && a.spread !== 'one' && b.spread !== 'one') {
    const [rows, parts] = a.spread === 'rows' ? [a, b] : [b, a];
    const [own, other] = a.spread === 'rows' ? [op.lhs, op.rhs] : [op.rhs, op.lhs];
    const labels = { lhs: [fresh, ...own], rhs: [fresh + 1, ...other], out: [fresh, ...op.out] };
    const inputs = [rows.id, parts.id, batch.starts];
    return { id: emit({ ...op, ...labels, ragged: true }, inputs, origin), spread: 'rows' };
  }
  const spread = widest(operands);
  const side = (value: Value, labels: readonly number[]): readonly number[] =>
    value.spread === 'one' ? labels : [fresh, ...labels];
  const labels = { lhs: side(a, op.lhs), rhs: side(b, op.rhs), out: [fresh, ...op.out] };
  const inputs = operands.map((operand) =>
    operand.spread === 'one' ? operand.id : align(operand),
  );
  return { id: emit({ ...op, ...labels }, inputs, origin), spread };
}

/** Looks up in what is spread along its first axis too: by each row's own number, or by that of its expert. */
function spreadGather(
  source: Value,
  indices: readonly Value[],
  spread: Spread,
  align: (operand: Value, to?: Spread) => NodeId,
  emit: Emit,
  origin: Origin,
  batch: Batch,
): Value {
  const picks = indices.map((index) => align(index));
  if (source.spread !== 'one' && spread !== 'one') {
    const { shape } = batch.typeOf(picks[0]!);
    const size = sizeOf(spread, batch);
    const first =
      source.spread === spread ? emit({ kind: 'iota', size }, [], origin) : batch.rowExperts;
    picks.unshift(emit({ kind: 'broadcast', shape, axes: [0] }, [first], origin));
  }
  const op: Op = { kind: 'gather', indices: picks.length };
  return { id: emit(op, [source.id, ...picks], origin), spread };
}

/** What a repeat carries is spread over rows. */
function spreadRepeat(node: Node, body: Region, input: Value, into: Node[], batch: Batch): Value {
  const { origin, op } = node;
  invariant(op.kind === 'repeat' && !body.emits, 'lower', 'a repeat of one row that emits');
  const start = widened(input, 'rows', batch.emitInto(into), origin, batch);
  const param = { id: batch.newId(), type: batch.typeOf(start) };
  batch.declare(param.id, param.type);
  batch.values.set(body.params[0]!.id, { id: param.id, spread: 'rows' });
  const nodes: Node[] = [];
  spreadNodes(body.nodes, nodes, batch);
  const last = spreadOf(body.result, batch);
  const result = widened(last, 'rows', batch.emitInto(nodes), origin, batch);
  const region: Region = { params: [param], nodes, result };
  const turns: Op = { ...op, body: region };
  const id = batch.add(into, { ...node, op: turns, inputs: [start], type: param.type });
  return { id, spread: 'rows' };
}
