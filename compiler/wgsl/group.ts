// Kernels that sort rows into groups: a workgroup for each group, and one for the rows of none. Its threads own runs of
// neighbouring rows, count the rows of earlier groups and of their own, and then place their own one after the other: no
// atomics, so the order is the same on every device.
import type { GroupRegion } from '../schedule/schedule.ts';
import { type KernelBuilder, nest } from './builder.ts';
import { createPrinter, type Site, siteIn } from './expression.ts';
import { emptySite, type Launch, numberGroups } from './grid.ts';
import { declareTargets, writeScalar } from './store.ts';

const THREADS = 64;

export function emitGroup(builder: KernelBuilder, region: GroupRegion): Launch {
  const { main } = builder;
  const { row, group, key, place, start, rowStores, groupStores } = region;
  const stores = [...rowStores, ...groupStores];
  const printer = createPrinter(builder, [
    key,
    ...stores.flatMap((store) => [store.at, store.value]),
  ]);
  declareTargets(
    builder,
    stores.map((store) => ({ store, wide: false })),
  );
  const [rows, groups] = [builder.size(row.size), builder.size(group.size)];
  numberGroups(builder);
  main.lines.push(`if (group >= ${groups}) { return; }`);
  const site = siteIn(emptySite(main), main, [[group.var, { block: main, text: 'group' }]]);
  for (const counts of ['befores', 'owns']) builder.workgroupArray(counts, 'u32', THREADS);
  main.lines.push(
    `let most = (${rows} + ${THREADS - 1}u) / ${THREADS}u;`,
    `let first = min(lid * most, ${rows});`,
    `let end = min(first + most, ${rows});`,
    'var before = 0u;',
    'var own = 0u;',
  );
  const eachRow = (fill: (inner: Site, group: string) => void): void =>
    nest(main, 'for (var r = first; r < end; r++)', (block) => {
      const inner = siteIn(site, block, [[row.var, { block, text: 'r' }]]);
      // A negative number is a large one here.
      fill(inner, builder.named(block, `min(u32(${printer.scalar(key, inner)}), ${groups} - 1u)`));
    });
  eachRow(({ block }, found) => {
    block.lines.push(
      `before += select(0u, 1u, ${found} < group);`,
      `own += select(0u, 1u, ${found} == group);`,
    );
  });
  main.lines.push(
    'befores[lid] = before;',
    'owns[lid] = own;',
    'workgroupBarrier();',
    'var start = 0u;',
    'var place = 0u;',
  );
  nest(main, `for (var j = 0u; j < ${builder.loopEnd(THREADS)}; j++)`, ({ lines }) => {
    lines.push('start += befores[j];', 'place += befores[j] + select(0u, owns[j], j < lid);');
  });
  nest(main, 'if (lid == 0u)', (block) => {
    const bound = { block, text: builder.named(block, 'start') };
    const inner = siteIn(site, block, [], [[start, bound]]);
    for (const store of groupStores) writeScalar(builder, printer, store, inner);
  });
  if (rowStores.length > 0)
    eachRow((inner, found) => {
      nest(inner.block, `if (${found} == group)`, (block) => {
        block.lines.push('let at = place;', 'place++;');
        const to = siteIn(inner, block, [], [[place, { block, text: 'at' }]]);
        for (const store of rowStores) writeScalar(builder, printer, store, to);
      });
    });
  return { workgroup: [THREADS, 1, 1], grid: [{ count: group.size, per: 1 }] };
}
