// What each kernel of a schedule costs at given sizes: the work of the nodes that it computes, and the bytes that it moves;
// and which layers it computes, so that its bytes and its time can be shared among them.
import type { NodeId } from '../ops/op.ts';
import { evaluate } from '../shapes/dim.ts';
import { type Sizes, withCounts } from './opaque-counts.ts';
import type { Tally } from './tally-cost.ts';
import { addWork, mapWork, NO_WORK, type Work } from './work.ts';

/** What the schedule says of a region in one turn (schedule/traffic.ts). */
export interface KernelTraffic {
  readonly label: string;
  readonly kind: string;
  readonly nodes: readonly NodeId[];
  readonly times: number;
  readonly read: bigint;
  readonly weights: bigint;
  readonly written: bigint;
}

/** One kernel, over all of its turns. */
export interface KernelCost {
  readonly label: string;
  readonly kind: string;
  /** How often it is dispatched in one run. */
  readonly times: number;
  /** Of all nodes that it computes, also of those that another kernel computes too. */
  readonly work: Work;
  /** Bytes read, each element once in a dispatch; of those, bytes of weights; bytes written. */
  readonly read: bigint;
  readonly weights: bigint;
  readonly written: bigint;
  /** The layers in it, by path, with the share of its work that is theirs; the shares add up to 1. */
  readonly layers: readonly { readonly path: string; readonly share: number }[];
}

/** In the order of `traffic`. */
export function kernelCosts(
  tally: Tally,
  traffic: readonly KernelTraffic[],
  sizes: Sizes,
): KernelCost[] {
  const values = withCounts(tally.opaque, sizes);
  return traffic.map(({ nodes, ...region }) => {
    const times = BigInt(region.times);
    const byPath = new Map<string, Work>();
    for (const id of nodes) {
      const node = tally.nodes.get(id);
      if (!node) continue;
      const work = mapWork((key) => evaluate(node.work[key], values) * times);
      byPath.set(node.path, addWork(byPath.get(node.path) ?? NO_WORK, work));
    }
    return {
      ...region,
      work: [...byPath.values()].reduce(addWork, NO_WORK),
      read: region.read * times,
      weights: region.weights * times,
      written: region.written * times,
      layers: sharesOf(byPath),
    };
  });
}

/** By work, and equal where none of the layers does any; what only copies is the model's own. */
function sharesOf(byPath: ReadonlyMap<string, Work>): KernelCost['layers'] {
  if (byPath.size === 0) return [{ path: '', share: 1 }];
  const efforts = [...byPath].map(([path, { macs, elementwise }]) => ({
    path,
    effort: Number(macs + elementwise),
  }));
  const total = efforts.reduce((sum, { effort }) => sum + effort, 0);
  return efforts.map(({ path, effort }) => ({
    path,
    share: total > 0 ? effort / total : 1 / efforts.length,
  }));
}

/** A whole number in parts by their shares; the parts add up to it. */
export function shareOut(
  whole: bigint,
  layers: KernelCost['layers'],
): readonly { readonly path: string; readonly part: bigint }[] {
  let [left, over] = [whole, 0];
  return layers.map(({ path, share }, index) => {
    over += share;
    const isLast = index === layers.length - 1;
    const rest = isLast ? 0n : BigInt(Math.round(Number(whole) * Math.max(0, 1 - over)));
    const part = left > rest ? left - rest : 0n;
    left -= part;
    return { path, part };
  });
}
