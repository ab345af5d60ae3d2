// Kernels for matrix products: a thread owns a few rows and a few vec4 of columns and keeps their sums in registers,
// reading both operands straight from storage, four steps of k at a time (dot-steps.ts). Where subgroups have one size, a
// workgroup can be one subgroup, whose threads own the same rows and read the left operand for each other.
// Groups of columns (q, k, v) share the grid, and the inner loop where dot-groups.ts can merge them; the products of one
// group (gate and up) share the left operand. Tails read clamped elements, so the inner loop has no branch.
import type { DotRegion, Expr } from '../schedule/schedule.ts';
import { product } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type ColumnTiles, columnTiles, type DotGroup, mergeGroups } from './dot-groups.ts';
import { findRows, type OwnRows, rowGrid, rowTiles } from './dot-rows.ts';
import { fourSteps, handedOnStep, type Registers, type Steps } from './dot-steps.ts';
import type { DotTile } from './dot-tile.ts';
import { type Bound, createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import {
  bindLoops,
  type Extent,
  emptySite,
  extentOf,
  type Launch,
  limitedLanes,
  numberGroups,
  splitNumber,
  vectorBound,
} from './grid.ts';
import { sizeAlign } from './lanes.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

/** What all parts of the kernel are written with. */
interface Frame {
  readonly builder: KernelBuilder;
  readonly printer: Printer;
  readonly region: DotRegion;
  readonly tile: DotTile;
  readonly tiles: ColumnTiles;
  readonly own: OwnRows;
}

/** Groups with one inner loop. */
interface Part {
  /** Their places among all groups. */
  readonly groups: readonly { readonly index: number; readonly group: DotGroup }[];
  /** The right operands, over the first group's columns. */
  readonly operands: readonly Expr[];
}

export function emitDot(builder: KernelBuilder, region: DotRegion, tile: DotTile): Launch {
  const { main } = builder;
  const { batch, groups } = region;
  const merged = groups.length > 1 ? mergeGroups(builder, groups) : undefined;
  const printer = createPrinter(builder, rootsOf(region, merged?.operands));
  const rows = tile.down * tile.rows;
  bindTargets(builder, printer, region);

  numberGroups(builder);
  main.lines.push(`let rowTiles = ${rowTiles(builder, region, rows)};`);
  const tiles = columnTiles(builder, region, tile.across * tile.vectors * 4);
  main.lines.push(
    `let tile = group % rowTiles;`,
    `let above = group / rowTiles;`,
    `let columnTile = above % ${tiles.count};`,
    `let point = above / ${tiles.count};`,
    `if (point >= ${builder.size(product(batch.map((loop) => loop.size)))}) { return; }`,
  );
  const point = splitNumber(
    builder,
    main,
    'point',
    batch.map((loop) => loop.size),
  );
  const anyRow = siteIn(emptySite(main), main, bindLoops(main, batch, point));
  const within = tile.handsOn ? '0u' : `(lid / ${tile.across}u) * ${tile.rows}u`;
  const own = findRows(builder, printer, region, anyRow, { rows, within });
  const site = siteIn(anyRow, main, own.vars);
  const frame: Frame = { builder, printer, region, tile, tiles, own };
  const all = groups.map((group, index) => ({ index, group }));
  if (merged) emitMerged(frame, { groups: all, ...merged }, site);
  else
    for (const one of all) {
      const part = { groups: [one], operands: one.group.products.map(({ b }) => b) };
      const emit = (block: Block): void => {
        const start = {
          first: tiles.starts[one.index]!,
          size: extentOf(builder, one.group.n.size),
        };
        emitPart(frame, part, start, siteIn(site, block));
      };
      if (all.length === 1) emit(main);
      else nest(main, `if (${ownTiles(tiles, one.index)})`, emit);
    }
  return {
    workgroup: [tile.across * tile.down, 1, 1],
    grid: [
      ...batch.map(({ size }) => ({ count: size, per: 1 })),
      rowGrid(region, rows),
      ...tiles.grid,
    ],
  };
}

function rootsOf(
  { a, rowSums = [], ragged, groups }: DotRegion,
  merged?: readonly Expr[],
): readonly Expr[] {
  const operands = merged ?? groups.flatMap(({ products }) => products.map(({ b }) => b));
  const stores = groups.flatMap((group) => group.stores);
  const ends = ragged ? [ragged.end] : [];
  return [
    a,
    ...rowSums.map(({ value }) => value),
    ...ends,
    ...operands,
    ...stores.flatMap((store) => [store.at, store.value]),
  ];
}

const ownTiles = ({ starts }: ColumnTiles, index: number): string =>
  [
    ...(index > 0 ? [`columnTile >= ${starts[index]}`] : []),
    ...(index + 1 < starts.length ? [`columnTile < ${starts[index + 1]}`] : []),
  ].join(' && ');

function bindTargets(builder: KernelBuilder, printer: Printer, region: DotRegion): void {
  const { main } = builder;
  const loops = [...region.batch, region.m];
  const names = loops.map((loop) => `i${loop.var}`);
  const site = siteIn(emptySite(main), main, bindLoops(main, loops, names));
  declareTargets(
    builder,
    region.groups.flatMap(({ n, products, stores }) => {
      const vec = { text: 'n', aligned: sizeAlign(n.size) === 4 };
      const inner = siteIn(
        site,
        main,
        [[n.var, { block: main, text: 'n', vec }]],
        [
          ...products.map(({ acc }) => [acc, vectorBound(main, `acc${acc}`)] as const),
          ...(region.rowSums ?? []).map(
            ({ acc }) => [acc, { block: main, text: `acc${acc}` }] as const,
          ),
        ],
      );
      return stores.map((store) => ({ store, wide: isWideStore(builder, printer, store, inner) }));
    }),
  );
}

interface Start {
  /** The first tile of the group. */
  readonly first: string;
  /** How many columns the group has. */
  readonly size: Extent;
}

/** One inner loop for all groups: what differs between them is in variables, set by the tile's group. */
function emitMerged(
  frame: Frame,
  { choices, ...part }: Part & NonNullable<ReturnType<typeof mergeGroups>>,
  site: Site,
): void {
  const { builder, tiles } = frame;
  const { main } = builder;
  const sizes = part.groups.map(({ group }) => builder.size(group.n.size));
  const columns = [
    { name: 'firstTile', values: tiles.starts },
    { name: 'size', values: sizes },
    ...choices.map(({ values }, index) => ({ name: `choice${index}`, values })),
  ];
  for (const { name, values } of columns) main.lines.push(`var ${name}_ = ${values[0]};`);
  for (const { index } of part.groups.slice(1))
    nest(main, `if (columnTile >= ${tiles.starts[index]})`, ({ lines }) => {
      for (const { name, values } of columns) lines.push(`${name}_ = ${values[index]};`);
    });
  for (const { name } of columns) main.lines.push(`let ${name} = ${name}_;`);
  const accs = choices.map(
    ({ acc, align }, index) => [acc, { block: main, text: `choice${index}`, align }] as const,
  );
  const aligned = sizeAlign(part.groups[0]!.group.n.size) === 4;
  emitPart(
    frame,
    part,
    { first: 'firstTile', size: { text: 'size', aligned } },
    siteIn(site, main, [], accs),
  );
}

function emitPart(frame: Frame, part: Part, { first, size }: Start, site: Site): void {
  const { builder, printer, region, tile, tiles, own: ownRows } = frame;
  const { block } = site;
  const own = first === '0u' ? 'columnTile' : `(columnTile - ${first})`;
  const width = tile.across * tile.vectors * 4;
  const lane = tile.handsOn ? builder.lane() : `(lid % ${tile.across}u)`;
  block.lines.push(`let column = ${own} * ${width}u + ${lane} * 4u;`);
  // Every thread of a subgroup is needed by the others.
  if (!tile.handsOn) block.lines.push(`if (column >= ${size.text}) { return; }`);
  const firsts = range(tile.vectors).map((v) =>
    v === 0 ? 'column' : builder.named(block, `column + ${v * tile.across * 4}u`),
  );
  const registers: Registers = {
    rows: tile.handsOn ? rowsToHandOn(frame, block) : ownRowsOf(frame, block),
    columns: firsts.map((text) => limitedLanes(builder, block, text, size)),
    sums: part.operands.map(() => builder.fresh('sum')),
    rowSums: (region.rowSums ?? []).map(() => builder.fresh('rowSum')),
  };
  const cells = range(tile.rows).flatMap((r) => range(tile.vectors).map((v) => `${r}_${v}`));
  for (const name of registers.sums)
    for (const cell of cells) block.lines.push(`var ${name}_${cell} = vec4f(0f);`);
  for (const name of registers.rowSums)
    for (const r of registers.rows.keys())
      block.lines.push(`var ${name}_${r} = ${tile.handsOn ? '0f' : 'vec4f(0f)'};`);
  const steps: Steps = {
    builder,
    printer,
    region,
    n: part.groups[0]!.group.n,
    operands: part.operands,
  };
  nest(block, `for (var k = 0u; k < ${ownRows.depth}; k += ${tile.handsOn ? 1 : 4}u)`, (inner) => {
    const at = siteIn(site, inner);
    if (!tile.handsOn) fourSteps(steps, at, registers);
    else handedOnStep(steps, at, registers, { rows: tile.rows, subgroupSize: tile.across });
  });

  // Only a copy of the sums is indexed by a variable: the sums themselves must stay in registers.
  for (const name of registers.sums) {
    const all = cells.map((cell) => `${name}_${cell}`).join(', ');
    block.lines.push(`var ${name} = array<vec4f, ${cells.length}>(${all});`);
  }
  for (const name of registers.rowSums) {
    const all = range(tile.rows).map((r) =>
      tile.handsOn
        ? builder.fromLane(`${name}_${Math.floor(r / tile.across)}`, r % tile.across)
        : `dot(${name}_${r}, vec4f(1f))`,
    );
    block.lines.push(`var ${name} = array<f32, ${tile.rows}>(${all.join(', ')});`);
  }
  block.lines.push(`let rows = min(${builder.loopEnd(tile.rows)}, ${ownRows.end} - row);`);
  nest(block, 'for (var r = 0u; r < rows; r++)', (perRow) => {
    perRow.lines.push('let m = row + r;');
    const rowSite = siteIn(
      site,
      perRow,
      [[region.m.var, { block: perRow, text: 'm' }]],
      (region.rowSums ?? []).map(({ acc }, index) => {
        const text = builder.named(perRow, `${registers.rowSums[index]}[r]`);
        return [acc, { block: perRow, text }] as const;
      }),
    );
    for (const { index, group } of part.groups) {
      const write = (to: Block): void =>
        writeRow(frame, group, siteIn(rowSite, to), { ...registers, firsts, size });
      if (part.groups.length === 1) write(perRow);
      else nest(perRow, `if (${ownTiles(tiles, index)})`, write);
    }
  });
}

function ownRowsOf({ builder, tile, own }: Frame, block: Block): readonly Bound[] {
  return range(tile.rows).map((r) => {
    if (r === 0) return { block: builder.main, text: 'row' };
    return { block, text: builder.named(block, `min(row + ${r}u, ${own.end} - 1u)`) };
  });
}

/** Of every so many rows of the tile as there are threads, each thread's own. */
function rowsToHandOn({ builder, tile, own }: Frame, block: Block): readonly Bound[] {
  return range(Math.ceil(tile.rows / tile.across)).map((turn) => {
    const row = turn === 0 ? 'row' : `row + ${turn * tile.across}u`;
    return {
      block,
      text: builder.named(block, `min(${row} + ${builder.lane()}, ${own.end} - 1u)`),
    };
  });
}

/** The stores of one group for row `r` of the thread. */
function writeRow(
  { builder, printer, tile }: Frame,
  { n, products, stores }: DotGroup,
  site: Site,
  {
    columns,
    sums,
    firsts,
    size,
  }: Registers & { readonly firsts: readonly string[]; readonly size: Extent },
): void {
  for (const [v, first] of firsts.entries()) {
    const write = (block: Block): void => {
      const index = tile.vectors === 1 ? 'r' : `r * ${tile.vectors}u + ${v}u`;
      const accs = products.map(
        ({ acc }, p) =>
          [acc, vectorBound(block, builder.named(block, `${sums[p]}[${index}]`))] as const,
      );
      const at = siteIn(site, block, [[n.var, columns[v]!]], accs);
      const inside = (lane: number): string => `${first} + ${lane}u < ${size.text}`;
      for (const store of stores)
        writeLanes(builder, printer, store, at, size.aligned ? undefined : inside);
    };
    if (v === 0 && !tile.handsOn) write(site.block);
    else nest(site.block, `if (${first} < ${size.text})`, write);
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
