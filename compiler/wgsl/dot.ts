// Kernels for matrix products: a thread owns a few rows and a few vec4 of columns and keeps their sums in registers,
// reading both operands straight from storage, four steps of k at a time. Groups of columns (q, k, v) share the grid; the
// products of one group (gate and up) share the left operand. Tails read clamped elements, so the inner loop has no branch.
import { invariant } from '../invariant.ts';
import type { DotRegion, Expr } from '../schedule/schedule.ts';
import { asNumber, constant, type Dim, equal, product } from '../shapes/dim.ts';
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
  splitNumber,
  tilesText,
} from './grid.ts';
import type { Dispatch } from './kernel.ts';
import { sizeAlign } from './lanes.ts';
import { declareTargets, isWideStore, writeLanes } from './store.ts';

/** What one thread computes (`rows` x 4 `vectors` columns), and how many threads stand side by side and one below another. */
export interface DotTile {
  readonly rows: number;
  readonly vectors: number;
  readonly across: number;
  readonly down: number;
}

/** Fast on software adapters (more columns are slower there), and small enough to compile quickly. */
const SMALL_TILE: DotTile = { rows: 4, vectors: 1, across: 8, down: 8 };
const LARGE_TILE: DotTile = { ...SMALL_TILE, rows: 8 };

/** Large where a tile's work outweighs the time that the larger kernel takes to compile. */
function tileFor({ m, k, groups }: DotRegion): DotTile {
  const columns = groups.map(({ n }) => asNumber(n.size) ?? 0);
  const work = (asNumber(k.size) ?? 0) * Math.max(...columns);
  const manyRows = (asNumber(m.size) ?? 64) >= 64;
  const oneProduct = groups.every(({ products }) => products.length === 1);
  return work >= 65_536 && manyRows && oneProduct ? LARGE_TILE : SMALL_TILE;
}

type Group = DotRegion['groups'][number];
const LANES = [0, 1, 2, 3] as const;

export function emitDot(builder: KernelBuilder, region: DotRegion, tile = tileFor(region)): Launch {
  const { main } = builder;
  const printer = createPrinter(builder, rootsOf(region));
  const columns = tile.across * tile.vectors * 4;
  const rows = tile.down * tile.rows;
  bindTargets(builder, printer, region);

  numberGroups(builder);
  main.lines.push(`let rowTiles = ${tilesText(builder, region.m.size, rows)};`);
  const tiles = columnTiles(builder, region, columns);
  main.lines.push(
    `let rest = group / rowTiles;`,
    `let columnTile = rest % ${tiles.text};`,
    `let point = rest / ${tiles.text};`,
    `if (point >= ${builder.size(product(region.batch.map((loop) => loop.size)))}) { return; }`,
    `let row = (group % rowTiles) * ${rows}u + (lid / ${tile.across}u) * ${tile.rows}u;`,
    `if (row >= ${builder.size(region.m.size)}) { return; }`,
  );
  const batch = region.batch;
  const point = splitNumber(
    builder,
    main,
    'point',
    batch.map((loop) => loop.size),
  );
  const site = siteIn(emptySite(main), main, bindLoops(main, batch, point));

  for (const [index, group] of region.groups.entries()) {
    const emit = (block: Block): void =>
      emitGroup(builder, printer, region, group, tile, tiles.starts[index]!, siteIn(site, block));
    if (region.groups.length === 1) emit(main);
    else {
      const end = tiles.starts[index + 1] ?? tiles.text;
      nest(main, `if (columnTile >= ${tiles.starts[index]} && columnTile < ${end})`, emit);
    }
  }
  return {
    workgroup: [tile.across * tile.down, 1, 1],
    grid: [
      ...batch.map(({ size }) => ({ count: size, per: 1 })),
      { count: region.m.size, per: rows },
      ...tiles.grid,
    ],
  };
}

const rootsOf = ({ a, groups }: DotRegion): readonly Expr[] => [
  a,
  ...groups.flatMap(({ products, stores }) => [
    ...products.map((p) => p.b),
    ...stores.flatMap((store) => [store.at, store.value]),
  ]),
];

function bindTargets(builder: KernelBuilder, printer: Printer, region: DotRegion): void {
  const { main } = builder;
  const loops = [...region.batch, region.m];
  const names = loops.map((loop) => `i${loop.var}`);
  const site = siteIn(emptySite(main), main, bindLoops(main, loops, names));
  declareTargets(
    builder,
    region.groups.flatMap(({ n, products, stores }) => {
      const aligned = sizeAlign(n.size) === 4;
      const vec = { text: 'n', aligned };
      const inner = siteIn(
        site,
        main,
        [[n.var, { block: main, text: 'n', vec }]],
        products.map(({ acc }) => [acc, accBound(main, `acc${acc}`)] as const),
      );
      return stores.map((store) => ({ store, wide: isWideStore(builder, printer, store, inner) }));
    }),
  );
}

const accBound = (block: Block, text: string): Bound => ({
  block,
  text: `${text}.x`,
  vec: { text, aligned: false },
});

interface ColumnTiles {
  /** How many tiles all groups have together. */
  readonly text: string;
  /** The first tile of each group. */
  readonly starts: readonly string[];
  readonly grid: Dispatch['grid'];
}

/** Sizes known only at run time are possible where all groups have the same. */
function columnTiles(builder: KernelBuilder, { groups }: DotRegion, columns: number): ColumnTiles {
  const sizes = groups.map(({ n }) => n.size);
  const known = sizes.map(asNumber);
  if (known.every((size) => size !== undefined)) {
    const counts = known.map((size) => Math.ceil(size / columns));
    const total = counts.reduce((a, b) => a + b, 0);
    const starts = counts.map((_, i) => `${counts.slice(0, i).reduce((a, b) => a + b, 0)}u`);
    return { text: `${total}u`, starts, grid: [{ count: constant(total), per: 1 }] };
  }
  const size: Dim = sizes[0]!;
  invariant(
    sizes.every((other) => equal(size, other)),
    'wgsl',
    'groups of different sizes that are known only at run time',
  );
  const each = builder.named(builder.main, tilesText(builder, size, columns));
  const at = (index: number): string => builder.named(builder.main, `${index}u * ${each}`);
  return {
    text: groups.length === 1 ? each : at(groups.length),
    starts: groups.map((_, index) => (index === 0 ? '0u' : at(index))),
    grid: [
      { count: constant(groups.length), per: 1 },
      { count: size, per: columns },
    ],
  };
}

function emitGroup(
  builder: KernelBuilder,
  printer: Printer,
  region: DotRegion,
  group: Group,
  tile: DotTile,
  firstTile: string,
  site: Site,
): void {
  const { block } = site;
  const { m } = region;
  const { n, products, stores } = group;
  const own = firstTile === '0u' ? 'columnTile' : `(columnTile - ${firstTile})`;
  const width = tile.across * tile.vectors * 4;
  block.lines.push(`let column = ${own} * ${width}u + (lid % ${tile.across}u) * 4u;`);
  block.lines.push(`if (column >= ${builder.size(n.size)}) { return; }`);
  const firstOf = (vector: number): string =>
    vector === 0 ? 'column' : builder.named(block, `column + ${vector * tile.across * 4}u`);
  const columns = range(tile.vectors).map((v) => limitedLanes(builder, block, firstOf(v), n.size));
  const rows = range(tile.rows).map((r): Bound => {
    const text =
      r === 0 ? 'row' : builder.named(block, `min(row + ${r}u, ${builder.size(m.size)} - 1u)`);
    return { block: r === 0 ? builder.main : block, text };
  });

  const sums = products.map(() => {
    const name = builder.fresh('sum');
    for (const r of range(tile.rows))
      for (const v of range(tile.vectors)) block.lines.push(`var ${name}_${r}_${v} = vec4f(0f);`);
    return name;
  });
  nest(block, `for (var k = 0u; k < ${builder.size(region.k.size)}; k += 4u)`, (inner) =>
    accumulate(builder, printer, region, group, siteIn(site, inner), { rows, columns, sums }),
  );

  // Only a copy of the sums is indexed by a variable: the sums themselves must stay in registers.
  for (const name of sums) {
    const all = range(tile.rows).flatMap((r) =>
      range(tile.vectors).map((v) => `${name}_${r}_${v}`),
    );
    block.lines.push(`var ${name} = array<vec4f, ${all.length}>(${all.join(', ')});`);
  }
  nest(block, `for (var r = 0u; r < ${tile.rows}u; r++)`, (perRow) => {
    perRow.lines.push('let m = row + r;', `if (m >= ${builder.size(m.size)}) { break; }`);
    const rowSite = siteIn(site, perRow, [[m.var, { block: perRow, text: 'm' }]]);
    for (const v of range(tile.vectors)) {
      const first = firstOf(v);
      const write = (to: Block): void => {
        const accs = products.map(({ acc }, p) => {
          const index = tile.vectors === 1 ? 'r' : `r * ${tile.vectors}u + ${v}u`;
          return [acc, accBound(to, builder.named(to, `${sums[p]}[${index}]`))] as const;
        });
        const inner = siteIn(rowSite, to, [[n.var, columns[v]!]], accs);
        const inside = (lane: number): string => `${first} + ${lane}u < ${builder.size(n.size)}`;
        for (const store of stores)
          writeLanes(builder, printer, store, inner, sizeAlign(n.size) === 4 ? undefined : inside);
      };
      if (v === 0) write(perRow);
      else nest(perRow, `if (${first} < ${builder.size(n.size)})`, write);
    }
  });
}

interface Registers {
  readonly rows: readonly Bound[];
  readonly columns: readonly Bound[];
  readonly sums: readonly string[];
}

/** Four steps of k: the left operand as one vec4 along k for each row, then four vec4 of the right one. */
function accumulate(
  builder: KernelBuilder,
  printer: Printer,
  { m, k, a }: DotRegion,
  { n, products }: Group,
  site: Site,
  { rows, columns, sums }: Registers,
): void {
  const { block } = site;
  const size = builder.size(k.size);
  const whole = sizeAlign(k.size) === 4;
  const along = whole ? alignedLanes(block, 'k') : limitedLanes(builder, block, 'k', k.size);
  const left = rows.map((row) => {
    const value = printer.vector(
      a,
      siteIn(site, block, [
        [m.var, row],
        [k.var, along],
      ]),
    );
    const inside = `vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(${size})`;
    return builder.named(
      block,
      whole ? value : `select(vec4f(0f), ${value}, ${builder.named(block, inside)})`,
    );
  });
  for (const [p, { b }] of products.entries()) {
    for (const [v, column] of columns.entries()) {
      const byColumn = liesAlongK(printer, b, site, k.var, n.var, along, column);
      const right = LANES.map((lane) => {
        const [fixed, moving] = byColumn
          ? ([
              [n.var, oneLane(builder, column, lane)],
              [k.var, along],
            ] as const)
          : ([
              [k.var, oneLane(builder, along, lane)],
              [n.var, column],
            ] as const);
        return builder.named(block, printer.vector(b, siteIn(site, block, [fixed, moving])));
      });
      for (const [r, x] of left.entries()) {
        const sum = `${sums[p]}_${r}_${v}`;
        if (byColumn) {
          const dots = right.map((y) => `dot(${x}, ${y})`).join(', ');
          block.lines.push(`${sum} += vec4f(${dots});`);
        } else {
          for (const lane of LANES)
            block.lines.push(`${sum} = fma(vec4f(${x}.${'xyzw'[lane]}), ${right[lane]}, ${sum});`);
        }
      }
    }
  }
}

/** True where the right operand's neighbours in memory are steps of k, as in a product with a transposed table. */
function liesAlongK(
  printer: Printer,
  b: Expr,
  site: Site,
  k: number,
  n: number,
  along: Bound,
  column: Bound,
): boolean {
  if (b.kind !== 'load') return false;
  const scalar = (bound: Bound): Bound => ({ block: bound.block, text: bound.text });
  const inK = printer.lanes(
    b.at,
    siteIn(site, site.block, [
      [k, along],
      [n, scalar(column)],
    ]),
  );
  const inN = printer.lanes(
    b.at,
    siteIn(site, site.block, [
      [k, scalar(along)],
      [n, column],
    ]),
  );
  return inK.step === 1 && inN.step !== 1;
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
