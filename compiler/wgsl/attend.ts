// The kernel for attention with an online softmax. A workgroup takes some queries of one head and walks over the keys 32 at a
// time; a thread scores a few queries x 4 keys, then adds to the same queries x some vec4 of the result, kept in registers.
// Only the weights of one tile (at most 8 KiB) and their row maxima (2 KiB) are in workgroup memory, whatever the length.
// Keys outside the rows' [lo, hi) are not visited. A row with no key kept gives zeros.
// Where subgroups have one size, software adapters get another kernel (attend-handed-on.ts).
import type { AttendRegion } from '../schedule/schedule.ts';
import { asNumber } from '../shapes/dim.ts';
import { emitHandedOnAttend } from './attend-handed-on.ts';
import {
  addWeighted,
  type Frame,
  gridOf,
  keysOfTile,
  type Limits,
  openFrame,
  resultWidth,
  rowLimits,
  scoreRow,
  writeResult,
} from './attend-parts.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type Site, siteIn } from './expression.ts';
import { alignedLanes, extentOf, type Launch, limitedLanes, oneLane } from './grid.ts';
import type { Target } from './target.ts';

/** Threads across keys (and across the result's columns), and down queries. */
const SIDE = 8;
/** Keys of a tile, and columns of the result that the threads side by side cover with one vec4 each. */
const TILE = 4 * SIDE;
const LANES = [0, 1, 2, 3] as const;
export function emitAttend(builder: KernelBuilder, region: AttendRegion, target: Target): Launch {
  if (target.software && target.subgroupSize !== undefined)
    return emitHandedOnAttend(builder, region, target.subgroupSize);
  const { main } = builder;
  const { i, j } = region;
  const perThread = rowsPerThread(asNumber(region.c.size) ?? 0, resultWidth(region));
  const queries = SIDE * perThread;
  builder.workgroupArray('weights', 'vec4f', queries * SIDE);
  builder.workgroupArray('tops', 'f32', queries * SIDE);
  const frame = openFrame(builder, region, {
    perThread,
    queries,
    across: TILE,
    places: [
      `let across = lid % ${SIDE}u;`,
      `let query = firstQuery + (lid / ${SIDE}u) * ${perThread}u;`,
      `let cell = (lid / ${SIDE}u) * ${perThread * SIDE}u;`,
    ],
  });
  const limits = frame.rows.map((row) =>
    rowLimits(frame, siteIn(frame.site, main, [[i.var, row]])),
  );
  const keys = keysOfTile(frame, { queries, tile: TILE });

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
  return { workgroup: [SIDE * SIDE, 1, 1], grid: gridOf(region, queries) };
}

/** More rows make more of each loaded key, as long as their sums fit into registers; for small heads compiling costs more. */
function rowsPerThread(depth: number, width: number): number {
  if (Math.max(depth, width) <= 16) return 1;
  const vectors = Math.ceil(width / TILE);
  if (vectors > 4) return 2;
  return vectors === 2 ? 8 : 4;
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
  const { builder, rows, columns } = frame;
  const { block } = site;
  const cell = (r: number, column: string): string => `cell + ${r * SIDE}u + ${column}`;
  const kept = rows.map((_, r) => {
    const { keep, highest } = scoreRow(frame, site, r, limits[r]!);
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

/** Adds the tile's values, weighted, four keys at a time. */
function addValues(frame: Frame, outer: Block, end: string): void {
  const { builder, region, rows } = frame;
  const { i } = region;
  const step = (block: Block): void => {
    for (const r of rows.keys()) {
      block.lines.push(`let w_${r} = weights[cell + ${r * SIDE}u + x];`);
      block.lines.push(`total_${r} += (w_${r}.x + w_${r}.y) + (w_${r}.z + w_${r}.w);`);
    }
    addWeighted(frame, block);
  };
  nest(outer, `if (query < ${builder.size(i.size)})`, (live) =>
    nest(
      live,
      `for (var x = 0u; x < min(${builder.loopEnd(SIDE)}, (${end} - tile + 3u) / 4u); x++)`,
      step,
    ),
  );
}
