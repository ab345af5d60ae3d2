// Kernels for independent points: a thread computes one point, or four neighbours along the last loop where its size is a
// multiple of four and all results lie in a row there.
import type { MapRegion } from '../schedule/schedule.ts';
import { product } from '../shapes/dim.ts';
import type { KernelBuilder } from './builder.ts';
import { createPrinter, type Site, siteIn } from './expression.ts';
import {
  alignedLanes,
  bindLoops,
  emptySite,
  type Launch,
  numberGroups,
  splitNumber,
} from './grid.ts';
import { quarter, sizeAlign } from './lanes.ts';
import { declareTargets, isWideStore, writeLanes, writeScalar } from './store.ts';

const THREADS = 64;

export function emitMap(builder: KernelBuilder, region: MapRegion): Launch {
  const { main } = builder;
  const { stores, loops } = region;
  const printer = createPrinter(
    builder,
    stores.flatMap((store) => [store.at, store.value]),
  );
  const last = loops.at(-1);
  const vector = last && sizeAlign(last.size) === 4 ? vectorSite(builder, region) : undefined;
  const byFour =
    vector !== undefined &&
    stores.every((store) => {
      const { step, align } = printer.lanes(store.at, vector);
      return step === 1 && align === 4;
    });

  const sizes = loops.map((loop) => (byFour && loop === last ? quarter(loop.size) : loop.size));
  const count = product(sizes);
  declareTargets(
    builder,
    stores.map((store) => ({
      store,
      wide: byFour && isWideStore(builder, printer, store, vector!),
    })),
  );
  numberGroups(builder);
  main.lines.push(`let point = group * ${THREADS}u + lid;`);
  main.lines.push(`if (point >= ${builder.size(count)}) { return; }`);
  const coordinates = splitNumber(builder, main, 'point', sizes);
  if (byFour) main.lines.push(`let c = 4u * ${coordinates.at(-1)};`);
  const lanes = byFour ? ([[last!.var, alignedLanes(main, 'c')]] as const) : [];
  const site = siteIn(emptySite(main), main, [...bindLoops(main, loops, coordinates), ...lanes]);
  for (const store of stores) {
    if (byFour) writeLanes(builder, printer, store, site);
    else writeScalar(builder, printer, store, site);
  }
  return { workgroup: [THREADS, 1, 1], grid: [{ count, per: THREADS }] };
}

/** The last loop as four lanes from `c` on; the others stand for themselves until their coordinates are known. */
function vectorSite({ main }: KernelBuilder, { loops }: MapRegion): Site {
  return siteIn(emptySite(main), main, [
    ...bindLoops(
      main,
      loops,
      loops.map(({ var: v }) => `i${v}`),
    ),
    [loops.at(-1)!.var, alignedLanes(main, 'c')],
  ]);
}
