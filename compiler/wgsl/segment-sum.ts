// Kernels for sums of neighbouring rows: a thread adds up one column of a group, or four neighbours where the columns allow it,
// one row after the other, so the sum is the same on every device.
import type { SegmentSumRegion } from '../schedule/schedule.ts';
import { product } from '../shapes/dim.ts';
import { type KernelBuilder, nest } from './builder.ts';
import { type Bound, createPrinter, siteIn } from './expression.ts';
import {
  alignedLanes,
  bindLoops,
  emptySite,
  type Launch,
  numberGroups,
  splitNumber,
} from './grid.ts';
import { quarter, sizeAlign } from './lanes.ts';
import { typeName } from './literal.ts';
import { declareTargets, isWideStore, writeLanes, writeScalar } from './store.ts';

const THREADS = 64;

export function emitSegmentSum(builder: KernelBuilder, region: SegmentSumRegion): Launch {
  const { main } = builder;
  const { group, cols, row, from, to, value, acc, stores } = region;
  const printer = createPrinter(builder, [
    from,
    to,
    value,
    ...stores.flatMap((store) => [store.at, store.value]),
  ]);
  const loops = [group, ...cols];
  const last = cols.at(-1);
  const lanes = last && sizeAlign(last.size) === 4 ? alignedLanes(main, 'c') : undefined;
  const bind = (coordinates: readonly string[], sum: Bound, byFour: boolean) =>
    siteIn(
      emptySite(main),
      main,
      [...bindLoops(main, loops, coordinates), ...(byFour ? [[last!.var, lanes!] as const] : [])],
      [[acc, sum]],
    );
  const sum: Bound = { block: main, text: 'sum', vec: { text: 'sum', aligned: false } };
  const names = loops.map((loop) => `i${loop.var}`);
  const byFour =
    lanes !== undefined &&
    stores.every((store) => {
      const { step, align } = printer.lanes(store.at, bind(names, sum, true));
      return step === 1 && align === 4;
    });
  declareTargets(
    builder,
    stores.map((store) => ({
      store,
      wide: byFour && isWideStore(builder, printer, store, bind(names, sum, true)),
    })),
  );

  const sizes = loops.map((loop) => (byFour && loop === last ? quarter(loop.size) : loop.size));
  const count = product(sizes);
  numberGroups(builder);
  main.lines.push(`let point = group * ${THREADS}u + lid;`);
  main.lines.push(`if (point >= ${builder.size(count)}) { return; }`);
  const coordinates = splitNumber(builder, main, 'point', sizes);
  if (byFour) main.lines.push(`let c = 4u * ${coordinates.at(-1)};`);
  const site = bind(coordinates, byFour ? sum : { block: main, text: 'sum' }, byFour);
  main.lines.push(
    `let start = ${printer.scalar(from, site)};`,
    `let to = ${printer.scalar(to, site)};`,
  );
  main.lines.push(`var run = ${typeName(value.dtype, byFour ? 4 : 1)}(0);`);
  nest(main, `for (var r = start; r < to; r++)`, (block) => {
    const inner = siteIn(site, block, [[row.var, { block, text: 'r' }]]);
    block.lines.push(
      `run += ${byFour ? printer.vector(value, inner) : printer.scalar(value, inner)};`,
    );
  });
  main.lines.push('let sum = run;');
  for (const store of stores) {
    if (byFour) writeLanes(builder, printer, store, site);
    else writeScalar(builder, printer, store, site);
  }
  return { workgroup: [THREADS, 1, 1], grid: [{ count, per: THREADS }] };
}
