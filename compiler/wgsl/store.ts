// Writes results: one element, or four neighbours along the vectorised loop variable, guarded where some lie outside.
// Values that an expression's lanes allow go out as one vec4f.
import type { Store } from '../schedule/schedule.ts';
import { bare, type KernelBuilder } from './builder.ts';
import type { Printer, Site } from './expression.ts';
import { elementOf } from './literal.ts';

/** True where the four lanes of a store are one aligned vec4f of its target. */
export function isWideStore(
  builder: KernelBuilder,
  printer: Printer,
  store: Store,
  site: Site,
): boolean {
  const { step, align } = printer.lanes(store.at, site);
  return builder.wide && store.value.dtype === 'f32' && step === 1 && align === 4;
}

/** Binds all targets; `wide` tells which stores write vec4f. A target is one of both kinds, never mixed. */
export function declareTargets(
  builder: KernelBuilder,
  stores: readonly { readonly store: Store; readonly wide: boolean }[],
): void {
  const place = (target: number): number => builder.memory.slotOf.get(target) ?? -1;
  const narrow = new Set(stores.filter((s) => !s.wide).map((s) => place(s.store.target)));
  for (const { store } of stores) {
    const wide = !narrow.has(place(store.target));
    builder.write(store.target, wide ? 'vec4f' : elementOf(store.value.dtype));
  }
}

/** Writes the element at lane 0. */
export function writeScalar(
  builder: KernelBuilder,
  printer: Printer,
  store: Store,
  site: Site,
): void {
  const { name } = builder.target(store.target);
  const value = printer.scalar(store.value, site);
  const at = printer.scalar(store.at, site);
  site.block.lines.push(`${name}[${bare(at)}] = ${stored(bare(value), store)};`);
}

/** Writes all lanes for which `inside(lane)` holds; no condition is given where all always are. */
export function writeLanes(
  builder: KernelBuilder,
  printer: Printer,
  store: Store,
  site: Site,
  inside?: (lane: number) => string,
): void {
  const { lines } = site.block;
  const { name, element } = builder.target(store.target);
  const value = builder.named(site.block, printer.vector(store.value, site));
  if (element === 'vec4f') {
    lines.push(`${name}[${printer.scalar(store.at, site)} >> 2u] = ${value};`);
    return;
  }
  const at = builder.named(site.block, printer.vector(store.at, site));
  for (const [lane, part] of ['x', 'y', 'z', 'w'].entries()) {
    const write = `${name}[${at}.${part}] = ${stored(`${value}.${part}`, store)};`;
    lines.push(inside ? `if (${inside(lane)}) { ${write} }` : write);
  }
}

const stored = (value: string, store: Store): string =>
  store.value.dtype === 'bool' ? `select(0u, 1u, ${value})` : value;
