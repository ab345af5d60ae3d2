// How the work of a product is dealt out to threads, and what is chosen where nobody has measured.
import type { DotRegion } from '../schedule/schedule.ts';
import { asNumber } from '../shapes/dim.ts';
import type { Target } from './target.ts';

/** What one thread computes (`rows` x 4 `vectors` columns), and how many threads stand side by side and one below another. */
export interface DotTile {
  readonly rows: number;
  readonly vectors: number;
  readonly across: number;
  readonly down: number;
  /**
   * The threads of a workgroup are one subgroup and own the same rows: each loads the left operand for some of them and hands it
   * to all. `across` is then the size of a subgroup, `down` is 1.
   */
  readonly handsOn?: boolean;
}

/**
 * More rows are faster, on software adapters as well, and take longer to compile: as many as the work is worth. More
 * columns are slower there. Rows in parts stay few: the threads of one step share a part, and parts may be short.
 *
 * On a processor a load is one for each lane, some 20 times what a multiply-add of all lanes takes, and handing a value on is
 * one instruction: so there the rows are shared. On graphics processors caches and coalesced loads do that.
 */
export function tileFor(region: DotRegion, { software, subgroupSize }: Target): DotTile {
  const { m, ragged, k, groups } = region;
  const columns = groups.map(({ n }) => asNumber(n.size) ?? 64);
  const work = (asNumber(k.size) ?? 64) * Math.max(...columns);
  const oneProduct = groups.every(({ products }) => products.length === 1);
  const most = (rows: number): number => Math.min(rows, asNumber(m.size) ?? rows);
  if (software && subgroupSize !== undefined) {
    const rows = work < 65_536 || !oneProduct || ragged ? 8 : 16;
    return { rows: most(rows), vectors: 1, across: subgroupSize, down: 1, handsOn: true };
  }
  const rows = work < 1024 ? 1 : work < 65_536 || !oneProduct || ragged ? 4 : 8;
  return { rows: most(rows), vectors: 1, across: 8, down: 8 };
}
