// Runs a schedule in float64 with plain loops over its regions: what a GPU would do, without one.
// Checks on the way what no kernel may break: every index within its buffer, every element of a target stored exactly
// once, nothing read before it is written, no buffer both read and written by one region. Slots are real here:
// values that share one overwrite each other.
import type { Region, Schedule, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { evaluate, product } from '../../compiler/shapes/dim.ts';
import { type Machine, RegionRun, type RunBindings } from './region-run.ts';

/** The outputs by name. @throws Error on anything a kernel must not do. */
export function runSchedule(
  schedule: Schedule,
  bindings: RunBindings,
  onFinish?: Machine['onFinish'],
): Record<string, number[]> {
  const size = (value: number): number =>
    Number(evaluate(product(schedule.values[value]!.shape), bindings.symbols));
  const buffers = schedule.slots.map((slot) =>
    new Float64Array(Math.max(...slot.values.map(size))).fill(Number.NaN),
  );
  const machine: Machine = { schedule, bindings, buffers, turns: [], parts: new Set(), onFinish };
  runSteps(schedule.steps, machine);
  return Object.fromEntries(
    schedule.outputs.map(({ name, value }) => {
      const buffer = machine.buffers[schedule.values[value]!.slot]!;
      return [name, [...buffer.subarray(0, size(value))]];
    }),
  );
}

function runSteps(steps: readonly ScheduleStep[], machine: Machine): void {
  for (const step of steps) {
    if (step.kind === 'region') {
      runRegion(step.region, machine);
      continue;
    }
    const { values } = machine.schedule;
    const [param, result] = [step.carry.param, step.carry.result].map((id) => values[id]!.slot);
    for (const value of step.emits) {
      machine.parts.add(value);
      machine.buffers[values[value]!.slot]!.fill(Number.NaN);
    }
    machine.turns.push(0);
    for (let turn = 0; turn < step.count; turn++) {
      machine.turns[machine.turns.length - 1] = turn;
      runSteps(step.steps, machine);
      const { buffers } = machine;
      [buffers[param!], buffers[result!]] = [buffers[result!]!, buffers[param!]!];
    }
    machine.turns.pop();
  }
}

function runRegion(region: Region, machine: Machine): void {
  const run = new RegionRun(region, machine);
  switch (region.kind) {
    case 'map':
      run.over(region.loops, () => run.store(region.stores));
      break;
    case 'rows':
      run.over(region.rows, () => {
        for (const stage of region.stages) {
          const start = { sum: 0, max: -Infinity, min: Infinity }[stage.fn];
          let sum = start;
          run.over([region.col], () => {
            const x = run.value(stage.value);
            sum =
              stage.fn === 'sum'
                ? sum + x
                : stage.fn === 'max'
                  ? Math.max(sum, x)
                  : Math.min(sum, x);
          });
          run.accs[stage.acc] = sum;
        }
        run.store(region.rowStores);
        if (region.scan) run.accs[region.scan.acc] = 0;
        run.over([region.col], () => {
          if (region.scan) run.accs[region.scan.acc]! += run.value(region.scan.value);
          run.store(region.colStores);
        });
      });
      break;
    case 'dot':
      run.over([...region.batch, region.m], () => {
        const isInPart = findPart(region, run);
        for (const { acc, value } of region.rowSums ?? []) {
          let sum = 0;
          run.over([region.k], () => {
            sum += run.value(value);
          });
          run.accs[acc] = sum;
        }
        for (const group of region.groups) {
          run.over([group.n], () => {
            for (const { acc } of group.products) run.accs[acc] = 0;
            const sum = (): void => {
              const a = run.value(region.a);
              for (const { acc, b } of group.products) run.accs[acc]! += a * run.value(b);
            };
            if (isInPart) run.over([region.k], sum);
            run.store(group.stores);
          });
        }
      });
      break;
    case 'attend':
      run.over([region.b, region.h, region.i], () => {
        const weights = attentionWeights(region, run);
        run.over([region.n], () => {
          let sum = 0;
          for (const [j, weight] of weights) {
            run.vars[region.j.var] = j;
            sum += weight * run.value(region.v);
          }
          run.accs[region.acc] = sum;
          run.store(region.stores);
        });
      });
      break;
    case 'group':
      runGroup(region, run);
      break;
    case 'top_k':
      run.over(region.rows, () => {
        const values: number[] = [];
        run.over([region.col], () => values.push(run.value(region.value)));
        const columns = values.map((_, column) => column);
        columns.sort((a, b) => compareFloats(values[b]!, values[a]!) || a - b);
        run.over([region.rank], () => {
          run.accs[region.acc] = columns[run.vars[region.rank.var]!]!;
          run.store(region.stores);
        });
      });
      break;
    case 'segment_sum':
      run.over([region.group, ...region.cols], () => {
        let sum = 0;
        for (let row = run.value(region.from); row < run.value(region.to); row++) {
          run.vars[region.row.var] = row;
          sum += run.value(region.value);
        }
        run.accs[region.acc] = sum;
        run.store(region.stores);
      });
      break;
  }
  run.finish();
}

/** Sets the part that a product's row is in; false where it is in none. */
function findPart({ m, ragged }: Region & { kind: 'dot' }, run: RegionRun): boolean {
  if (!ragged) return true;
  const row = run.vars[m.var]!;
  for (let part = 0; part < run.size(ragged.part); part++) {
    run.vars[ragged.part.var] = part;
    if (row < run.value(ragged.end)) return true;
  }
  return false;
}

/** NaN is smaller than every number. */
function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a < b ? -1 : 1;
}

function runGroup(region: Region & { kind: 'group' }, run: RegionRun): void {
  const last = run.size(region.group) - 1;
  const keys: number[] = [];
  run.over([region.row], () => {
    const key = run.value(region.key);
    keys.push(key >= 0 && key < last ? key : last);
  });
  const before = (group: number): number => keys.filter((key) => key < group).length;
  const next = Array.from({ length: last + 1 }, (_, group) => before(group));
  run.over([region.row], () => {
    run.accs[region.place] = next[keys[run.vars[region.row.var]!]!]!++;
    run.store(region.rowStores);
  });
  run.over([region.group], () => {
    run.accs[region.start] = before(run.vars[region.group.var]!);
    run.store(region.groupStores);
  });
}

function attentionWeights(
  region: Region & { kind: 'attend' },
  run: RegionRun,
): Map<number, number> {
  const scores = new Map<number, number>();
  const lo = region.lo ? run.value(region.lo) : 0;
  const hi = region.hi ? run.value(region.hi) : run.size(region.j);
  if (hi > run.size(region.j)) throw new Error('the interval of keys ends beyond the last key');
  for (let j = lo; j < hi; j++) {
    run.vars[region.j.var] = j;
    if (region.mask && run.value(region.mask) === 0) continue;
    let s = 0;
    run.over([region.c], () => {
      s += run.value(region.q) * run.value(region.k);
    });
    run.accs[region.scoreAcc] = s * region.scale;
    scores.set(j, region.score ? run.value(region.score) : s * region.scale);
  }
  const largest = Math.max(...scores.values());
  let total = 0;
  for (const [j, score] of scores) {
    scores.set(j, Math.exp(score - largest));
    total += scores.get(j)!;
  }
  for (const [j, weight] of scores) scores.set(j, weight / total);
  return scores;
}
