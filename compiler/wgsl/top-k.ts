// Kernels for the largest along one loop. A few of a short row take a thread, which keeps them in registers; others a workgroup
// each, whose threads search for the last that is large enough, bit by bit, and then rank what lies before it.
// Values are compared as whole numbers of the same order, so that NaN and infinities are values like others, and equal ones
// go to the lower column on every device.
import type { TopKRegion } from '../schedule/schedule.ts';
import { asNumber, product, sub } from '../shapes/dim.ts';
import { type Block, type KernelBuilder, nest } from './builder.ts';
import { createPrinter, type Printer, type Site, siteIn } from './expression.ts';
import { bindLoops, emptySite, type Launch, numberGroups, splitNumber } from './grid.ts';
import { shareAcrossThreads } from './reduction.ts';
import { declareTargets, writeScalar } from './store.ts';

/** A thread ranks up to so many of a row, in code that grows with them, and reads rows of up to so many columns. */
const FEW = 16;
const SHORT_ROW = 512;

export function emitTopK(builder: KernelBuilder, region: TopKRegion): Launch {
  const { value, stores, col, rank } = region;
  const printer = createPrinter(builder, [
    value,
    ...stores.flatMap((store) => [store.at, store.value]),
  ]);
  declareTargets(
    builder,
    stores.map((store) => ({ store, wide: false })),
  );
  const room = sub(col.size, rank.size);
  // A run of fewer columns than are wanted is refused, as this size would be negative.
  if (asNumber(room) === undefined) builder.main.lines.push(`let room = ${builder.size(room)};`);
  const ranks = asNumber(rank.size) ?? FEW + 1;
  const isShort = (asNumber(col.size) ?? SHORT_ROW + 1) <= SHORT_ROW;
  return ranks <= FEW && isShort
    ? threadPerRow(builder, printer, region, ranks)
    : groupPerRow(builder, printer, region);
}

/** The value's bits as a number that is larger for larger values: 1 for NaN, never 0. */
function orderOf(builder: KernelBuilder, block: Block, value: string): string {
  const bits = builder.named(block, `bitcast<u32>(${value})`);
  const order = `select(${bits} | 0x80000000u, ~${bits}, ${bits} > 0x80000000u)`;
  const isNan = `(${bits} & 0x7fffffffu) > 0x7f800000u`;
  return builder.named(block, `select(${order}, 1u, ${isNan})`);
}

function rowSite(builder: KernelBuilder, { rows }: TopKRegion, number: string): Site {
  const { main } = builder;
  const sizes = rows.map((loop) => loop.size);
  return siteIn(
    emptySite(main),
    main,
    bindLoops(main, rows, splitNumber(builder, main, number, sizes)),
  );
}

const countRows = ({ rows }: TopKRegion) => product(rows.map((loop) => loop.size));

function writeRank(
  builder: KernelBuilder,
  printer: Printer,
  { stores, acc, rank }: TopKRegion,
  site: Site,
  names: { readonly rank: string; readonly column: string },
): void {
  const { block } = site;
  const at = siteIn(
    site,
    block,
    [[rank.var, { block, text: names.rank }]],
    [[acc, { block, text: names.column }]],
  );
  for (const store of stores) writeScalar(builder, printer, store, at);
}

const ROW_THREADS = 64;

function threadPerRow(
  builder: KernelBuilder,
  printer: Printer,
  region: TopKRegion,
  ranks: number,
): Launch {
  const { main } = builder;
  const { col, rank, value } = region;
  const count = countRows(region);
  numberGroups(builder);
  main.lines.push(`let row = group * ${ROW_THREADS}u + lid;`);
  main.lines.push(`if (row >= ${builder.size(count)}) { return; }`);
  const site = rowSite(builder, region, 'row');
  const all = Array.from({ length: ranks }, (_, r) => r);
  for (const r of all) main.lines.push(`var key${r} = 0u;`, `var column${r} = 0u;`);
  nest(main, `for (var c = 0u; c < ${builder.loopEnd(col.size)}; c++)`, (block) => {
    const inner = siteIn(site, block, [[col.var, { block, text: 'c' }]]);
    const key = orderOf(builder, block, printer.scalar(value, inner));
    nest(block, `if (${key} > key${ranks - 1})`, ({ lines }) => {
      for (const r of all) lines.push(`let before${r} = ${key} > key${r};`);
      for (const r of all.toReversed())
        for (const [name, own] of [
          ['key', key],
          ['column', 'c'],
        ]) {
          const here = `select(${name}${r}, ${own}, before${r})`;
          const moved = `select(${here}, ${name}${r - 1}, before${r - 1})`;
          lines.push(`${name}${r} = ${r > 0 ? moved : here};`);
        }
    });
  });
  const columns = all.map((r) => `column${r}`).join(', ');
  main.lines.push(`var columns = array<u32, ${ranks}>(${columns});`);
  nest(main, `for (var r = 0u; r < ${builder.loopEnd(rank.size)}; r++)`, (block) => {
    block.lines.push('let column = columns[r];');
    writeRank(builder, printer, region, siteIn(site, block), { rank: 'r', column: 'column' });
  });
  return { workgroup: [ROW_THREADS, 1, 1], grid: [{ count, per: ROW_THREADS }] };
}

const THREADS = 256;
/** So many are ranked at a time: their keys and columns are in workgroup memory. */
const AT_ONCE = 1024;

/**
 * Elements come in the order of two words: the value's, and the column's complement. Of each round's elements the last one
 * is found bit by bit, as the largest pair of words that as many elements as are wanted do not come after.
 */
function groupPerRow(builder: KernelBuilder, printer: Printer, region: TopKRegion): Launch {
  const { main } = builder;
  const { col, rank, value } = region;
  const count = countRows(region);
  numberGroups(builder);
  main.lines.push(`if (group >= ${builder.size(count)}) { return; }`);
  const site = rowSite(builder, region, 'group');
  // Parameters: of literals WGSL would evaluate shifts itself, and refuse some.
  const [size, ranks] = [builder.loopEnd(col.size), builder.loopEnd(rank.size)];
  const atOnce = builder.loopEnd(AT_ONCE);
  builder.workgroupArray('keys', 'u32', AT_ONCE);
  builder.workgroupArray('columns', 'u32', AT_ONCE);
  const eachColumn = (outer: Block, fill: (block: Block, key: string) => void): void =>
    nest(outer, `for (var c = lid; c < ${size}; c += ${THREADS}u)`, (block) => {
      const inner = siteIn(site, block, [[col.var, { block, text: 'c' }]]);
      fill(block, orderOf(builder, block, printer.scalar(value, inner)));
    });
  const reaches = (key: string, high: string, low: string): string =>
    `(${key} > ${high} || (${key} == ${high} && ~c >= ${low}))`;

  main.lines.push(
    // As many leading bits of all columns are zero.
    `let zeros = countLeadingZeros(${size} - 1u);`,
    `let bits = 64u - zeros;`,
    'var lastHigh = 0xffffffffu;',
    'var lastLow = 0xffffffffu;',
  );
  nest(main, `for (var done = 0u; done < ${ranks}; done += ${atOnce})`, (round) => {
    round.lines.push(
      `let want = min(done + ${atOnce}, ${ranks});`,
      'var high = 0u;',
      'var low = ~(0xffffffffu >> zeros);',
    );
    nest(round, 'for (var bit = 0u; bit < bits; bit++)', (block) => {
      block.lines.push(
        'let inHigh = bit < 32u;',
        'let mask = 0x80000000u >> select(bit - 32u + zeros, bit, inHigh);',
        'let nextHigh = select(high, high | mask, inHigh);',
        'let nextLow = select(low | mask, low, inHigh);',
        'var own = 0u;',
      );
      eachColumn(block, ({ lines }, key) => {
        lines.push(`own += select(0u, 1u, ${reaches(key, 'nextHigh', 'nextLow')});`);
      });
      const total = shareAcrossThreads(builder, block, 'sum', 'u32', 'own', THREADS);
      block.lines.push(
        `high = select(high, nextHigh, ${total} >= want);`,
        `low = select(low, nextLow, ${total} >= want);`,
      );
    });
    const isNew = (key: string): string =>
      `${reaches(key, 'high', 'low')} && !${reaches(key, 'lastHigh', 'lastLow')}`;
    round.lines.push('var own = 0u;');
    eachColumn(round, ({ lines }, key) => {
      lines.push(`own += select(0u, 1u, ${isNew(key)});`);
    });
    round.lines.push('parts_u32[lid] = own;', 'workgroupBarrier();', 'var slot = 0u;');
    round.lines.push('for (var j = 0u; j < lid; j++) { slot += parts_u32[j]; }');
    eachColumn(round, (block, key) => {
      nest(block, `if (${isNew(key)})`, ({ lines }) => {
        lines.push(`keys[slot] = ${key};`, 'columns[slot] = c;', 'slot++;');
      });
    });
    round.lines.push('workgroupBarrier();', 'let found = want - done;');
    nest(round, `for (var i = lid; i < found; i += ${THREADS}u)`, (block) => {
      block.lines.push('let key = keys[i];', 'let column = columns[i];', 'var before = done;');
      nest(block, 'for (var j = 0u; j < found; j++)', ({ lines }) => {
        lines.push(
          'let comesFirst = keys[j] > key || (keys[j] == key && columns[j] < column);',
          'before += select(0u, 1u, comesFirst);',
        );
      });
      block.lines.push('let rank = before;');
      writeRank(builder, printer, region, siteIn(site, block), { rank: 'rank', column: 'column' });
    });
    round.lines.push('lastHigh = high;', 'lastLow = low;');
  });
  return { workgroup: [THREADS, 1, 1], grid: [{ count, per: 1 }] };
}
