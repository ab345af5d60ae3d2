// Kernels for matrix products: a thread owns a few rows and a few vec4 of columns and keeps their sums in registers,
// reading both operands straight from storage, four steps of k at a time. Groups of columns (q, k, v) share the grid, and the
// inner loop where dot-groups.ts can merge them; the products of one group (gate and up) share the left operand.
// Tails read clamped elements, so the inner loop has no branch.
import type { DotRegion, Expr } from '../schedule/schedule.ts';
import { asNumber, product } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { type ColumnTiles, columnTiles, type DotGroup, mergeGroups } from './dot-groups.ts';
import { findRows, type OwnRows, rowGrid, rowTiles } from './dot-rows.ts';
import { type Bound, createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import {
  alignedLanes,
  bindLoops,
  type Extent,
  emptySite,
  extentOf,
  type Launch,
  limitedLanes,
  numberGroups,
  oneLane,
  splitNumber,
} from './grid.ts';
import { sizeAlign } from './lanes.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

/** What one thread computes (`rows` x 4 `vectors` columns), and how many threads stand side by side and one below another. */
export interface DotTile {
  readonly rows: number;
  readonly vectors: number;
  readonly across: number;
  readonly down: number;
}

/**
 * More rows are faster, on software adapters as well, and take longer to compile: as many as the work is worth. More
 * columns are slower there. Rows in parts stay at four: the threads of one step share a part, and parts may be short.
 */
function tileFor({ m, ragged, k, groups }: DotRegion): DotTile {
  const columns = groups.map(({ n }) => asNumber(n.size) ?? 64);
  const work = (asNumber(k.size) ?? 64) * Math.max(...columns);
  const oneProduct = groups.every(({ products }) => products.length === 1);
  const rows = work < 1024 ? 1 : work < 65_536 || !oneProduct || ragged ? 4 : 8;
  const most = asNumber(m.size) ?? rows;
  return { rows: Math.min(rows, most), vectors: 1, across: 8, down: 8 };
}

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

const LANES = [0, 1, 2, 3] as const;

export function emitDot(builder: KernelBuilder, region: DotRegion, tile = tileFor(region)): Launch {
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
  const within = `(lid / ${tile.across}u) * ${tile.rows}u`;
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

function rootsOf({ a, ragged, groups }: DotRegion, merged?: readonly Expr[]): readonly Expr[] {
  const operands = merged ?? groups.flatMap(({ products }) => products.map(({ b }) => b));
  const stores = groups.flatMap((group) => group.stores);
  const ends = ragged ? [ragged.end] : [];
  return [a, ...ends, ...operands, ...stores.flatMap((store) => [store.at, store.value])];
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
        products.map(({ acc }) => [acc, vectorBound(main, `acc${acc}`)] as const),
      );
      return stores.map((store) => ({ store, wide: isWideStore(builder, printer, store, inner) }));
    }),
  );
}

const vectorBound = (block: Block, text: string): Bound => ({
  block,
  text: `${text}.x`,
  vec: { text, aligned: false },
});

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

interface Registers {
  readonly rows: readonly Bound[];
  readonly columns: readonly Bound[];
  /** Per product, the first part of its sums' names. */
  readonly sums: readonly string[];
}

function emitPart(frame: Frame, part: Part, { first, size }: Start, site: Site): void {
  const { builder, region, tile, tiles, own: ownRows } = frame;
  const { block } = site;
  const own = first === '0u' ? 'columnTile' : `(columnTile - ${first})`;
  const width = tile.across * tile.vectors * 4;
  block.lines.push(`let column = ${own} * ${width}u + (lid % ${tile.across}u) * 4u;`);
  block.lines.push(`if (column >= ${size.text}) { return; }`);
  const firsts = range(tile.vectors).map((v) =>
    v === 0 ? 'column' : builder.named(block, `column + ${v * tile.across * 4}u`),
  );
  const registers: Registers = {
    rows: range(tile.rows).map((r): Bound => {
      if (r === 0) return { block: builder.main, text: 'row' };
      const text = `min(row + ${r}u, ${ownRows.end} - 1u)`;
      return { block, text: builder.named(block, text) };
    }),
    columns: firsts.map((text) => limitedLanes(builder, block, text, size)),
    sums: part.operands.map(() => builder.fresh('sum')),
  };
  const cells = range(tile.rows).flatMap((r) => range(tile.vectors).map((v) => `${r}_${v}`));
  for (const name of registers.sums)
    for (const cell of cells) block.lines.push(`var ${name}_${cell} = vec4f(0f);`);
  nest(block, `for (var k = 0u; k < ${ownRows.depth}; k += 4u)`, (inner) =>
    accumulate(frame, part, siteIn(site, inner), registers),
  );

  // Only a copy of the sums is indexed by a variable: the sums themselves must stay in registers.
  for (const name of registers.sums) {
    const all = cells.map((cell) => `${name}_${cell}`).join(', ');
    block.lines.push(`var ${name} = array<vec4f, ${cells.length}>(${all});`);
  }
  block.lines.push(`let rows = min(${builder.loopEnd(tile.rows)}, ${ownRows.end} - row);`);
  nest(block, 'for (var r = 0u; r < rows; r++)', (perRow) => {
    perRow.lines.push('let m = row + r;');
    const rowSite = siteIn(site, perRow, [[region.m.var, { block: perRow, text: 'm' }]]);
    for (const { index, group } of part.groups) {
      const write = (to: Block): void =>
        writeRow(frame, group, siteIn(rowSite, to), { ...registers, firsts, size });
      if (part.groups.length === 1) write(perRow);
      else nest(perRow, `if (${ownTiles(tiles, index)})`, write);
    }
  });
}

/** Four steps of k: the left operand as one vec4 along k for each row, then four vec4 of the right one. */
function accumulate(frame: Frame, part: Part, site: Site, registers: Registers): void {
  const { builder, printer, region } = frame;
  const { m, k, a } = region;
  const { block } = site;
  const { n } = part.groups[0]!.group;
  const size = extentOf(builder, k.size);
  const along = size.aligned ? alignedLanes(block, 'k') : limitedLanes(builder, block, 'k', size);
  const left = registers.rows.map((row) => {
    const at = siteIn(site, block, [
      [m.var, row],
      [k.var, along],
    ]);
    const value = printer.vector(a, at);
    if (size.aligned) return builder.named(block, value);
    const inside = `vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(${size.text})`;
    return builder.named(block, `select(vec4f(0f), ${value}, ${builder.named(block, inside)})`);
  });
  for (const [p, operand] of part.operands.entries()) {
    for (const [v, column] of registers.columns.entries()) {
      const bind = (step: Bound, to: Bound): Site =>
        siteIn(site, block, [
          [k.var, step],
          [n.var, to],
        ]);
      const byColumn = liesAlongK(
        printer,
        operand,
        bind(along, scalar(column)),
        bind(scalar(along), column),
      );
      const right = LANES.map((lane) => {
        const at = byColumn
          ? bind(along, oneLane(builder, column, lane))
          : bind(oneLane(builder, along, lane), column);
        return builder.named(block, printer.vector(operand, at));
      });
      for (const [r, x] of left.entries()) {
        const sum = `${registers.sums[p]}_${r}_${v}`;
        if (byColumn) {
          const dots = right.map((y) => `dot(${x}, ${y})`).join(', ');
          block.lines.push(`${sum} += vec4f(${dots});`);
          continue;
        }
        for (const lane of LANES)
          block.lines.push(`${sum} = fma(vec4f(${x}.${'xyzw'[lane]}), ${right[lane]}, ${sum});`);
      }
    }
  }
}

const scalar = ({ block, text }: Bound): Bound => ({ block, text });

/** True where the right operand's neighbours in memory are steps of k, as in a product with a transposed table. */
function liesAlongK(printer: Printer, operand: Expr, inK: Site, inN: Site): boolean {
  if (operand.kind !== 'load') return false;
  return printer.lanes(operand.at, inK).step === 1 && printer.lanes(operand.at, inN).step !== 1;
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
    if (v === 0) write(site.block);
    else nest(site.block, `if (${first} < ${size.text})`, write);
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
