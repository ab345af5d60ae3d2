// Writes graphs tersely, for tests and examples: each function adds a node and gives its value, types are
// derived and checked by the shape rules. Broadcasting stays explicit, but a plain number stands for a constant.
//
//   const graph = buildGraph('mlp', { b: {}, t: {} }, (g) => {
//     const x = g.input('x', ['b', 't', 8]);
//     return { y: g.unary('tanh', g.dot('b t d, d h -> b t h', x, g.weight('w', [8, 16]))) };
//   });
//
// Not used by the compiler's own stages: lowering and passes make nodes themselves.
import { invariant } from '../invariant.ts';
import type {
  BinaryFn,
  DType,
  Node,
  NodeId,
  Op,
  Origin,
  ReduceFn,
  Region,
  TensorType,
  UnaryFn,
} from '../ops/op.ts';
import { MASK_PARAMS, SCORE_PARAMS } from '../ops/region-types.ts';
import { type ComputedOp, resultType } from '../ops/shape-rule.ts';
import { constant, type Dim, symbol } from '../shapes/dim.ts';
import type { Graph, GraphInput, Initializer, SymbolSpec, WeightSpec } from './graph.ts';

/** A number, the name of a symbol, or any size. */
export type Size = number | string | Dim;

export function size(value: Size): Dim {
  if (typeof value === 'number') return constant(value);
  return typeof value === 'string' ? symbol(value) : value;
}

export interface Value {
  readonly id: NodeId;
  readonly type: TensorType;
}

export interface AttendOptions {
  readonly scale?: number;
  readonly mask?: (b: Value, h: Value, i: Value, j: Value) => Value;
  readonly score?: (s: Value, b: Value, h: Value, i: Value, j: Value) => Value;
}

export interface GraphBuilder {
  input(
    name: string,
    shape: readonly Size[],
    dtype?: DType,
    range?: readonly [number, number],
  ): Value;
  /** Inside repeats the name holds `{0}`, ...; the counts are taken from the enclosing repeats. */
  weight(
    name: string,
    shape: readonly number[],
    options?: {
      readonly init?: Initializer;
      readonly embedding?: boolean;
      readonly routed?: { readonly experts: number; readonly rows: Size };
    },
  ): Value;
  const(value: number, dtype?: DType): Value;
  size(value: Size): Value;
  iota(value: Size): Value;
  unary(fn: UnaryFn, x: Value): Value;
  /** A number takes the other operand's type and shape. */
  binary(fn: BinaryFn, a: Value | number, b: Value | number): Value;
  add(a: Value | number, b: Value | number): Value;
  sub(a: Value | number, b: Value | number): Value;
  mul(a: Value | number, b: Value | number): Value;
  div(a: Value | number, b: Value | number): Value;
  select(condition: Value, a: Value | number, b: Value | number): Value;
  cast(to: DType, x: Value): Value;
  reshape(x: Value, shape: readonly Size[]): Value;
  transpose(x: Value, perm: readonly number[]): Value;
  broadcast(x: Value, shape: readonly Size[], axes: readonly number[]): Value;
  /** Broadcasts to the shape of `other`: x's axes become `axes`, by default the last ones. */
  like(x: Value, other: Value, axes?: readonly number[]): Value;
  slice(x: Value, axis: number, start: Size, length: Size, step?: number): Value;
  pad(x: Value, axis: number, before: Size, after: Size): Value;
  concat(axis: number, ...xs: readonly Value[]): Value;
  reduce(fn: ReduceFn, x: Value, axes: readonly number[]): Value;
  cumsum(x: Value, axis: number): Value;
  /** Labels are words: `b t d, d h -> b t h`. */
  dot(labels: string, a: Value, b: Value): Value;
  /** The labels' first of each operand are row and group: `r d, e d h -> r h`. */
  raggedDot(labels: string, rows: Value, parts: Value, starts: Value): Value;
  gather(source: Value, ...indices: readonly Value[]): Value;
  topK(x: Value, k: Size): Value;
  group(gives: 'order' | 'place' | 'starts', rows: Value, groups: Size): Value;
  segmentSum(values: Value, starts: Value): Value;
  attend(q: Value, k: Value, v: Value, options?: AttendOptions): Value;
  repeat(count: number, x: Value, body: (x: Value) => Value): Value;
  /** A repeat whose body also gives values that leave it: each of them comes out with an axis of all turns. */
  emittingRepeat(
    count: number,
    x: Value,
    body: (x: Value) => { readonly next: Value; readonly emits: readonly Value[] },
  ): { readonly last: Value; readonly turns: readonly Value[] };
  /** Nodes made inside `body` come from the layer instance at `path`. */
  at<T>(path: string, layer: string, body: () => T): T;
  /** Any operation. */
  op(op: ComputedOp, ...operands: readonly Value[]): Value;
}

const SMALL: Initializer = { kind: 'normal', std: 0.02 };

/**
 * A graph of the values that `body` returns, by output name. Symbols get `min` 1 unless given.
 * @throws InternalError ('graph') where an operation's operands do not fit.
 */
export function buildGraph(
  name: string,
  symbols: Readonly<Record<string, Omit<Partial<SymbolSpec>, 'name'>>>,
  body: (g: GraphBuilder) => Readonly<Record<string, Value>>,
): Graph {
  const inputs: GraphInput[] = [];
  const weights: WeightSpec[] = [];
  const nodes: Node[] = [];
  let list = nodes;
  let origin: Origin = { path: '', layer: '' };
  let repeats: readonly number[] = [];
  let nextId = 0;

  function push(op: Op, operands: readonly Value[], type: TensorType): Value {
    const node: Node = { id: nextId++, op, inputs: operands.map((x) => x.id), type, origin };
    list.push(node);
    return node;
  }

  const op = (op: ComputedOp, ...operands: readonly Value[]): Value =>
    push(
      op,
      operands,
      resultType(
        op,
        operands.map((x) => x.type),
      ),
    );

  function region(
    params: readonly TensorType[],
    body: (params: readonly Value[]) => Value,
  ): Region {
    const outer = list;
    list = [];
    const values = params.map((type) => ({ id: nextId++, type }));
    const result = body(values).id;
    const region: Region = { params: values, nodes: list, result };
    list = outer;
    return region;
  }

  function filled(value: Value | number, like: Value | number): Value {
    if (typeof value !== 'number') return value;
    invariant(typeof like !== 'number', 'graph', 'one operand must be a value');
    const scalar = op({ kind: 'const', value, dtype: like.type.dtype });
    if (like.type.shape.length === 0) return scalar;
    return op({ kind: 'broadcast', shape: like.type.shape, axes: [] }, scalar);
  }

  const binary = (fn: BinaryFn, a: Value | number, b: Value | number): Value =>
    op({ kind: 'binary', fn }, filled(a, b), filled(b, a));

  const g: GraphBuilder = {
    op,
    binary,
    input(name, shape, dtype = 'f32', range) {
      const type: TensorType = { dtype, shape: shape.map(size) };
      inputs.push({ name, type, ...(range && { range }) });
      return push({ kind: 'input', name }, [], type);
    },
    weight(name, shape, { init = SMALL, embedding = false, routed } = {}) {
      const share = routed && { routed: { ...routed, rows: size(routed.rows) } };
      weights.push({ name, dtype: 'f32', shape, init, repeats, embedding, ...share });
      return push({ kind: 'weight', name }, [], { dtype: 'f32', shape: shape.map(size) });
    },
    const: (value, dtype = 'f32') => op({ kind: 'const', value, dtype }),
    size: (value) => op({ kind: 'size', size: size(value) }),
    iota: (value) => op({ kind: 'iota', size: size(value) }),
    unary: (fn, x) => op({ kind: 'unary', fn }, x),
    add: (a, b) => binary('add', a, b),
    sub: (a, b) => binary('sub', a, b),
    mul: (a, b) => binary('mul', a, b),
    div: (a, b) => binary('div', a, b),
    select: (condition, a, b) => op({ kind: 'select' }, condition, filled(a, b), filled(b, a)),
    cast: (to, x) => op({ kind: 'cast', to }, x),
    reshape: (x, shape) => op({ kind: 'reshape', shape: shape.map(size) }, x),
    transpose: (x, perm) => op({ kind: 'transpose', perm }, x),
    broadcast: (x, shape, axes) => op({ kind: 'broadcast', shape: shape.map(size), axes }, x),
    like(x, other, axes) {
      const { shape } = other.type;
      const rank = x.type.shape.length;
      const last = Array.from({ length: rank }, (_, i) => shape.length - rank + i);
      return op({ kind: 'broadcast', shape, axes: axes ?? last }, x);
    },
    slice: (x, axis, start, length, step = 1) =>
      op({ kind: 'slice', axis, start: size(start), size: size(length), step }, x),
    pad: (x, axis, before, after) =>
      op({ kind: 'pad', axis, before: size(before), after: size(after) }, x),
    concat: (axis, ...xs) => op({ kind: 'concat', axis }, ...xs),
    reduce: (fn, x, axes) => op({ kind: 'reduce', fn, axes }, x),
    cumsum: (x, axis) => op({ kind: 'cumsum', axis }, x),
    dot: (labels, a, b) => op(parseLabels(labels), a, b),
    raggedDot: (labels, a, b, starts) => op({ ...parseLabels(labels), ragged: true }, a, b, starts),
    gather: (source, ...indices) =>
      op({ kind: 'gather', indices: indices.length }, source, ...indices),
    topK: (x, k) => op({ kind: 'top_k', k: size(k) }, x),
    group: (gives, rows, groups) => op({ kind: 'group', gives, groups: size(groups) }, rows),
    segmentSum: (values, starts) => op({ kind: 'segment_sum' }, values, starts),
    attend(q, k, v, { scale = 1, mask, score } = {}) {
      const regions = {
        ...(score && {
          score: region(SCORE_PARAMS, ([s, b, h, i, j]) => score(s!, b!, h!, i!, j!)),
        }),
        ...(mask && { mask: region(MASK_PARAMS, ([b, h, i, j]) => mask(b!, h!, i!, j!)) }),
      };
      return op({ kind: 'attend', scale, ...regions }, q, k, v);
    },
    repeat: (count, x, body) =>
      g.emittingRepeat(count, x, (carried) => ({ next: body(carried), emits: [] })).last,
    emittingRepeat(count, x, body) {
      let emits: readonly Value[] = [];
      repeats = [...repeats, count];
      const turn = region([x.type], ([carried]) => {
        const made = body(carried!);
        emits = made.emits;
        return made.next;
      });
      repeats = repeats.slice(0, -1);
      const emitted = emits.length > 0 && { emits: emits.map(({ id }) => id) };
      const last = op({ kind: 'repeat', count, body: { ...turn, ...emitted } }, x);
      const turns = emits.map(({ type }, index) => {
        const all = { ...type, shape: [constant(count), ...type.shape] };
        return push({ kind: 'turns', index }, [last], all);
      });
      return { last, turns };
    },
    at(path, layer, body) {
      const outer = origin;
      origin = { path, layer };
      const result = body();
      origin = outer;
      return result;
    },
  };

  const outputs = Object.entries(body(g)).map(([name, value]) => {
    return { name, kind: 'result' as const, node: value.id };
  });
  const specs = Object.entries(symbols).map(([name, spec]) => ({ name, min: 1, ...spec }));
  return { name, symbols: specs, inputs, weights, nodes, outputs };
}

function parseLabels(text: string): Extract<Op, { kind: 'dot' }> {
  const parts = text.split(/,|->/).map((part) => part.trim().split(/\s+/).filter(Boolean));
  invariant(parts.length === 3, 'graph', `"${text}" is not of the form "a b, b c -> a c"`);
  const numbers = new Map<string, number>();
  const [lhs, rhs, out] = parts.map((words) =>
    words.map((word) => {
      if (!numbers.has(word)) numbers.set(word, numbers.size);
      return numbers.get(word)!;
    }),
  );
  return { kind: 'dot', lhs: lhs!, rhs: rhs!, out: out! };
}
