// The kernel for attention with an online softmax. A workgroup takes 32 queries of one head and walks over the keys 32 at a time;
// a thread scores 4 queries x 4 keys, then adds to 4 queries x some vec4 of the result, kept in registers. Only the weights
// of one tile (4 KiB) and their row maxima (1 KiB) are in workgroup memory, whatever the length.
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
  type Launch,
  limitedLanes,
  numberGroups,
  oneLane,
  tilesText,
} from './grid.ts';
import { sizeAlign } from './lanes.ts';
import { literal } from './literal.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

/** Threads across keys (and across the result's columns), and down queries; each takes 4 of both. */
const SIDE = 8;
const TILE = 4 * SIDE;
const ROWS = [0, 1, 2, 3] as const;
/** Below every score, but finite: differences of two of them must not be NaN. */
const MASKED = literal(-1e30, 'f32');

export function emitAttend(builder: KernelBuilder, region: AttendRegion): Launch {
  const { main } = builder;
  const { b, h, i, j } = region;
  const printer = createPrinter(builder, rootsOf(region));
  bindTargets(builder, printer, region);
  builder.workgroupArray('weights', 'vec4f', TILE * SIDE);
  builder.workgroupArray('tops', 'f32', TILE * SIDE);

  numberGroups(builder);
  const heads = builder.size(h.size);
  main.lines.push(
    `let queryTiles = ${tilesText(builder, i.size, TILE)};`,
    'let rest = group / queryTiles;',
    `let head = rest % ${heads};`,
    `let batch = rest / ${heads};`,
    `if (batch >= ${builder.size(b.size)}) { return; }`,
    `let firstQuery = (group % queryTiles) * ${TILE}u;`,
    `let across = lid % ${SIDE}u;`,
    `let query = firstQuery + (lid / ${SIDE}u) * 4u;`,
    `let cell = (lid / ${SIDE}u) * ${4 * SIDE}u;`,
  );
  const site = siteIn(emptySite(main), main, bindLoops(main, [b, h], ['batch', 'head']));
  const lastQuery = `${builder.size(i.size)} - 1u`;
  const rows = ROWS.map((r): Bound => {
    const text = builder.named(main, `min(query + ${r}u, ${lastQuery})`);
    return { block: main, text };
  });
  const columns = columnsOf(builder, region);
  for (const r of ROWS) {
    main.lines.push(`var top_${r} = ${MASKED};`, `var total_${r} = 0f;`);
    for (const v of columns.keys()) main.lines.push(`var sum_${r}_${v} = vec4f(0f);`);
  }
  const range = keyRange(builder, printer, region, site, lastQuery);
  const limits = rows.map((row) =>
    rowLimits(builder, printer, region, siteIn(site, main, [[i.var, row]])),
  );

  nest(main, `for (var tile = ${range.first}; tile < ${range.end}; tile += ${TILE}u)`, (block) => {
    block.lines.push('let key = tile + across * 4u;');
    const inner = siteIn(site, block, [[j.var, limitedLanes(builder, block, 'key', j.size)]]);
    scoreTile(builder, printer, region, inner, rows);
    weighTile(builder, printer, region, inner, rows, limits, columns.length);
    nest(block, `if (query < ${builder.size(i.size)})`, (live) =>
      addValues(builder, printer, region, siteIn(site, live), columns, range.end),
    );
  });
  writeResult(builder, printer, region, site, columns);
  return {
    workgroup: [SIDE * SIDE, 1, 1],
    grid: [
      { count: b.size, per: 1 },
      { count: h.size, per: 1 },
      { count: i.size, per: TILE },
    ],
  };
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
    [[acc, { block: main, text: 'acc.x', vec: { text: 'acc', aligned: false } }]],
  );
  declareTargets(
    builder,
    stores.map((store) => ({ store, wide: isWideStore(builder, printer, store, site) })),
  );
}

interface Columns {
  /** The first of the four, unlimited, and the four lanes limited to the result's width. */
  readonly first: string;
  readonly lanes: Bound;
}

function columnsOf(builder: KernelBuilder, { n }: AttendRegion): readonly Columns[] {
  const width = asNumber(n.size);
  invariant(width !== undefined, 'wgsl', 'the width of an attention head must be a number');
  return Array.from({ length: Math.ceil(width / TILE) }, (_, v) => {
    const first = builder.named(builder.main, `across * 4u + ${v * TILE}u`);
    return { first, lanes: limitedLanes(builder, builder.main, first, n.size) };
  });
}

/** The keys that some row of the tile may keep, as names of the first (a multiple of the tile) and of the end. */
function keyRange(
  builder: KernelBuilder,
  printer: Printer,
  region: AttendRegion,
  site: Site,
  lastQuery: string,
): { readonly first: string; readonly end: string } {
  const { main } = builder;
  const keys = builder.size(region.j.size);
  if (!region.lo && !region.hi) return { first: '0u', end: keys };
  main.lines.push(`var least = ${keys};`, 'var most = 0u;');
  nest(main, `for (var r = 0u; r < ${TILE}u; r++)`, (block) => {
    block.lines.push(`let i = min(firstQuery + r, ${lastQuery});`);
    const row = siteIn(site, block, [[region.i.var, { block, text: 'i' }]]);
    const { lo, hi } = rowLimits(builder, printer, region, row);
    block.lines.push(`least = min(least, ${lo});`, `most = max(most, ${hi});`);
  });
  return { first: builder.named(main, `least / ${TILE}u * ${TILE}u`), end: 'most' };
}

interface Limits {
  readonly lo: string;
  readonly hi: string;
}

/** The row's own interval of keys, inside [0, number of keys]. */
function rowLimits(
  builder: KernelBuilder,
  printer: Printer,
  { lo, hi, j }: AttendRegion,
  site: Site,
): Limits {
  const keys = builder.size(j.size);
  const limit = (expr: Expr): string => {
    const text = printer.scalar(expr, site);
    const whole = expr.dtype === 'i32' ? `u32(max(${text}, 0i))` : text;
    return builder.named(site.block, `min(${whole}, ${keys})`);
  };
  return { lo: lo ? limit(lo) : '0u', hi: hi ? limit(hi) : keys };
}

/** Products of 4 queries with 4 keys: `score_r` is a vec4 over the keys. */
function scoreTile(
  builder: KernelBuilder,
  printer: Printer,
  { i, j, c, q, k }: AttendRegion,
  site: Site,
  rows: readonly Bound[],
): void {
  const { block } = site;
  const size = builder.size(c.size);
  const whole = sizeAlign(c.size) === 4;
  const keys = site.vars.get(j.var)!;
  for (const r of ROWS) block.lines.push(`var score_${r} = vec4f(0f);`);
  const keyLanes = ROWS.map((lane) => oneLane(builder, keys, lane));
  const step = (inner: Block): void => {
    const along = whole ? alignedLanes(inner, 'c') : limitedLanes(builder, inner, 'c', c.size);
    const right = keyLanes.map((key) =>
      builder.named(
        inner,
        printer.vector(
          k,
          siteIn(site, inner, [
            [c.var, along],
            [j.var, key],
          ]),
        ),
      ),
    );
    for (const [r, row] of rows.entries()) {
      const value = printer.vector(
        q,
        siteIn(site, inner, [
          [c.var, along],
          [i.var, row],
          [j.var, keyLanes[0]!],
        ]),
      );
      const inside = `vec4u(c) + vec4u(0u, 1u, 2u, 3u) < vec4u(${size})`;
      const left = builder.named(
        inner,
        whole ? value : `select(vec4f(0f), ${value}, ${builder.named(inner, inside)})`,
      );
      const dots = right.map((key) => `dot(${left}, ${key})`).join(', ');
      inner.lines.push(`score_${r} += vec4f(${dots});`);
    }
  };
  nest(block, `if (query < ${builder.size(i.size)})`, (live) =>
    nest(live, `for (var c = 0u; c < ${size}; c += 4u)`, step),
  );
}

/** Turns products into weights, shares them with the row's other threads, and rescales what was summed before. */
function weighTile(
  builder: KernelBuilder,
  printer: Printer,
  region: AttendRegion,
  site: Site,
  rows: readonly Bound[],
  limits: readonly Limits[],
  vectors: number,
): void {
  const { block } = site;
  const kept = rows.map((row, r) => {
    const scaled = builder.named(block, `score_${r} * ${literal(region.scale, 'f32')}`);
    const inner = siteIn(
      site,
      block,
      [[region.i.var, row]],
      [[region.scoreAcc, { block, text: `${scaled}.x`, vec: { text: scaled, aligned: false } }]],
    );
    const keep = keepText(builder, printer, region, inner, limits[r]!);
    const score = region.score ? printer.vector(region.score, inner) : scaled;
    block.lines.push(`let x_${r} = select(vec4f(${MASKED}), ${score}, ${keep});`);
    const highest = `max(max(x_${r}.x, x_${r}.y), max(x_${r}.z, x_${r}.w))`;
    block.lines.push(`tops[cell + ${r * SIDE}u + across] = ${highest};`);
    return keep;
  });
  block.lines.push('workgroupBarrier();');
  for (const r of ROWS) block.lines.push(`var high_${r} = top_${r};`);
  nest(block, `for (var x = 0u; x < ${SIDE}u; x++)`, ({ lines }) => {
    for (const r of ROWS) lines.push(`high_${r} = max(high_${r}, tops[cell + ${r * SIDE}u + x]);`);
  });
  for (const [r, keep] of kept.entries()) {
    block.lines.push(
      `weights[cell + ${r * SIDE}u + across] = select(vec4f(0f), exp(x_${r} - vec4f(high_${r})), ${keep});`,
      `let fade_${r} = exp(top_${r} - high_${r});`,
      `top_${r} = high_${r};`,
      `total_${r} *= fade_${r};`,
    );
    for (let v = 0; v < vectors; v++) block.lines.push(`sum_${r}_${v} *= fade_${r};`);
  }
  block.lines.push('workgroupBarrier();');
}

/** Which of the four keys the row keeps; `key` itself decides about the end, as loads use it limited. */
function keepText(
  builder: KernelBuilder,
  printer: Printer,
  { lo, mask }: AttendRegion,
  site: Site,
  limits: Limits,
): string {
  const { block } = site;
  const keys = builder.named(block, 'key + vec4u(0u, 1u, 2u, 3u)');
  const parts = [`(${keys} < vec4u(${limits.hi}))`];
  if (lo) parts.push(`(${keys} >= vec4u(${limits.lo}))`);
  if (mask) parts.push(printer.vector(mask, site));
  return builder.named(block, parts.join(' & '));
}

/** Adds the tile's values, weighted, four keys at a time. */
function addValues(
  builder: KernelBuilder,
  printer: Printer,
  { j, n, v: value }: AttendRegion,
  site: Site,
  columns: readonly Columns[],
  end: string,
): void {
  nest(site.block, `for (var x = 0u; x < ${SIDE}u && tile + x * 4u < ${end}; x++)`, (block) => {
    for (const r of ROWS) {
      block.lines.push(`let w_${r} = weights[cell + ${r * SIDE}u + x];`);
      block.lines.push(`total_${r} += (w_${r}.x + w_${r}.y) + (w_${r}.z + w_${r}.w);`);
    }
    const first = builder.named(block, 'tile + x * 4u');
    const keys = limitedLanes(builder, block, first, j.size);
    for (const lane of ROWS) {
      const key = oneLane(builder, keys, lane);
      for (const [v, { lanes }] of columns.entries()) {
        const at = siteIn(site, block, [
          [j.var, key],
          [n.var, lanes],
        ]);
        const loaded = builder.named(block, printer.vector(value, at));
        for (const r of ROWS) {
          const sum = `sum_${r}_${v}`;
          block.lines.push(`${sum} = fma(vec4f(w_${r}.${'xyzw'[lane]}), ${loaded}, ${sum});`);
        }
      }
    }
  });
}

function writeResult(
  builder: KernelBuilder,
  printer: Printer,
  { i, n, acc, stores }: AttendRegion,
  site: Site,
  columns: readonly Columns[],
): void {
  const { main } = builder;
  const width = builder.size(n.size);
  const all = ROWS.flatMap((r) => columns.map((_, v) => `sum_${r}_${v}`));
  main.lines.push(
    `var sums = array<vec4f, ${all.length}>(${all.join(', ')});`,
    `var totals = array<f32, 4>(${ROWS.map((r) => `total_${r}`).join(', ')});`,
  );
  nest(main, 'for (var r = 0u; r < 4u; r++)', (perRow) => {
    perRow.lines.push(
      'let i = query + r;',
      `if (i >= ${builder.size(i.size)}) { break; }`,
      'let total = totals[r];',
      'let part = select(1f / total, 0f, total == 0f);',
    );
    for (const [v, { first, lanes }] of columns.entries())
      nest(perRow, `if (${first} < ${width})`, (block) => {
        const result = builder.named(block, `sums[r * ${columns.length}u + ${v}u] * part`);
        const inner = siteIn(
          site,
          block,
          [
            [i.var, { block: perRow, text: 'i' }],
            [n.var, lanes],
          ],
          [[acc, { block, text: `${result}.x`, vec: { text: result, aligned: false } }]],
        );
        const inside = (lane: number): string => `${first} + ${lane}u < ${width}`;
        for (const store of stores)
          writeLanes(builder, printer, store, inner, sizeAlign(n.size) === 4 ? undefined : inside);
      });
  });
}
