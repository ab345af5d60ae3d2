// Reference evaluation of choosing and grouping: the largest along an axis, rows in groups, sums and products of groups.
import { invariant } from '../invariant.ts';
import type { Op } from '../ops/op.ts';
import type { Machine } from './rounding.ts';
import { dot } from './sums.ts';
import { count, fill, type Tensor } from './tensor.ts';

/** Places of the largest along the last axis, the largest first; equal ones by place, NaN last. */
export function topK(x: Tensor, k: number): Tensor {
  const size = x.shape.at(-1)!;
  invariant(k <= size, 'graph', `the ${k} largest of ${size}`);
  const outer = x.shape.slice(0, -1);
  const data = new Float64Array(count(outer) * k);
  for (let row = 0; row < count(outer); row++) {
    const values = x.data.subarray(row * size, (row + 1) * size);
    const places = Array.from(values, (_, place) => place);
    places.sort((a, b) => compare(values[b]!, values[a]!) || a - b);
    data.set(places.slice(0, k), row * k);
  }
  return { dtype: 'i32', shape: [...outer, k], data };
}

/** Less than zero where a is smaller; NaN is smaller than every number, and -0 equals 0. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a < b ? -1 : 1;
}

export function group(
  groups: Tensor,
  most: number,
  gives: Extract<Op, { kind: 'group' }>['gives'],
): Tensor {
  const rows = Array.from(groups.data, (_, row) => row);
  const groupOf = (row: number): number => {
    const found = groups.data[row]!;
    return found >= 0 && found < most ? found : most;
  };
  const order = rows.toSorted((a, b) => groupOf(a) - groupOf(b) || a - b);
  switch (gives) {
    case 'order':
      return fill('i32', [rows.length], (at) => order[at]!);
    case 'place': {
      const place = new Map(order.map((row, at) => [row, at]));
      return fill('i32', [rows.length], (row) => place.get(row)!);
    }
    case 'starts':
      return fill('i32', [most + 1], (at) => rows.filter((row) => groupOf(row) < at).length);
  }
}

/** Each group's rows times its part of the right operand; a row in no group gives zeros. */
export function raggedDot(
  machine: Machine,
  op: Extract<Op, { kind: 'dot' }>,
  a: Tensor,
  b: Tensor,
  starts: Tensor,
): Tensor {
  const [rowSize, partSize] = [count(a.shape.slice(1)), count(b.shape.slice(1))];
  const one = { ...op, rhs: op.rhs.slice(1) };
  const parts: Tensor[] = [];
  const rows = a.shape[0]!;
  const groups = b.shape[0]!;
  for (let row = 0; row < rows; row++) {
    const group = groupAt(starts, row);
    const left = {
      ...a,
      shape: [1, ...a.shape.slice(1)],
      data: a.data.subarray(row * rowSize, (row + 1) * rowSize),
    };
    const part = b.data.subarray(Math.min(group, groups - 1) * partSize).subarray(0, partSize);
    const right = {
      ...b,
      shape: b.shape.slice(1),
      data: group < groups ? part : part.map(() => 0),
    };
    parts.push(dot(machine, one, left, right));
  }
  const shape = parts[0]?.shape.slice(1) ?? [];
  const size = count(shape);
  return fill('f32', [rows, ...shape], (at) => parts[Math.floor(at / size)]!.data[at % size]!);
}

function groupAt(starts: Tensor, row: number): number {
  let group = 0;
  while (group < starts.data.length - 1 && row >= starts.data[group + 1]!) group++;
  return group;
}

export function segmentSum(machine: Machine, values: Tensor, starts: Tensor): Tensor {
  const rest = values.shape.slice(1);
  const size = count(rest);
  const rounding = values.dtype === 'f32' ? machine.rounding : undefined;
  if (values.dtype === 'f32') machine.work.elementwise += values.data.length;
  return fill(values.dtype, [starts.shape[0]! - 1, ...rest], (at) => {
    const group = Math.floor(at / size);
    const [from, to] = [starts.data[group]!, starts.data[group + 1]!];
    let sum = 0;
    let magnitude = 0;
    for (let row = from; row < to; row++) {
      const value = values.data[row * size + (at % size)]!;
      sum = values.dtype === 'i32' ? (sum + value) | 0 : sum + value;
      magnitude += Math.abs(value);
    }
    return rounding ? rounding.sum(sum, magnitude, to - from) : sum;
  });
}
