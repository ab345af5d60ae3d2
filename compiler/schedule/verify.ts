// Checks a schedule against its graph: what any later stage may rely on. For tests between stages; our own mistakes
// only, so everything wrong is an `InternalError`.
import type { Graph } from '../graph/graph.ts';
import { invariant } from '../invariant.ts';
import { countBindings, exprsOf, loadsOf, storesOf, valuesRead, valuesWritten } from './buffers.ts';
import { partsOf } from './parts.ts';
import { packFinder } from './plan-packs.ts';
import type { Expr, LoopVar, Region, Schedule, ScheduleStep } from './schedule.ts';

/**
 * @param maxStorageBuffers what no region may exceed
 * @throws InternalError ('schedule') at the first thing that is wrong, with the region's label
 */
export function verifySchedule(schedule: Schedule, graph: Graph, maxStorageBuffers = 8): void {
  checkSlots(schedule);
  checkPacks(schedule, graph);
  const facts: Facts = {
    schedule,
    inputs: new Set(graph.inputs.map((input) => input.name)),
    packOf: packFinder(schedule.packs),
    maxStorageBuffers,
    parts: new Set(),
  };
  // What each slot holds at this point; a value whose slot was written over is gone.
  const held: Held = new Map();
  for (const value of schedule.kept) {
    held.set(slotOf(value, schedule), value);
    facts.parts.add(value);
  }
  checkSteps(schedule.steps, held, facts);
  for (const { name, value } of schedule.outputs) {
    check(isHeld(value, held, schedule), `output ${name} is not in memory at the end`);
  }
}

interface Facts {
  readonly schedule: Schedule;
  readonly inputs: ReadonlySet<string>;
  readonly packOf: (weight: string) => number;
  readonly maxStorageBuffers: number;
  /** Values of all turns of a repeat, written part by part. */
  readonly parts: Set<number>;
}

type Held = Map<number, number>;

function check(condition: boolean, message: string): asserts condition {
  invariant(condition, 'schedule', message);
}

const slotOf = (value: number, { values }: Schedule): number => values[value]!.slot;
const isHeld = (value: number, held: Held, schedule: Schedule): boolean =>
  held.get(slotOf(value, schedule)) === value;

function checkSlots({ values, slots }: Schedule): void {
  values.forEach((value, at) => {
    check(value.id === at, `value ${value.id} stands at ${at}`);
    check(slots[value.slot]?.values.includes(value.id) ?? false, `value ${at} is not in its slot`);
  });
}

function checkPacks({ packs }: Schedule, graph: Graph): void {
  const placed = packs.flatMap((pack) => pack.weights.map((weight) => weight.name));
  check(new Set(placed).size === placed.length, 'a weight is in two packs');
  check(placed.length === graph.weights.length, 'a weight is in no pack');
  for (const { id, weights, elements } of packs) {
    let end = 0;
    for (const weight of weights) {
      check(
        weight.offset % 64 === 0 && weight.offset >= end,
        `${weight.name} overlaps in pack ${id}`,
      );
      end = weight.offset + weight.elements;
    }
    check(end === elements, `pack ${id} does not end with its last weight`);
  }
}

function checkSteps(steps: readonly ScheduleStep[], held: Held, facts: Facts): void {
  const { parts } = facts;
  for (const step of steps) {
    if (step.kind === 'region') {
      checkRegion(step.region, held, facts);
      continue;
    }
    const { schedule } = facts;
    const { param, result } = step.carry;
    check(isHeld(param, held, schedule), `value ${param} is not in memory before its repeat`);
    for (const value of step.emits) {
      held.set(slotOf(value, schedule), value);
      parts.add(value);
    }
    // Twice, as the second turn sees what the first has left.
    for (const _ of [1, 2]) {
      checkSteps(step.steps, held, facts);
      check(isHeld(result, held, schedule), `value ${result} is not in memory after a turn`);
      held.delete(slotOf(result, schedule));
      held.set(slotOf(param, schedule), param);
    }
  }
}

function checkRegion(region: Region, held: Held, facts: Facts): void {
  const { schedule, inputs, packOf, maxStorageBuffers, parts } = facts;
  const where = `region ${region.label}`;
  for (const { buffer } of loadsOf(region)) {
    if (buffer.kind === 'input') check(inputs.has(buffer.name), `${where} reads no input`);
    if (buffer.kind === 'weight') check(packOf(buffer.name) >= 0, `${where} reads no weight`);
    if (buffer.kind === 'value') {
      check(
        isHeld(buffer.value, held, schedule),
        `${where} reads value ${buffer.value}, which is gone`,
      );
    }
  }
  const read = new Set([...valuesRead(region)].map((value) => slotOf(value, schedule)));
  const written = [...valuesWritten(region)];
  const slots = new Set(written.map((value) => slotOf(value, schedule)));
  check(slots.size === written.length, `${where} writes two values to one slot`);
  check(storesOf(region).length === written.length, `${where} stores a value twice`);
  for (const slot of slots) check(!read.has(slot), `${where} reads the slot that it writes`);
  for (const value of written) {
    const isLost = parts.has(value) && !isHeld(value, held, schedule);
    check(!isLost, `${where} adds to value ${value}, which is gone`);
    held.set(slotOf(value, schedule), value);
  }
  const bound = countBindings(region, packOf);
  check(bound <= maxStorageBuffers, `${where} binds ${bound} buffers`);
  checkVariables(region, where);
}

/** Every expression uses only the loops that are open where it stands. */
function checkVariables(region: Region, where: string): void {
  const open = new Set(loopsOf(region));
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === 'var') check(open.has(expr.index), `${where} uses an unknown loop`);
    for (const part of partsOf(expr)) visit(part);
  };
  for (const expr of exprsOf(region)) visit(expr);
}

function loopsOf(region: Region): LoopVar[] {
  switch (region.kind) {
    case 'map':
      return region.loops.map((loop) => loop.var);
    case 'rows':
      return [...region.rows, region.col].map((loop) => loop.var);
    case 'dot': {
      const ns = region.groups.map((group) => group.n);
      const parts = region.ragged ? [region.ragged.part] : [];
      return [...region.batch, region.m, ...parts, region.k, ...ns].map((loop) => loop.var);
    }
    case 'attend': {
      const { b, h, i, j, c, n } = region;
      return [b, h, i, j, c, n].map((loop) => loop.var);
    }
    case 'group':
      return [region.row.var, region.group.var];
    case 'top_k':
      return [...region.rows, region.col, region.rank].map((loop) => loop.var);
    case 'segment_sum':
      return [region.group, ...region.cols, region.row].map((loop) => loop.var);
  }
}
