// The kernel for attention with an online softmax. A workgroup takes some queries of one head and walks over the keys 32 at a
// time; a thread scores a few queries x 4 keys, then adds to the same queries x some vec4 of the result, kept in registers.
// Only the weights of one tile (at most 8 KiB) and their row maxima (2 KiB) are in workgroup memory, whatever the length.
// Keys outside the rows' [lo, hi) are not visited. A row with no key kept gives zeros.
import { invariant } from '../invariant.ts';
import type { AttendRegion, Expr } from '../schedule/schedule.ts';
import { asNumber } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type Bound, createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import {
  alignedLanes,
  bindLoops,
  emptySite,
  extentOf,
  type Launch,
  limitedLanes,
  numberGroups,
  oneLane,
  tilesText,
} from './grid.ts';
import { sizeAlign } from './lanes.ts';
import { literal } from './literal.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

/** Threads across keys (and across the result's columns), and down queries. */
const SIDE = 8;
/** Keys of a tile, and columns of the result that the threads side by side cover with one vec4 each. */
const TILE = 4 * SIDE;
const LANES = [0, 1, 2, 3] as const;
/** Below every score, but finite: differences of two of them must not be NaN. */
const MASKED = literal(-1e30, 'f32');

/** What all parts of the kernel are written with. */
interface Frame {
  readonly builder: KernelBuilder;
  readonly printer: Printer;
  readonly region: AttendRegion;
  /** Binds batch and head. */
  readonly site: Site;
  /** The queries of a thread, limited to those there are. */
  readonly rows: readonly Bound[];
  readonly columns: readonly Columns[];
}

interface Columns {
  /** The first of four columns of the result, which may lie outside. */
  readonly first: string;
  /** The four, limited to the result's width. */
  readonly lanes: Bound;
}

export function emitAttend(builder: KernelBuilder, region: AttendRegion): Launch {
  const { main } = builder;
  const { b, h, i, j } = region;
  const printer = createPrinter(builder, rootsOf(region));
  bindTargets(builder, printer, region);
  const width = asNumber(region.n.size);
  invariant(width !== undefined, 'wgsl', 'the width of an attention head must be a number');
  const vectors = Math.ceil(width / TILE);
  const perThread = rowsPerThread(asNumber(region.c.size) ?? 0, width);
  const queries = SIDE * perThread;
  builder.workgroupArray('weights', 'vec4f', queries * SIDE);
  builder.workgroupArray('tops', 'f32', queries * SIDE);

  numberGroups(builder);
  const heads = builder.size(h.size);
  main.lines.push(
    `let queryTiles = ${tilesText(builder, i.size, queries)};`,
    'let rest = group / queryTiles;',
    `let head = rest % ${heads};`,
    `let batch = rest / ${heads};`,
    `if (batch >= ${builder.size(b.size)}) { return; }`,
    `let firstQuery = (group % queryTiles) * ${queries}u;`,
    `let across = lid % ${SIDE}u;`,
    `let query = firstQuery + (lid / ${SIDE}u) * ${perThread}u;`,
    `let cell = (lid / ${SIDE}u) * ${perThread * SIDE}u;`,
  );
  const limited = (at: string): string => `min(${at}, ${builder.size(i.size)} - 1u)`;
  const frame: Frame = {
    builder,
    printer,
    region,
    site: siteIn(emptySite(main), main, bindLoops(main, [b, h], ['batch', 'head'])),
    rows: range(perThread).map((r) => ({
      block: main,
      text: builder.named(main, limited(`query + ${r}u`)),
    })),
    columns: range(vectors).map((v) => {
      const first = builder.named(main, `across * 4u + ${v * TILE}u`);
      return { first, lanes: limitedLanes(builder, main, first, extentOf(builder, region.n.size)) };
    }),
  };
  for (const r of frame.rows.keys()) {
    main.lines.push(`var top_${r} = ${MASKED};`, `var total_${r} = 0f;`);
    for (const v of frame.columns.keys()) main.lines.push(`var sum_${r}_${v} = vec4f(0f);`);
  }
  const limits = frame.rows.map((row) =>
    rowLimits(frame, siteIn(frame.site, main, [[i.var, row]])),
  );
  const keys = keysOfTile(frame, queries, limited);

  nest(main, `for (var tile = ${keys.first}; tile < ${keys.end}; tile += ${TILE}u)`, (block) => {
    block.lines.push('let key = tile + across * 4u;');
    const tile = siteIn(frame.site, block, [
      [j.var, limitedLanes(builder, block, 'key', extentOf(builder, j.size))],
    ]);
    scoreTile(frame, tile);
    weighTile(frame, tile, limits);
    addValues(frame, block, keys.end);
  });
  writeResult(frame);
  return {
    workgroup: [SIDE * SIDE, 1, 1],
    grid: [
      { count: b.size, per: 1 },
      { count: h.size, per: 1 },
      { count: i.size, per: queries },
    ],
  };
}

/** More rows make more of each loaded key, as long as their sums fit into registers; for small heads compiling costs more. */
function rowsPerThread(depth: number, width: number): number {
  if (Math.max(depth, width) <= 16) return 1;
  const vectors = Math.ceil(width / TILE);
  if (vectors > 4) return 2;
  return vectors === 2 ? 8 : 4;
}

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

const vectorBound = (block: Block, text: string): Bound => ({
  block,
  text: `${text}.x`,
  vec: { text, aligned: false },
});

/** The keys that some query of the workgroup may keep: the first (a multiple of the tile) and the end. */
function keysOfTile(
  frame: Frame,
  queries: number,
  limited: (at: string) => string,
): { readonly first: string; readonly end: string } {
  const { builder, region, site } = frame;
  const { main } = builder;
  const keys = builder.size(region.j.size);
  if (!region.lo && !region.hi) return { first: '0u', end: builder.loopEnd(region.j.size) };
  main.lines.push(`var least = ${keys};`, 'var most = 0u;');
  nest(main, `for (var r = 0u; r < ${builder.loopEnd(queries)}; r++)`, (block) => {
    block.lines.push(`let i = ${limited('firstQuery + r')};`);
    const { lo, hi } = rowLimits(
      frame,
      siteIn(site, block, [[region.i.var, { block, text: 'i' }]]),
    );
    block.lines.push(`least = min(least, ${lo});`, `most = max(most, ${hi});`);
  });
  return { first: builder.named(main, `least / ${TILE}u * ${TILE}u`), end: 'most' };
}

interface Limits {
  readonly lo: string;
  readonly hi: string;
}

/** A query's own interval of keys, inside [0, number of keys]. */
function rowLimits({ builder, printer, region: { lo, hi, j } }: Frame, site: Site): Limits {
  const keys = builder.size(j.size);
  const limit = (expr: Expr): string => {
    const text = printer.scalar(expr, site);
    const whole = expr.dtype === 'i32' ? `u32(max(${text}, 0i))` : text;
    return builder.named(site.block, `min(${whole}, ${keys})`);
  };
  return { lo: lo ? limit(lo) : '0u', hi: hi ? limit(hi) : keys };
}

/** Products of the thread's queries with its 4 keys: `score_r` is a vec4 over the keys. */
function scoreTile({ builder, printer, region, rows }: Frame, site: Site): void {
  const { i, j, c, q, k } = region;
  const { block } = site;
  const size = extentOf(builder, c.size);
  const whole = size.aligned;
  const keys = site.vars.get(j.var)!;
  for (const r of rows.keys()) block.lines.push(`var score_${r} = vec4f(0f);`);
  const keyLanes = LANES.map((lane) => oneLane(builder, keys, lane));
  const step = (inner: Block): void => {
    const along = whole ? alignedLanes(inner, 'c') : limitedLanes(builder, inner, 'c', size);
    const at = siteIn(site, inner, [[c.var, along]]);
    const right = keyLanes.map((key) =>
      builder.named(inner, printer.vector(k, siteIn(at, inner, [[j.var, key]]))),
    );
    for (const [r, row] of rows.entries()) {
      const value = printer.vector(q, siteIn(at, inner, [[i.var, row]]));
      const inside = `vec4u(c) + vec4u(0u, 1u, 2u, 3u) < vec4u(${size.text})`;
      const left = builder.named(
        inner,
        whole ? value : `select(vec4f(0f), ${value}, ${builder.named(inner, inside)})`,
      );
      const dots = right.map((key) => `dot(${left}, ${key})`).join(', ');
      inner.lines.push(`score_${r} += vec4f(${dots});`);
    }
  };
  nest(block, `if (query < ${builder.size(i.size)})`, (live) =>
    nest(live, `for (var c = 0u; c < ${builder.loopEnd(c.size)}; c += 4u)`, step),
  );
}

/** Turns products into weights, shares them with the row's other threads, and rescales what was summed before. */
function weighTile(frame: Frame, site: Site, limits: readonly Limits[]): void {
  const { builder, printer, region, rows, columns } = frame;
  const { block } = site;
  const cell = (r: number, column: string): string => `cell + ${r * SIDE}u + ${column}`;
  const kept = rows.map((row, r) => {
    const scaled = builder.named(block, `score_${r} * ${literal(region.scale, 'f32')}`);
    const inner = siteIn(
      site,
      block,
      [[region.i.var, row]],
      [[region.scoreAcc, vectorBound(block, scaled)]],
    );
    const keep = keepText(frame, inner, limits[r]!);
    const score = region.score ? printer.vector(region.score, inner) : scaled;
    block.lines.push(`let x_${r} = select(vec4f(${MASKED}), ${score}, ${keep});`);
    const highest = `max(max(x_${r}.x, x_${r}.y), max(x_${r}.z, x_${r}.w))`;
    block.lines.push(`tops[${cell(r, 'across')}] = ${highest};`);
    return keep;
  });
  block.lines.push('workgroupBarrier();');
  for (const r of rows.keys()) block.lines.push(`var high_${r} = top_${r};`);
  nest(block, `for (var x = 0u; x < ${builder.loopEnd(SIDE)}; x++)`, ({ lines }) => {
    for (const r of rows.keys()) lines.push(`high_${r} = max(high_${r}, tops[${cell(r, 'x')}]);`);
  });
  for (const [r, keep] of kept.entries()) {
    const weights = `select(vec4f(0f), exp(x_${r} - vec4f(high_${r})), ${keep})`;
    block.lines.push(
      `weights[${cell(r, 'across')}] = ${weights};`,
      `let fade_${r} = exp(top_${r} - high_${r});`,
      `top_${r} = high_${r};`,
      `total_${r} *= fade_${r};`,
    );
    for (const v of columns.keys()) block.lines.push(`sum_${r}_${v} *= fade_${r};`);
  }
  block.lines.push('workgroupBarrier();');
}

/** Which of the four keys the query keeps; not the limited keys of loads decide here, but the true ones. */
function keepText({ builder, printer, region }: Frame, site: Site, limits: Limits): string {
  const { block } = site;
  const keys = builder.named(block, 'key + vec4u(0u, 1u, 2u, 3u)');
  const parts = [`(${keys} < vec4u(${limits.hi}))`];
  if (region.lo) parts.push(`(${keys} >= vec4u(${limits.lo}))`);
  if (region.mask) parts.push(printer.vector(region.mask, site));
  return builder.named(block, parts.join(' & '));
}

/** Adds the tile's values, weighted, four keys at a time. */
function addValues(frame: Frame, outer: Block, end: string): void {
  const { builder, printer, region, site, rows, columns } = frame;
  const { i, j, n } = region;
  const step = (block: Block): void => {
    for (const r of rows.keys()) {
      block.lines.push(`let w_${r} = weights[cell + ${r * SIDE}u + x];`);
      block.lines.push(`total_${r} += (w_${r}.x + w_${r}.y) + (w_${r}.z + w_${r}.w);`);
    }
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
  };
  nest(outer, `if (query < ${builder.size(i.size)})`, (live) =>
    nest(
      live,
      `for (var x = 0u; x < min(${builder.loopEnd(SIDE)}, (${end} - tile + 3u) / 4u); x++)`,
      step,
    ),
  );
}

function writeResult({ builder, printer, region, site, rows, columns }: Frame): void {
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

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
