// Gives each value a slot, a buffer that values share which are never alive at once. Sizes stay symbolic.
// A value is alive from the region that writes it to the last that reads it; one that a repeat reads from outside
// lives until the repeat ends; the two values that a repeat carries and what it emits live all through it.
import type { DType } from '../ops/op.ts';
import { type Dim, evaluate, product } from '../shapes/dim.ts';
import { valuesRead, valuesWritten } from './buffers.ts';
import type { Schedule, ScheduledValue, ScheduleStep, Slot } from './schedule.ts';

export type UnplacedValue = Omit<ScheduledValue, 'slot'>;

/** Positions in the order in which regions run, turns of repeats taken as one. */
interface Life {
  start: number;
  end: number;
  /** The last position so far that reads it. */
  lastRead: number;
}

interface Carry {
  readonly param: number;
  readonly result: number;
  readonly start: number;
  readonly end: number;
  /** The last position in the repeat that reads `param`. */
  readonly lastRead: number;
}

export function planSlots(
  values: readonly UnplacedValue[],
  steps: readonly ScheduleStep[],
  outputs: readonly { readonly value: number }[],
  kept: readonly number[] = [],
): { values: ScheduledValue[]; slots: Slot[] } {
  const { lives, carries } = livesOf(steps);
  for (const { value } of outputs) lives.get(value)!.end = Number.POSITIVE_INFINITY;
  for (const value of kept) {
    lives.set(value, { start: -1, end: Number.POSITIVE_INFINITY, lastRead: -1 });
  }
  const shared = sharedWithParams(lives, carries);
  const exclusive = new Set<number>(kept);
  for (const { param, result } of carries) {
    if (shared.has(result)) continue;
    exclusive.add(rootOf(shared, param));
    exclusive.add(result);
  }
  const slots: { values: number[]; exclusive: boolean }[] = [];
  const slotOf = new Map<number, number>();
  const sizeOf = new Map(values.map((value) => [value.id, typicalSize(value.shape)]));
  const order = values
    .filter((value) => !shared.has(value.id))
    .sort((a, b) => lives.get(a.id)!.start - lives.get(b.id)!.start || a.id - b.id);
  for (const value of order) {
    const alone = exclusive.has(value.id);
    const free = slots.flatMap((slot, id) => {
      const isFree = slot.values.every((other) => !overlap(lives, other, value.id));
      return !alone && !slot.exclusive && isFree ? [id] : [];
    });
    const fit = bestFit(sizeOf.get(value.id)!, free, (id) =>
      Math.max(...slots[id]!.values.map((other) => sizeOf.get(other)!)),
    );
    const slot = fit ?? slots.push({ values: [], exclusive: alone }) - 1;
    slots[slot]!.values.push(value.id);
    slotOf.set(value.id, slot);
  }
  for (const result of shared.keys()) {
    const slot = slotOf.get(rootOf(shared, result))!;
    slotOf.set(result, slot);
    slots[slot]!.values.push(result);
  }
  return {
    values: values.map((value) => ({ ...value, slot: slotOf.get(value.id)! })),
    slots: slots.map((slot, id) => ({ id, values: slot.values })),
  };
}

function rootOf(shared: ReadonlyMap<number, number>, value: number): number {
  const next = shared.get(value);
  return next === undefined ? value : rootOf(shared, next);
}

function overlap(lives: ReadonlyMap<number, Life>, a: number, b: number): boolean {
  const [x, y] = [lives.get(a)!, lives.get(b)!];
  return x.start <= y.end && y.start <= x.end;
}

/** When values are alive; `positions` are those of the regions, in order. */
export function livesOf(steps: readonly ScheduleStep[]) {
  const positions: number[] = [];
  const lives = new Map<number, Life>();
  const carries: Carry[] = [];
  let position = 0;
  const extend = (value: number, at: number): void => {
    const life = lives.get(value);
    if (!life) lives.set(value, { start: at, end: at, lastRead: -1 });
    else life.end = Math.max(life.end, at);
  };
  const walk = (list: readonly ScheduleStep[]): void => {
    for (const step of list) {
      if (step.kind === 'region') {
        positions.push(++position);
        for (const value of valuesRead(step.region)) {
          extend(value, position);
          lives.get(value)!.lastRead = position;
        }
        for (const value of valuesWritten(step.region)) extend(value, position);
        continue;
      }
      const start = ++position;
      for (const value of step.emits) extend(value, start);
      walk(step.steps);
      const lastRead = lives.get(step.carry.param)!.lastRead;
      const end = ++position;
      for (const life of lives.values()) {
        // Alive before, used within: every turn needs it.
        if (life.start < start && life.end >= start) life.end = end;
      }
      extend(step.carry.param, end);
      extend(step.carry.result, end);
      for (const value of step.emits) extend(value, end);
      carries.push({ ...step.carry, start, end, lastRead });
    }
  };
  walk(steps);
  return { lives, carries, positions };
}

/**
 * Results of turns that can go straight into the buffer of the value carried in, because that is read for the last
 * time before: result to param. The other results get the life of the whole repeat.
 */
function sharedWithParams(
  lives: Map<number, Life>,
  carries: readonly Carry[],
): Map<number, number> {
  const shared = new Map<number, number>();
  for (const { param, result, start, end, lastRead } of carries) {
    const made = lives.get(result)!;
    if (lastRead < made.start && made.start > start) {
      shared.set(result, param);
    } else {
      made.start = Math.min(made.start, start);
      made.end = Math.max(made.end, end);
    }
  }
  return shared;
}

/** What each symbol is taken for where free slots are compared. */
const TYPICAL = 240;

function typicalSize(shape: readonly Dim[]): number {
  return product(shape).terms.reduce((sum, { num, den, powers }) => {
    const factors = powers.map(([, power]) => TYPICAL ** power);
    return sum + (Number(num) / Number(den)) * factors.reduce((x, y) => x * y, 1);
  }, 0);
}

/** The free slot that wastes or grows least; `undefined` if there is none. */
function bestFit(
  size: number,
  free: readonly number[],
  capacity: (slot: number) => number,
): number | undefined {
  let best: { slot: number; cost: number } | undefined;
  for (const slot of free) {
    const cost = Math.abs(capacity(slot) - size);
    if (!best || cost < best.cost) best = { slot, cost };
  }
  return best?.slot;
}

const ROUND = 16;

/** The bytes of an element of a value in memory. */
export type BytesOf = (dtype: DType) => number;

/** What the runtime keeps: f32 and i32. */
export const STORED_BYTES: BytesOf = () => 4;

/** Bytes of a slot at given sizes: its largest value, in whole 16 bytes. */
export function slotBytes(
  schedule: Schedule,
  slot: Slot,
  sizes: Readonly<Record<string, number>>,
  bytesOf: BytesOf = STORED_BYTES,
): number {
  const byId = new Map(schedule.values.map((value) => [value.id, value]));
  const bytes = slot.values.map((id) => {
    const { shape, dtype } = byId.get(id)!;
    return Number(evaluate(product(shape), sizes)) * bytesOf(dtype);
  });
  return Math.ceil(Math.max(...bytes) / ROUND) * ROUND;
}

/** Bytes of all slots at given sizes: exactly what the runtime allocates for activations. */
export function peakBytes(
  schedule: Schedule,
  sizes: Readonly<Record<string, number>>,
  bytesOf: BytesOf = STORED_BYTES,
): number {
  return schedule.slots.reduce((sum, slot) => sum + slotBytes(schedule, slot, sizes, bytesOf), 0);
}
