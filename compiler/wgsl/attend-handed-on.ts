// Attention where a workgroup is one subgroup: all threads own the same queries, and each some keys of a tile, and later some
// columns of the result. A thread loads a query's element, or weighs its keys, for all of them and hands it on: so there is
// neither workgroup memory nor a barrier. For processors, where a load costs far more than arithmetic (dot-tile.ts).
import type { AttendRegion } from '../schedule/schedule.ts';
import { asNumber } from '../shapes/dim.ts';
import {
  addWeighted,
  type Frame,
  gridOf,
  keysOfTile,
  type Limits,
  openFrame,
  range,
  resultWidth,
  rowLimits,
  scoreRow,
  writeResult,
} from './attend-parts.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type Bound, type Site, siteIn } from './expression.ts';
import { extentOf, type Launch, limitedLanes } from './grid.ts';

export function emitHandedOnAttend(
  builder: KernelBuilder,
  region: AttendRegion,
  subgroupSize: number,
): Launch {
  const { main } = builder;
  const { i, j } = region;
  const tile = 4 * subgroupSize;
  const queries = queriesFor(region, tile);
  const frame = openFrame(builder, region, {
    perThread: queries,
    queries,
    across: tile,
    places: [`let across = ${builder.lane()};`, 'let query = firstQuery;'],
  });
  const loaded = range(Math.ceil(queries / subgroupSize)).map((turn): Bound => {
    const at = turn === 0 ? 'firstQuery' : `firstQuery + ${turn * subgroupSize}u`;
    const text = `min(${at} + ${builder.lane()}, ${builder.size(i.size)} - 1u)`;
    return { block: main, text: builder.named(main, text) };
  });
  const limits = frame.rows.map((row) =>
    rowLimits(frame, siteIn(frame.site, main, [[i.var, row]])),
  );
  const keys = keysOfTile(frame, { queries, tile });

  nest(main, `for (var tile = ${keys.first}; tile < ${keys.end}; tile += ${tile}u)`, (block) => {
    block.lines.push('let key = tile + across * 4u;');
    const own = siteIn(frame.site, block, [
      [j.var, limitedLanes(builder, block, 'key', extentOf(builder, j.size))],
    ]);
    scoreTile(frame, own, loaded, subgroupSize);
    weighTile(frame, own, limits);
    addValues(frame, block, { end: keys.end, subgroupSize });
  });
  for (const r of frame.rows.keys())
    main.lines.push(`total_${r} = ${builder.overLanes('Add', `total_${r}`)};`);
  writeResult(frame);
  return { workgroup: [subgroupSize, 1, 1], grid: gridOf(region, queries) };
}

/** More queries make more of each loaded key, and of wide heads more code. */
function queriesFor(region: AttendRegion, tile: number): number {
  const most = resultWidth(region) <= 2 * tile ? 8 : 4;
  return Math.min(most, asNumber(region.i.size) ?? most);
}

/** Products of all queries with the thread's 4 keys: `score_r` is a vec4 over the keys. */
function scoreTile(
  { builder, printer, region, rows }: Frame,
  site: Site,
  loaded: readonly Bound[],
  subgroupSize: number,
): void {
  const { i, c, q, k } = region;
  const { block } = site;
  for (const r of rows.keys()) block.lines.push(`var score_${r} = vec4f(0f);`);
  nest(block, `for (var c = 0u; c < ${builder.loopEnd(c.size)}; c++)`, (inner) => {
    const at = siteIn(site, inner, [[c.var, { block: inner, text: 'c' }]]);
    const left = loaded.map((row) =>
      builder.named(inner, printer.scalar(q, siteIn(at, inner, [[i.var, row]]))),
    );
    const right = builder.named(inner, printer.vector(k, at));
    for (const r of rows.keys()) {
      const x = builder.fromLane(left[Math.floor(r / subgroupSize)]!, r % subgroupSize);
      inner.lines.push(`score_${r} = fma(vec4f(${x}), ${right}, score_${r});`);
    }
  });
}

/** Turns products into weights, `weight_r` over the thread's keys, and rescales what was summed before. */
function weighTile(frame: Frame, site: Site, limits: readonly Limits[]): void {
  const { builder, rows, columns } = frame;
  const { block } = site;
  for (const r of rows.keys()) {
    const { keep, highest } = scoreRow(frame, site, r, limits[r]!);
    block.lines.push(
      `let high_${r} = max(top_${r}, ${builder.overLanes('Max', highest)});`,
      `let weight_${r} = select(vec4f(0f), exp(x_${r} - vec4f(high_${r})), ${keep});`,
      `let fade_${r} = exp(top_${r} - high_${r});`,
      `top_${r} = high_${r};`,
      `total_${r} = total_${r} * fade_${r} + ((weight_${r}.x + weight_${r}.y) + (weight_${r}.z + weight_${r}.w));`,
    );
    for (const v of columns.keys()) block.lines.push(`sum_${r}_${v} *= fade_${r};`);
  }
}

/** Adds the tile's values, weighted: four keys at a time, those of one thread. */
function addValues(
  frame: Frame,
  outer: Block,
  { end, subgroupSize }: { readonly end: string; readonly subgroupSize: number },
): void {
  const { builder, rows } = frame;
  const threads = `min(${builder.loopEnd(subgroupSize)}, (${end} - tile + 3u) / 4u)`;
  nest(outer, `for (var x = 0u; x < ${threads}; x++)`, (block) => {
    for (const r of rows.keys())
      block.lines.push(`let w_${r} = ${builder.fromLane(`weight_${r}`, 'x')};`);
    addWeighted(frame, block);
  });
}
