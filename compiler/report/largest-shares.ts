// Which layers a quantity is spent on: those that take most of it, with their shares.
import type { CostReport, CostRow } from '../cost/count-cost.ts';
import type { Quantity } from '../model/cost-limit.ts';
import type { Model } from '../model/model.ts';
import type { Span } from '../source.ts';
import { grouped, percent } from './quantities.ts';
import { type Part, structureOf } from './structure.ts';

export interface Share {
  /** Where the user's own code led there. */
  readonly use: Span;
  /** `blocks.*.f.up 28,311,552 FLOPs (28.1 %)`. */
  readonly text: string;
}

const SHOWN = 3;

export function largestShares(model: Model, quantity: Quantity, costs: CostReport): Share[] {
  const { noun, of } = contributions(quantity, costs);
  const uses = new Map(partsOf(structureOf(model)).map(({ path, use }) => [path, use]));
  const total = [...of.values()].reduce((sum, value) => sum + value, 0n);
  return [...of]
    .filter(([, value]) => value > 0n)
    .sort(([, a], [, b]) => (a === b ? 0 : a < b ? 1 : -1))
    .slice(0, SHOWN)
    .map(([path, value]) => ({
      use: useOf(path, uses) ?? model.span,
      text: `${path === '' ? model.name : path} ${grouped(value)} ${noun} (${percent(Number(value) / Number(total))})`,
    }));
}

const partsOf = (parts: readonly Part[]): Part[] =>
  parts.flatMap((part) => [part, ...partsOf(part.parts)]);

/** Of a path that is no part, its own weights for one, that of the nearest part around it. */
function useOf(path: string, uses: ReadonlyMap<string, Span>): Span | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const use = uses.get(at);
    if (use) return use;
  }
  return undefined;
}

interface Contributions {
  readonly noun: string;
  /** By path. */
  readonly of: ReadonlyMap<string, bigint>;
}

function contributions(quantity: Quantity, costs: CostReport): Contributions {
  const { rows, elementBytes, params, activations } = costs;
  const byRow = (noun: string, of: (row: CostRow) => bigint): Contributions => ({
    noun,
    of: new Map(rows.map((row) => [row.path, of(row)])),
  });
  switch (quantity) {
    case 'params':
      return byRow('parameters', (row) => row.params);
    case 'activated':
      return byRow('parameters', (row) => row.activated);
    case 'flops':
    case 'flops_per_token':
      return byRow('FLOPs', ({ work }) => 2n * work.macs);
    case 'weights':
      return byRow('bytes of weights', (row) => row.params * elementBytes);
    case 'dispatches':
      return { noun: 'dispatches', of: dispatchesOf(costs) };
    // Buffers are shared over time, so no layer has a part of them: what it writes is what asks for them.
    case 'memory':
      return params.total * elementBytes >= activations.peak
        ? byRow('bytes of weights', (row) => row.params * elementBytes)
        : byRow('bytes written', (row) => row.activations);
  }
}

/** A kernel counts for the layer that has most of its work. */
function dispatchesOf({ kernels }: CostReport): Map<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const { layers, times } of kernels) {
    const [most] = [...layers].sort((a, b) => b.share - a.share);
    const path = most?.path ?? '';
    counts.set(path, (counts.get(path) ?? 0n) + BigInt(times));
  }
  return counts;
}
