// Kernels for reductions and running sums along one loop. Short rows, and rows that lie side by side in memory, take a thread
// each; others a workgroup each, whose threads share the columns and meet in workgroup memory.
import { invariant } from '../invariant.ts';
import { partsOf } from '../schedule/parts.ts';
import type { Expr, LoopVar, RowsRegion } from '../schedule/schedule.ts';
import { asNumber, product } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import {
  alignedLanes,
  bindLoops,
  emptySite,
  type Launch,
  numberGroups,
  splitNumber,
} from './grid.ts';
import { quarter, sizeAlign } from './lanes.ts';
import { combine, combineLanes, shareAcrossThreads, startOf } from './reduction.ts';
import { declareTargets, isWideStore, writeLanes, writeScalar } from './store.ts';

const THREADS = 64;
/** Rows of up to so many columns take one thread. */
const SHORT_ROW = 64;

export function emitRows(builder: KernelBuilder, region: RowsRegion): Launch {
  const printer = createPrinter(builder, rootsOf(region));
  const byThread =
    (asNumber(region.col.size) ?? SHORT_ROW + 1) <= SHORT_ROW ||
    sideBySide(printer, builder, region);
  return byThread ? threadPerRow(builder, printer, region) : groupPerRow(builder, printer, region);
}

const rootsOf = ({ stages, scan, rowStores, colStores }: RowsRegion): readonly Expr[] => [
  ...stages.map((stage) => stage.value),
  ...(scan ? [scan.value] : []),
  ...[...rowStores, ...colStores].flatMap((store) => [store.at, store.value]),
];

/** True where neighbouring rows are neighbours in memory and neighbouring columns are not: sums over a leading axis. */
function sideBySide(printer: Printer, { main }: KernelBuilder, region: RowsRegion): boolean {
  const last = region.rows.at(-1);
  if (!last) return false;
  const site = bindAll(main, region);
  const along = (loop: LoopVar): Site => siteIn(site, main, [[loop, alignedLanes(main, 'lane')]]);
  const [row, col] = [along(last.var), along(region.col.var)];
  const ats = loadsOf(rootsOf(region));
  const inRow = ats.some((at) => printer.lanes(at, col).step === 1);
  return !inRow && ats.some((at) => printer.lanes(at, row).step === 1);
}

/** All loops and results under placeholder names: enough to ask for lanes, not to print. */
function bindAll(main: Block, { rows, col, stages, scan }: RowsRegion): Site {
  const loops = [...rows, col];
  const names = loops.map((loop) => `i${loop.var}`);
  const accs = [...stages.map((stage) => stage.acc), ...(scan ? [scan.acc] : [])];
  return siteIn(
    emptySite(main),
    main,
    bindLoops(main, loops, names),
    accs.map((acc) => [acc, { block: main, text: `acc${acc}` }] as const),
  );
}

function loadsOf(roots: readonly Expr[]): readonly Expr[] {
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    partsOf(expr).forEach(visit);
  };
  roots.forEach(visit);
  return [...seen].flatMap((expr) => (expr.kind === 'load' ? [expr.at] : []));
}

function threadPerRow(builder: KernelBuilder, printer: Printer, region: RowsRegion): Launch {
  const { main } = builder;
  const { rows, col, stages, scan, rowStores, colStores } = region;
  declareTargets(
    builder,
    [...rowStores, ...colStores].map((store) => ({ store, wide: false })),
  );
  const count = product(rows.map((loop) => loop.size));
  numberGroups(builder);
  main.lines.push(`let row = group * ${THREADS}u + lid;`);
  main.lines.push(`if (row >= ${builder.size(count)}) { return; }`);
  const coordinates = splitNumber(
    builder,
    main,
    'row',
    rows.map((loop) => loop.size),
  );
  let site = siteIn(emptySite(main), main, bindLoops(main, rows, coordinates));
  const eachColumn = (fill: (inner: Site) => void): void =>
    nest(main, `for (var c = 0u; c < ${builder.loopEnd(col.size)}; c++)`, (block) =>
      fill(siteIn(site, block, [[col.var, { block, text: 'c' }]])),
    );

  for (const { acc, fn, value } of stages) {
    const name = builder.fresh('fold');
    main.lines.push(`var ${name} = ${startOf(fn, value.dtype)};`);
    eachColumn((inner) => {
      inner.block.lines.push(`${name} = ${combine(fn, name, printer.scalar(value, inner))};`);
    });
    site = siteIn(site, main, [], [[acc, { block: main, text: builder.named(main, name) }]]);
  }
  for (const store of rowStores) writeScalar(builder, printer, store, site);
  if (scan) main.lines.push(`var run = ${startOf('sum', scan.value.dtype)};`);
  if (colStores.length > 0) eachColumn((inner) => writeColumn(builder, printer, region, inner));
  return { workgroup: [THREADS, 1, 1], grid: [{ count, per: THREADS }] };
}

/** The stores of one column; a running sum is in `run`. */
function writeColumn(
  builder: KernelBuilder,
  printer: Printer,
  { scan, colStores }: RowsRegion,
  site: Site,
): void {
  let inner = site;
  if (scan) {
    const { block } = site;
    block.lines.push(`run = run + ${printer.scalar(scan.value, site)};`);
    block.lines.push('let sum = run;');
    inner = siteIn(site, block, [], [[scan.acc, { block, text: 'sum' }]]);
  }
  for (const store of colStores) writeScalar(builder, printer, store, inner);
}

function groupPerRow(builder: KernelBuilder, printer: Printer, region: RowsRegion): Launch {
  const { main } = builder;
  const { rows, col, stages, rowStores, colStores } = region;
  const probe = siteIn(bindAll(main, region), main, [[col.var, alignedLanes(main, 'c')]]);
  const byFour =
    !region.scan &&
    sizeAlign(col.size) === 4 &&
    colStores.every((store) => {
      const { step, align } = printer.lanes(store.at, probe);
      return step === 1 && align === 4;
    });
  declareTargets(builder, [
    ...rowStores.map((store) => ({ store, wide: false })),
    ...colStores.map((store) => ({
      store,
      wide: byFour && isWideStore(builder, printer, store, probe),
    })),
  ]);
  const count = product(rows.map((loop) => loop.size));
  numberGroups(builder);
  main.lines.push(`if (group >= ${builder.size(count)}) { return; }`);
  const coordinates = splitNumber(
    builder,
    main,
    'group',
    rows.map((loop) => loop.size),
  );
  let site = siteIn(emptySite(main), main, bindLoops(main, rows, coordinates));
  const launch: Launch = { workgroup: [THREADS, 1, 1], grid: [{ count, per: 1 }] };
  if (region.scan) {
    scanRow(builder, printer, region, site);
    return launch;
  }

  const eachColumn = (fill: (inner: Site) => void): void => {
    const size = builder.loopEnd(byFour ? quarter(col.size) : col.size);
    nest(main, `for (var x = lid; x < ${size}; x += ${THREADS}u)`, (block) => {
      if (byFour) block.lines.push('let c = 4u * x;');
      const bound = byFour ? alignedLanes(block, 'c') : { block, text: 'x' };
      fill(siteIn(site, block, [[col.var, bound]]));
    });
  };
  for (const { acc, fn, value } of stages) {
    const part = builder.fresh('part');
    const start = startOf(fn, value.dtype);
    const type = value.dtype === 'f32' ? 'vec4f' : 'vec4i';
    main.lines.push(`var ${part} = ${byFour ? `${type}(${start})` : start};`);
    eachColumn((inner) => {
      const text = byFour ? printer.vector(value, inner) : printer.scalar(value, inner);
      inner.block.lines.push(`${part} = ${combine(fn, part, text)};`);
    });
    const own = byFour ? combineLanes(fn, part) : part;
    const total = shareAcrossThreads(builder, main, fn, value.dtype, own, THREADS);
    site = siteIn(site, main, [], [[acc, { block: main, text: total }]]);
  }
  if (rowStores.length > 0)
    nest(main, 'if (lid == 0u)', (block) => {
      for (const store of rowStores) writeScalar(builder, printer, store, siteIn(site, block));
    });
  if (colStores.length > 0)
    eachColumn((inner) => {
      for (const store of colStores)
        if (byFour) writeLanes(builder, printer, store, inner);
        else writeScalar(builder, printer, store, inner);
    });
  return launch;
}

/** Each thread adds up a run of neighbouring columns, then starts from the sum of the threads before it. */
function scanRow(builder: KernelBuilder, printer: Printer, region: RowsRegion, site: Site): void {
  const { main } = builder;
  const { col, scan } = region;
  invariant(scan, 'wgsl', 'a scan without a sum');
  const size = builder.size(col.size);
  const start = startOf('sum', scan.value.dtype);
  builder.workgroupArray('parts', scan.value.dtype === 'f32' ? 'f32' : 'i32', THREADS);
  main.lines.push(
    `let most = (${size} + ${THREADS - 1}u) / ${THREADS}u;`,
    `let first = min(lid * most, ${size});`,
    `let end = min(first + most, ${size});`,
    `var part = ${start};`,
  );
  const eachColumn = (fill: (inner: Site) => void): void =>
    nest(main, 'for (var c = first; c < end; c++)', (block) =>
      fill(siteIn(site, block, [[col.var, { block, text: 'c' }]])),
    );
  eachColumn((inner) => {
    inner.block.lines.push(`part = part + ${printer.scalar(scan.value, inner)};`);
  });
  main.lines.push(
    'parts[lid] = part;',
    'workgroupBarrier();',
    `var run = ${start};`,
    'for (var j = 0u; j < lid; j++) { run = run + parts[j]; }',
  );
  eachColumn((inner) => writeColumn(builder, printer, region, inner));
}
