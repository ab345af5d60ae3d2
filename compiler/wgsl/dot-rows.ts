// Which rows of a product a workgroup computes: a tile of all rows or, where they come in parts, a tile that crosses no
// part's end. Then a workgroup finds its part by walking over their ends, and rows of no part sum nothing.
import type { DotRegion, LoopVar } from '../schedule/schedule.ts';
import { add, constant, mul } from '../shapes/dim.ts';
import { type KernelBuilder, nest } from './builder.ts';
import { type Bound, type Printer, type Site, siteIn } from './expression.ts';
import { tilesText } from './grid.ts';
import type { Dispatch } from './kernel.ts';

export interface OwnRows {
  /** The first row beyond those that the tile may compute. */
  readonly end: string;
  /** Where the loop over k ends. */
  readonly depth: string;
  readonly vars: readonly (readonly [LoopVar, Bound])[];
}

/** How many tiles of so many rows there are. Each part wastes less than a tile, and so do the rows of none. */
export function rowTiles(builder: KernelBuilder, { m, ragged }: DotRegion, rows: number): string {
  const tiles = tilesText(builder, m.size, rows);
  return ragged ? `${tiles} + ${builder.size(ragged.part.size)}` : tiles;
}

export function rowGrid({ m, ragged }: DotRegion, rows: number): Dispatch['grid'][number] {
  const parts = ragged && mul(ragged.part.size, constant(rows));
  return { count: parts ? add(m.size, parts) : m.size, per: rows };
}

/** Declares `row`, the thread's first row in tile `tile`, where it has one; `within` is its place in the tile. */
export function findRows(
  builder: KernelBuilder,
  printer: Printer,
  region: DotRegion,
  site: Site,
  { rows, within }: { readonly rows: number; readonly within: string },
): OwnRows {
  const { m, k, ragged } = region;
  const { main } = builder;
  const depth = builder.loopEnd(k.size);
  if (!ragged) {
    const end = builder.size(m.size);
    main.lines.push(`let row = tile * ${rows}u + ${within};`, `if (row >= ${end}) { return; }`);
    return { end, depth, vars: [] };
  }
  const parts = builder.loopEnd(ragged.part.size);
  main.lines.push('var rest = tile;', 'var first = 0u;', 'var end = 0u;', 'var found = 0u;');
  nest(main, `for (; found < ${parts}; found++)`, (block) => {
    const inner = siteIn(site, block, [[ragged.part.var, { block, text: 'found' }]]);
    // Never back, whatever the operand holds.
    block.lines.push(
      `end = max(first, ${printer.scalar(ragged.end, inner)});`,
      `let tiles = (end - first + ${rows - 1}u) / ${rows}u;`,
      'if (rest < tiles) { break; }',
      'rest -= tiles;',
      'first = end;',
    );
  });
  main.lines.push(
    `if (found == ${parts}) { end = ${builder.size(m.size)}; }`,
    `let row = first + rest * ${rows}u + ${within};`,
    'let rowEnd = end;',
    'if (row >= rowEnd) { return; }',
    `let part = min(found, ${parts} - 1u);`,
    `let depth = select(0u, ${depth}, found < ${parts});`,
  );
  return {
    end: 'rowEnd',
    depth: 'depth',
    vars: [[ragged.part.var, { block: main, text: 'part' }]],
  };
}
