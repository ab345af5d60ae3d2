// Functions over rows in groups: `count` and `rank` of group numbers, `scatter_add`, and `per_expert`, which applies to
// each row the layer of its number.
import { add, asNumber, ONE, product } from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import { type Env, type Frame, joinPath } from '../context.ts';
import { binary, broadcast, emit, filled, reshape, typeOf } from '../emit.ts';
import { mistake, userPlace } from '../mistake.ts';
import type { Step } from '../model.ts';
import { mayEqual } from '../sizes.ts';
import { textAt } from '../span-text.ts';
import {
  type Axis,
  describe,
  type LayerValue,
  layerName,
  POISON,
  shapeText,
  type Tensor,
  type Value,
} from '../value.ts';
import { wholeSize } from '../whole-size.ts';
import { allButOne, labelFor } from './choosing.ts';
import {
  type FunctionCall,
  type FunctionTable,
  type Given,
  seesAllRows,
  tensorOperand,
} from './function.ts';

type Gives = 'order' | 'place' | 'starts';

/** The group of each row, as a list, and how many groups there are. */
interface Groups {
  readonly numbers: Tensor;
  readonly rows: Tensor;
  readonly groups: Axis;
}

/** Reads `(numbers, n)` off a call: the operand of i32 numbers, and the number of groups. */
function groupsOf(call: FunctionCall, numbersAt: number, sizeAt: number): Groups | undefined {
  const { env, operands, span } = call;
  const numbers = tensorOperand(call, numbersAt);
  const given = operands[sizeAt]!;
  const size = wholeSize(env, given.value, given.span, 'the number of groups');
  if (!numbers || !size || !isI32(call, numbers, operands[numbersAt]!)) return undefined;
  if (!seesAllRows(call)) return undefined;
  const label = labelFor(given, 'n');
  return {
    numbers,
    rows: flat(env, numbers, span),
    groups: { label, size, origin: given.span },
  };
}

function isI32({ env }: FunctionCall, tensor: Tensor, { span }: Given): boolean {
  if (tensor.dtype === 'i32') return true;
  mistake(env, 'BF3005', `the numbers of groups are i32; this is ${tensor.dtype}`, span, {
    hint: 'convert it with `i32(...)`',
  });
  return false;
}

/** All elements along one axis. */
function flat(env: Env, x: Tensor, span: Span): Tensor {
  const size = product(x.axes.map((axis) => axis.size));
  return reshape(env, x, [{ label: 'rows', size, origin: span }], span);
}

function group(env: Env, gives: Gives, { rows, groups }: Groups, span: Span): Tensor {
  const op = { kind: 'group', groups: groups.size, gives } as const;
  if (gives !== 'starts') return emit(env, op, [rows], 'i32', rows.axes, span);
  const starts = { ...groups, label: 'starts', size: add(groups.size, ONE) };
  return emit(env, op, [rows], 'i32', [starts], span);
}

function count(call: FunctionCall): Value {
  const { env, span } = call;
  const found = groupsOf(call, 0, 1);
  if (!found) return POISON;
  const starts = group(env, 'starts', found, span);
  const [begin, end] = ([0, 1] as const).map((from) =>
    allButOne(env, starts, from, found.groups, span),
  );
  return binary(env, 'sub', end!, begin!, span);
}

/** How many elements before an element have its number; those of no group have one count together. */
function rank(call: FunctionCall): Value {
  const { env, span } = call;
  const found = groupsOf(call, 0, 1);
  if (!found) return POISON;
  const { rows, groups, numbers } = found;
  const starts = group(env, 'starts', found, span);
  const place = group(env, 'place', found, span);
  const none = emit(env, { kind: 'size', size: groups.size }, [], 'i32', [], span);
  const outside = broadcast(env, none, rows.axes, [], span);
  const isInside = binary(
    env,
    'and',
    binary(env, 'le', filled(env, 0, rows, span), rows, span),
    binary(env, 'lt', rows, outside, span),
    span,
  );
  const own = emit(env, { kind: 'select' }, [isInside, rows, outside], 'i32', rows.axes, span);
  const first = emit(env, { kind: 'gather', indices: 1 }, [starts, own], 'i32', rows.axes, span);
  return reshape(env, binary(env, 'sub', place, first, span), numbers.axes, span);
}

/** Row g of the result is the sum of the rows whose number is g, in their order. */
function scatterAdd(call: FunctionCall): Value {
  const { env, span, operands } = call;
  const x = tensorOperand(call, 0);
  const found = x && groupsOf(call, 1, 2);
  if (!found) return POISON;
  const { numbers, groups } = found;
  const fits =
    numbers.axes.length === 1 && x.axes[0] && mayEqual(env, numbers.axes[0]!.size, x.axes[0].size);
  if (!fits || x.dtype === 'bool') {
    return mistake(
      env,
      fits ? 'BF3005' : 'BF3003',
      `\`scatter_add\` takes rows [n, ..] of numbers and the target [n] of each, not ${shapeText(x)} and ${shapeText(numbers)}`,
      operands[1]!.span,
    );
  }
  const order = group(env, 'order', found, span);
  const sorted = emit(env, { kind: 'gather', indices: 1 }, [x, order], x.dtype, x.axes, span);
  const starts = group(env, 'starts', found, span);
  const axes = [groups, ...x.axes.slice(1)];
  return emit(env, { kind: 'segment_sum' }, [sorted, starts], x.dtype, axes, span);
}

/** `per_expert(layer, x, of: i, experts: n)`: the layer's weights have an axis of experts; row r meets part `i[r]`. */
function perExpert(call: FunctionCall): Value {
  const { env, operands, named, span } = call;
  const layer = operands[0]!.value;
  const x = tensorOperand(call, 1);
  const of = named.get('of')!;
  const experts = named.get('experts')!;
  const size = wholeSize(env, experts.value, experts.span, '`experts`');
  if (layer.kind !== 'layer') {
    return mistake(
      env,
      'BF2023',
      `an expert is a layer, not ${describe(layer)}`,
      operands[0]!.span,
    );
  }
  if (!x || !size || !seesAllRows(call) || !takesOneRow(call, layer, x)) return POISON;
  if (!isNumbersOf(call, of, x) || of.value.kind !== 'tensor') return POISON;
  if (layer.source.kind === 'placeholder') return x;
  const number = asNumber(size);
  if (number === undefined && !env.run.isGeneric) {
    return mistake(
      env,
      'BF2028',
      'the number of experts must be known when compiling',
      experts.span,
    );
  }
  const [rows, ...rest] = x.axes as readonly [Axis, ...Axis[]];
  const { frame, run } = env;
  const steps: Step[] = [];
  const inside: Frame = {
    ...frame,
    steps,
    weightSteps: steps,
    experts: { experts: number ?? 1, rows: rows.size },
  };
  const row: Tensor = { ...x, id: run.nextId++, axes: rest };
  const result = run.apply({ ...env, frame: inside }, layer, [row], span);
  if (result.kind !== 'tensor') return POISON;
  if (frame.isRouter && !isSameShape(env, result, row)) {
    return notAnExpert(
      call,
      layer,
      `gives ${shapeText(result)} for ${shapeText(row)}; an expert of a router gives back the shape that it takes`,
    );
  }
  const spread: Tensor = { ...result, id: run.nextId++, axes: [rows, ...result.axes] };
  frame.steps.push({
    kind: 'experts',
    id: spread.id,
    count: number ?? 1,
    input: x.id,
    expertOf: of.value.id,
    param: { id: row.id, type: typeOf(row) },
    body: { steps, result: result.id },
    type: typeOf(spread),
    // What brings rows to their experts and back has a row of its own in reports.
    path: joinPath(frame.path, 'dispatch'),
    layer: 'per_expert',
    span,
    use: userPlace(env, span),
  });
  return spread;
}

const isSameShape = (env: Env, a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype &&
  a.axes.length === b.axes.length &&
  a.axes.every(({ size }, axis) => mayEqual(env, size, b.axes[axis]!.size));

function notAnExpert(call: FunctionCall, layer: LayerValue, problem: string): Value {
  const { source, givenAt } = layer;
  const related =
    source.kind === 'item' ? [{ span: source.item.name.span, message: 'declared here' }] : [];
  const span = givenAt ?? call.operands[0]!.span;
  return mistake(call.env, 'BF2038', `\`${layerName(layer)}\` ${problem}`, span, { related });
}

/** Reports a layer that cannot map one row: one of several inputs, or of inputs that hold several tokens. */
function takesOneRow(call: FunctionCall, layer: LayerValue, x: Tensor): boolean {
  const report = (problem: string): boolean => {
    notAnExpert(call, layer, problem);
    return false;
  };
  if (x.axes.length === 0) return report('is applied to a single number, not to rows');
  if (layer.source.kind !== 'item' || layer.source.item.kind !== 'layer') return true;
  const { inputs } = layer.source.item;
  if (inputs.length !== 1) {
    return report(`takes ${inputs.length} tensors; an expert takes one`);
  }
  const { shape } = inputs[0]!;
  const row = x.axes.length - 1;
  if (shape.axes.length === row || (shape.rest && shape.axes.length < row)) return true;
  return report(
    `takes ${textAt(shape.span)}; an expert takes one row, ${shapeText({ ...x, axes: x.axes.slice(1) })}`,
  );
}

function isNumbersOf(call: FunctionCall, of: Given, x: Tensor): boolean {
  const { env } = call;
  const { value, span } = of;
  if (value.kind !== 'tensor') {
    mistake(
      env,
      'BF2023',
      `\`of\` takes the number of each row's expert, not ${describe(value)}`,
      span,
    );
    return false;
  }
  if (!isI32(call, value, of)) return false;
  if (value.axes.length === 1 && mayEqual(env, value.axes[0]!.size, x.axes[0]!.size)) return true;
  mistake(
    env,
    'BF3003',
    `\`of\` is ${shapeText(value)}: it must have one number for each row of ${shapeText(x)}`,
    span,
  );
  return false;
}

export const GROUPING: FunctionTable = {
  count: { usage: 'count(i, n)', operands: [2, 2], evaluate: count },
  rank: { usage: 'rank(i, n)', operands: [2, 2], evaluate: rank },
  scatter_add: { usage: 'scatter_add(x, i, n)', operands: [3, 3], evaluate: scatterAdd },
  per_expert: {
    usage: 'per_expert(layer, x, of: i, experts: n)',
    operands: [2, 2],
    named: { of: 'required', experts: 'required' },
    evaluate: perExpert,
  },
};
