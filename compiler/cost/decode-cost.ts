// What a decoder's next token costs: one more token for each sequence at the place t, the last, where the keys and values of
// the tokens before are kept. Read off the same graph: the work is what t tokens cost more than t - 1.
import type { Graph } from '../graph/graph.ts';
import { evaluate } from '../shapes/dim.ts';
import { type CostReport, type CostRow, countTally, type ScheduleFacts } from './count-cost.ts';
import type { KernelCost } from './kernel-costs.ts';
import { type Sizes, withCounts } from './opaque-counts.ts';
import { tallyCost } from './tally-cost.ts';
import { addWork, isNoWork, NO_WORK, subtractWork, type Work } from './work.ts';

export type DecodeCost =
  | { readonly kind: 'report'; readonly report: CostReport }
  /** The attention at `path` lets a token see later ones: no token can be computed before them. */
  | { readonly kind: 'looks ahead'; readonly path: string };

/** `schedule` is asked for a run of one token. */
export function decodeCost(
  graph: Graph,
  sizes: Sizes,
  schedule: (sizes: Sizes) => ScheduleFacts,
  elementBytes: bigint,
): DecodeCost {
  const tally = tallyCost(graph);
  const [before, first] = [withLengths(sizes, (length) => length - 1), oneToken(sizes)];
  const [now, past] = [sizes, before].map((at) => withCounts(tally.opaque, at)) as [Sizes, Sizes];

  /** Bytes of keys and values that each layer reads beyond its own token's. */
  const kept = new Map<string, bigint>();
  for (const { path, attentions } of tally.rows) {
    for (const { pairs, planes, perKey, keys, count } of attentions) {
      const seen = (evaluate(pairs, now) - evaluate(pairs, past)) / evaluate(planes, now);
      if (seen > evaluate(keys, now)) return { kind: 'looks ahead', path };
      const bytes = evaluate(perKey, now) * BigInt(count) * elementBytes * BigInt(sizes.b ?? 1);
      kept.set(path, (kept.get(path) ?? 0n) + bytes * (seen > 0n ? seen - 1n : 0n));
    }
  }

  const one = countTally(tally, first, schedule(first), elementBytes);
  const [full, less] = [sizes, before].map((at) =>
    countTally(tally, at, undefined, elementBytes),
  ) as [CostReport, CostReport];
  const workAt = (report: CostReport) => new Map(report.rows.map((row) => [row.path, row.work]));
  const [fullWork, lessWork] = [workAt(full), workAt(less)];
  const rows = one.rows.map((row): CostRow => {
    const more = subtractWork(fullWork.get(row.path) ?? NO_WORK, lessWork.get(row.path) ?? NO_WORK);
    // One query has no square of pairs.
    const work = { ...more, macsFullSquare: more.macs, pairs: 0n, scoreMacs: 0n };
    return { ...row, work, quadraticMacs: 0n, moved: row.moved + (kept.get(row.path) ?? 0n) };
  });
  const sum = (of: (row: CostRow) => bigint) => rows.reduce((all, row) => all + of(row), 0n);
  const cachePerToken = sum((row) => row.cachePerToken);
  const report: CostReport = {
    ...one,
    mode: 'decode',
    symbols: sizes,
    rows,
    work: rows.map((row) => row.work).reduce(addWork, NO_WORK),
    quadraticMacs: 0n,
    cache: full.cache,
    cachePerToken,
    moved: sum((row) => row.moved),
    inexact: full.inexact,
    kernels: withKept(one, rows, kept),
  };
  return { kind: 'report', report };
}

/** The kernels of a run of one token, with what a layer does and reads for the tokens before charged to its attention. */
function withKept(
  one: CostReport,
  rows: readonly CostRow[],
  kept: ReadonlyMap<string, bigint>,
): KernelCost[] {
  const kernels = [...one.kernels];
  const before = new Map(one.rows.map((row) => [row.path, row.work]));
  for (const { path, work } of rows) {
    const more: Work = subtractWork(work, before.get(path)!);
    const bytes = kept.get(path) ?? 0n;
    if (isNoWork(more) && bytes === 0n) continue;
    const holds = ({ layers }: KernelCost) => layers.some((layer) => layer.path === path);
    const attends = kernels.findIndex((kernel) => kernel.kind === 'attend' && holds(kernel));
    const at = attends >= 0 ? attends : kernels.findIndex(holds);
    const kernel = kernels[at];
    if (!kernel) continue;
    kernels[at] = { ...kernel, work: addWork(kernel.work, more), read: kernel.read + bytes };
  }
  return kernels;
}

const withLengths = (sizes: Sizes, of: (length: number) => number): Sizes =>
  Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [name, name === 'b' ? size : of(size)]),
  );

const oneToken = (sizes: Sizes): Sizes => withLengths(sizes, () => 1);

/** The sizes of the run that a report is about: of one token, where it is a decoder's. */
export const runSizes = ({ mode, symbols }: CostReport): Sizes =>
  mode === 'decode' ? oneToken(symbols) : symbols;
