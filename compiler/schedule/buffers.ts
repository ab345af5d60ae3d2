// What a region reads and writes: all loads of its expressions, all targets of its stores.
import { partsOf } from './parts.ts';
import type { BufferRef, Expr, Region, Store } from './schedule.ts';

export function exprsOf(region: Region): Expr[] {
  const stores = storesOf(region).flatMap((store) => [store.at, store.value]);
  switch (region.kind) {
    case 'map':
      return stores;
    case 'rows': {
      const values = region.stages.map((stage) => stage.value);
      return [...values, ...(region.scan ? [region.scan.value] : []), ...stores];
    }
    case 'dot':
      return [
        region.a,
        ...(region.rowSums ?? []).map((sum) => sum.value),
        ...(region.ragged ? [region.ragged.end] : []),
        ...region.groups.flatMap((group) => group.products.map((product) => product.b)),
        ...stores,
      ];
    case 'attend': {
      const { q, k, v, score, mask, lo, hi } = region;
      const all = [q, k, v, score, mask, lo, hi];
      return [...all.filter((expr) => expr !== undefined), ...stores];
    }
    case 'group':
      return [region.key, ...stores];
    case 'top_k':
      return [region.value, ...stores];
    case 'segment_sum':
      return [region.from, region.to, region.value, ...stores];
  }
}

export function storesOf(region: Region): readonly Store[] {
  switch (region.kind) {
    case 'map':
    case 'attend':
    case 'top_k':
    case 'segment_sum':
      return region.stores;
    case 'rows':
      return [...region.rowStores, ...region.colStores];
    case 'dot':
      return region.groups.flatMap((group) => group.stores);
    case 'group':
      return [...region.rowStores, ...region.groupStores];
  }
}

/** The loads of a region, each once. */
export function loadsOf(region: Region): (Expr & { readonly kind: 'load' })[] {
  const seen = new Set<Expr>();
  const found: (Expr & { readonly kind: 'load' })[] = [];
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === 'load') found.push(expr);
    for (const part of partsOf(expr)) visit(part);
  };
  for (const expr of exprsOf(region)) visit(expr);
  return found;
}

/** The values that a region reads. */
export function valuesRead(region: Region): Set<number> {
  const found = new Set<number>();
  for (const { buffer } of loadsOf(region)) if (buffer.kind === 'value') found.add(buffer.value);
  return found;
}

export function valuesWritten(region: Region): Set<number> {
  return new Set(storesOf(region).map((store) => store.target));
}

/** How many distinct buffers a region binds; a weight stands for its pack. */
export function countBindings(region: Region, packOf: (weight: string) => number): number {
  const nameOf = (buffer: BufferRef): string => {
    if (buffer.kind === 'value') return `value ${buffer.value}`;
    return buffer.kind === 'weight' ? `pack ${packOf(buffer.name)}` : `input ${buffer.name}`;
  };
  const read = loadsOf(region).map((load) => nameOf(load.buffer));
  const written = [...valuesWritten(region)].map((value) => `value ${value}`);
  return new Set([...read, ...written]).size;
}
