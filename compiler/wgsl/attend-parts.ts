// What the kernels for attention have in common: which keys a query may look at, and how results are written.
import { invariant } from '../invariant.ts';
import type { AttendRegion, Expr } from '../schedule/schedule.ts';
import { asNumber } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type Bound, createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import {
  bindLoops,
  emptySite,
  extentOf,
  type Launch,
  limitedLanes,
  numberGroups,
  oneLane,
  tilesText,
  vectorBound,
} from './grid.ts';
import { sizeAlign } from './lanes.ts';
import { literal } from './literal.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

const LANES = [0, 1, 2, 3] as const;
/** Below every score, but finite: differences of two of them must not be NaN. */
export const MASKED = literal(-1e30, 'f32');

/** What all parts of the kernel are written with. */
export interface Frame {
  readonly builder: KernelBuilder;
  readonly printer: Printer;
  readonly region: AttendRegion;
  /** Binds batch and head. */
  readonly site: Site;
  /** The queries of a thread, limited to those there are. */
  readonly rows: readonly Bound[];
  readonly columns: readonly Columns[];
}

export interface Columns {
  /** The first of four columns of the result, which may lie outside. */
  readonly first: string;
  /** The four, limited to the result's width. */
  readonly lanes: Bound;
}

/** How a workgroup's queries and the result's columns are dealt out to its threads. */
export interface Share {
  readonly perThread: number;
  readonly queries: number;
  /** How many columns the threads side by side cover with one vec4 each. */
  readonly across: number;
  /** Declares `across`, the thread's place side by side, and `query`, its first row. */
  readonly places: readonly string[];
}

/** Binds everything, and finds the workgroup's head and queries, and the thread's rows and columns. */
export function openFrame(
  builder: KernelBuilder,
  region: AttendRegion,
  { perThread, queries, across, places }: Share,
): Frame {
  const { main } = builder;
  const { b, h, i, n } = region;
  const printer = createPrinter(builder, rootsOf(region));
  bindTargets(builder, printer, region);
  numberGroups(builder);
  const heads = builder.size(h.size);
  main.lines.push(
    `let queryTiles = ${tilesText(builder, i.size, queries)};`,
    'let rest = group / queryTiles;',
    `let head = rest % ${heads};`,
    `let batch = rest / ${heads};`,
    `if (batch >= ${builder.size(b.size)}) { return; }`,
    `let firstQuery = (group % queryTiles) * ${queries}u;`,
    ...places,
  );
  const frame: Frame = {
    builder,
    printer,
    region,
    site: siteIn(emptySite(main), main, bindLoops(main, [b, h], ['batch', 'head'])),
    rows: range(perThread).map((r) => ({
      block: main,
      text: builder.named(main, `min(query + ${r}u, ${builder.size(i.size)} - 1u)`),
    })),
    columns: range(Math.ceil(resultWidth(region) / across)).map((v) => {
      const first = builder.named(main, `across * 4u + ${v * across}u`);
      return { first, lanes: limitedLanes(builder, main, first, extentOf(builder, n.size)) };
    }),
  };
  for (const r of frame.rows.keys()) {
    main.lines.push(`var top_${r} = ${MASKED};`, `var total_${r} = 0f;`);
    for (const v of frame.columns.keys()) main.lines.push(`var sum_${r}_${v} = vec4f(0f);`);
  }
  return frame;
}

export function resultWidth({ n }: AttendRegion): number {
  const width = asNumber(n.size);
  invariant(width !== undefined, 'wgsl', 'the width of an attention head must be a number');
  return width;
}

export const gridOf = ({ b, h, i }: AttendRegion, queries: number): Launch['grid'] => [
  { count: b.size, per: 1 },
  { count: h.size, per: 1 },
  { count: i.size, per: queries },
];

const rootsOf = (r: AttendRegion): readonly Expr[] => [
  ...[r.q, r.k, r.v, r.score, r.mask, r.lo, r.hi].filter((e) => e !== undefined),
  ...r.stores.flatMap((store) => [store.at, store.value]),
];

function bindTargets(builder: KernelBuilder, printer: Printer, region: AttendRegion): void {
  const { main } = builder;
  const { b, h, i, n, acc, stores } = region;
  const vec = { text: 'n', aligned: sizeAlign(n.size) === 4 };
  const site = siteIn(
    emptySite(main),
    main,
    [...bindLoops(main, [b, h, i], ['b', 'h', 'i']), [n.var, { block: main, text: 'n', vec }]],
    [[acc, vectorBound(main, 'acc')]],
  );
  declareTargets(
    builder,
    stores.map((store) => ({ store, wide: isWideStore(builder, printer, store, site) })),
  );
}

/** The keys that some query of the workgroup may keep: the first (a multiple of the tile) and the end. */
export function keysOfTile(
  frame: Frame,
  { queries, tile }: { readonly queries: number; readonly tile: number },
): { readonly first: string; readonly end: string } {
  const { builder, region, site } = frame;
  const { main } = builder;
  const keys = builder.size(region.j.size);
  if (!region.lo && !region.hi) return { first: '0u', end: builder.loopEnd(region.j.size) };
  main.lines.push(`var least = ${keys};`, 'var most = 0u;');
  nest(main, `for (var r = 0u; r < ${builder.loopEnd(queries)}; r++)`, (block) => {
    block.lines.push(`let i = min(firstQuery + r, ${builder.size(region.i.size)} - 1u);`);
    const { lo, hi } = rowLimits(
      frame,
      siteIn(site, block, [[region.i.var, { block, text: 'i' }]]),
    );
    block.lines.push(`least = min(least, ${lo});`, `most = max(most, ${hi});`);
  });
  return { first: builder.named(main, `least / ${tile}u * ${tile}u`), end: 'most' };
}

export interface Limits {
  readonly lo: string;
  readonly hi: string;
}

/** A query's own interval of keys, inside [0, number of keys]. */
export function rowLimits({ builder, printer, region: { lo, hi, j } }: Frame, site: Site): Limits {
  const keys = builder.size(j.size);
  const limit = (expr: Expr): string => {
    const text = printer.scalar(expr, site);
    const whole = expr.dtype === 'i32' ? `u32(max(${text}, 0i))` : text;
    return builder.named(site.block, `min(${whole}, ${keys})`);
  };
  return { lo: lo ? limit(lo) : '0u', hi: hi ? limit(hi) : keys };
}

/** Which of the four keys the query keeps; not the limited keys of loads decide here, but the true ones. */
export function keepText({ builder, printer, region }: Frame, site: Site, limits: Limits): string {
  const { block } = site;
  const keys = builder.named(block, 'key + vec4u(0u, 1u, 2u, 3u)');
  const parts = [`(${keys} < vec4u(${limits.hi}))`];
  if (region.lo) parts.push(`(${keys} >= vec4u(${limits.lo}))`);
  if (region.mask) parts.push(printer.vector(region.mask, site));
  return builder.named(block, parts.join(' & '));
}

/** Declares `x_r`, row r's scores with the thread's four keys. Gives which are kept, and the highest, both as WGSL. */
export function scoreRow(
  frame: Frame,
  site: Site,
  r: number,
  limits: Limits,
): { readonly keep: string; readonly highest: string } {
  const { builder, printer, region, rows } = frame;
  const { block } = site;
  const scaled = builder.named(block, `score_${r} * ${literal(region.scale, 'f32')}`);
  const inner = siteIn(
    site,
    block,
    [[region.i.var, rows[r]!]],
    [[region.scoreAcc, vectorBound(block, scaled)]],
  );
  const keep = keepText(frame, inner, limits);
  const score = region.score ? printer.vector(region.score, inner) : scaled;
  block.lines.push(`let x_${r} = select(vec4f(${MASKED}), ${score}, ${keep});`);
  return { keep, highest: `max(max(x_${r}.x, x_${r}.y), max(x_${r}.z, x_${r}.w))` };
}

/** Adds the values of the tile's four keys from 4 x on, weighted by `w_r`. */
export function addWeighted(
  { builder, printer, region, site, rows, columns }: Frame,
  block: Block,
): void {
  const { j, n } = region;
  const keys = limitedLanes(
    builder,
    block,
    builder.named(block, 'tile + x * 4u'),
    extentOf(builder, j.size),
  );
  for (const lane of LANES) {
    const key = oneLane(builder, keys, lane);
    for (const [v, { lanes }] of columns.entries()) {
      const at = siteIn(site, block, [
        [j.var, key],
        [n.var, lanes],
      ]);
      const value = builder.named(block, printer.vector(region.v, at));
      for (const r of rows.keys()) {
        const sum = `sum_${r}_${v}`;
        block.lines.push(`${sum} = fma(vec4f(w_${r}.${'xyzw'[lane]}), ${value}, ${sum});`);
      }
    }
  }
}

/** Divides the sums by the totals of their rows, and writes them. `query` is the thread's first row. */
export function writeResult({ builder, printer, region, site, rows, columns }: Frame): void {
  const { main } = builder;
  const { i, n, acc, stores } = region;
  const width = builder.size(n.size);
  const count = rows.length;
  // Only copies are indexed by a variable: the sums themselves must stay in registers.
  const sums = range(count).flatMap((r) => columns.map((_, v) => `sum_${r}_${v}`));
  const totals = range(count).map((r) => `total_${r}`);
  main.lines.push(
    `var sums = array<vec4f, ${sums.length}>(${sums.join(', ')});`,
    `var totals = array<f32, ${count}>(${totals.join(', ')});`,
  );
  const queries = builder.size(i.size);
  main.lines.push(`let rows = min(${builder.loopEnd(count)}, max(${queries}, query) - query);`);
  nest(main, 'for (var r = 0u; r < rows; r++)', (perRow) => {
    perRow.lines.push(
      'let i = query + r;',
      'let total = totals[r];',
      'let part = select(1f / total, 0f, total == 0f);',
    );
    for (const [v, { first, lanes }] of columns.entries())
      nest(perRow, `if (${first} < ${width})`, (block) => {
        const index = columns.length === 1 ? 'r' : `r * ${columns.length}u + ${v}u`;
        const result = builder.named(block, `sums[${index}] * part`);
        const at = siteIn(
          site,
          block,
          [
            [i.var, { block: perRow, text: 'i' }],
            [n.var, lanes],
          ],
          [[acc, vectorBound(block, result)]],
        );
        const inside = (lane: number): string => `${first} + ${lane}u < ${width}`;
        for (const store of stores)
          writeLanes(builder, printer, store, at, sizeAlign(n.size) === 4 ? undefined : inside);
      });
  });
}

export const range = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => i);
