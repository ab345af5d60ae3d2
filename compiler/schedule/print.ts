// A schedule as text, stable from run to run: for `print --stage schedule`, golden tests and people.
import { unreachable } from '../invariant.ts';
import type { Dim } from '../shapes/dim.ts';
import { exprText } from './print-expr.ts';
import type { Loop, Region, Schedule, ScheduledValue, ScheduleStep, Store } from './schedule.ts';

/** The schedule as text: regions that become kernels, buffers with their lifetimes; stable. */
export function printSchedule(schedule: Schedule): string {
  const lines = [
    ...schedule.packs.map(
      (pack) =>
        `pack ${pack.id}: ${pack.elements} elements${pack.repeats.length > 0 ? `, a copy for each turn of ${pack.repeats.join(' x ')}` : ''}`,
    ),
    ...schedule.packs.flatMap((pack) =>
      pack.weights.map((weight) => `  ${pack.id}+${weight.offset} ${weight.name}`),
    ),
    ...schedule.slots.map(
      (slot) =>
        `slot ${slot.id}: ${slot.values.map((id) => valueText(schedule.values[id]!)).join(', ')}`,
    ),
    ...stepLines(schedule.steps, schedule),
    ...schedule.outputs.map(
      ({ name, kind, value }) => `${kind === 'result' ? 'output' : kind} ${name}: v${value}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const shapeText = (shape: readonly Dim[]): string => `[${shape.map((s) => s.text).join(', ')}]`;
const valueText = (value: ScheduledValue): string =>
  `v${value.id} ${value.dtype}${shapeText(value.shape)}`;
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const loopText = (loop: Loop): string => `i${loop.var} < ${loop.size.text}`;
const loopsText = (loops: readonly Loop[]): string => loops.map(loopText).join(', ');

function stepLines(steps: readonly ScheduleStep[], schedule: Schedule): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'region') return regionLines(step.region, schedule);
    const { param, result } = step.carry;
    const emits = step.emits.map((value) => `v${value}`).join(', ');
    return [
      `repeat ${step.count} times, v${param} becomes v${result}${emits && `, emits ${emits}`}`,
      ...indent(stepLines(step.steps, schedule)),
    ];
  });
}

function regionLines(region: Region, schedule: Schedule): string[] {
  return [
    `${region.kind} "${region.label}" of nodes ${region.nodes.join(' ')}`,
    ...indent([...region.notes.map((note) => `- ${note}`), ...bodyLines(region, schedule)]),
  ];
}

function bodyLines(region: Region, schedule: Schedule): string[] {
  const stores = (list: readonly Store[]): string[] =>
    list.map((store) => storeText(store, schedule));
  switch (region.kind) {
    case 'map':
      return [`for ${loopsText(region.loops)}`, ...indent(stores(region.stores))];
    case 'rows':
      return [
        `for rows ${loopsText(region.rows)}`,
        ...indent([
          ...region.stages.map(
            (stage) =>
              `a${stage.acc} = ${stage.fn} over ${loopText(region.col)} of ${exprText(stage.value)}`,
          ),
          ...stores(region.rowStores),
          ...(region.colStores.length > 0 ? [`for ${loopText(region.col)}`] : []),
          ...indent([
            ...(region.scan ? [`a${region.scan.acc} += ${exprText(region.scan.value)}`] : []),
            ...stores(region.colStores),
          ]),
        ]),
      ];
    case 'dot':
      return [
        `for ${loopsText([...region.batch, region.m])}, sum over ${loopText(region.k)}`,
        ...indent([
          ...(region.ragged
            ? [`rows of part ${loopText(region.ragged.part)} up to ${exprText(region.ragged.end)}`]
            : []),
          `left ${exprText(region.a)}`,
          ...(region.rowSums ?? []).map(({ acc, value }) => `a${acc} += ${exprText(value)}`),
          ...region.groups.flatMap((group) => [
            `for ${loopText(group.n)}`,
            ...indent([
              ...group.products.map(
                (product) => `a${product.acc} += left * ${exprText(product.b)}`,
              ),
              ...stores(group.stores),
            ]),
          ]),
        ]),
      ];
    case 'attend': {
      const { b, h, i, j, c, n } = region;
      const [lo, hi] = [
        region.lo ? exprText(region.lo) : '0',
        region.hi ? exprText(region.hi) : j.size.text,
      ];
      return [
        `for ${loopsText([b, h, i])}, keys i${j.var} from ${lo} to ${hi}`,
        ...indent([
          `a${region.scoreAcc} = ${region.scale} * sum over ${loopText(c)} of q * k`,
          `q ${exprText(region.q)}`,
          `k ${exprText(region.k)}`,
          `v ${exprText(region.v)}`,
          ...(region.score ? [`score ${exprText(region.score)}`] : []),
          ...(region.mask ? [`mask ${exprText(region.mask)}`] : []),
          `for ${loopText(n)}, a${region.acc} = softmax * v`,
          ...indent(stores(region.stores)),
        ]),
      ];
    }
    case 'group': {
      const { row, group, key, place, start } = region;
      return [
        `sort rows ${loopText(row)} by ${exprText(key)}, a${place} = place`,
        ...indent(stores(region.rowStores)),
        `for groups ${loopText(group)}, a${start} = rows before it`,
        ...indent(stores(region.groupStores)),
      ];
    }
    case 'top_k': {
      const { rows, col, rank, value, acc } = region;
      return [
        `for rows ${loopsText(rows)}`,
        ...indent([
          `a${acc} = the ${loopText(rank)} largest over ${loopText(col)} of ${exprText(value)}`,
          ...stores(region.stores),
        ]),
      ];
    }
    case 'segment_sum': {
      const { group, cols, row, from, to, value, acc } = region;
      return [
        `for ${loopsText([group, ...cols])}, rows i${row.var} from ${exprText(from)} to ${exprText(to)}`,
        ...indent([`a${acc} += ${exprText(value)}`, ...stores(region.stores)]),
      ];
    }
    default:
      return unreachable(region, 'schedule');
  }
}

function storeText(store: Store, schedule: Schedule): string {
  const value = schedule.values[store.target]!;
  return `v${value.id}[${exprText(store.at)}] = ${exprText(store.value)}   (slot ${value.slot}, ${valueText(value)})`;
}
