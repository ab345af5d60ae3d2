// From the number of a workgroup or thread to the values of loop variables. The runtime folds a long row of workgroups into
// three dimensions and may start a few too many, so templates number them anew and return past the end.
import type { Loop, LoopVar } from '../schedule/schedule.ts';
import { asNumber, type Dim, equal, ONE } from '../shapes/dim.ts';
import type { Block, KernelBuilder } from './builder.ts';
import type { Bound, Site } from './expression.ts';
import type { Dispatch } from './kernel.ts';
import { sizeAlign } from './lanes.ts';

/** What a template gives beside the text in its builder. */
export interface Launch {
  readonly workgroup: readonly [number, number, number];
  readonly grid: Dispatch['grid'];
}

export const emptySite = (block: Block): Site => ({ block, vars: new Map(), accs: new Map() });

/** Declares `group`, the workgroup's number. */
export function numberGroups(builder: KernelBuilder): void {
  builder.main.lines.push('let group = wid.x + nwg.x * (wid.y + nwg.y * wid.z);');
}

/**
 * Takes a row-major number apart into one coordinate per size, the last running fastest. The first is not limited: the number
 * must be in range.
 */
export function splitNumber(
  builder: KernelBuilder,
  block: Block,
  number: string,
  sizes: readonly Dim[],
): readonly string[] {
  const first = sizes.findIndex((size) => !equal(size, ONE));
  const coordinates: string[] = [];
  let rest = number;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (axis < first || first < 0 || equal(sizes[axis]!, ONE)) coordinates.unshift('0u');
    else if (axis === first) coordinates.unshift(rest);
    else {
      const size = builder.size(sizes[axis]!);
      coordinates.unshift(builder.named(block, `${rest} % ${size}`));
      rest = builder.named(block, `${rest} / ${size}`);
    }
  }
  return coordinates;
}

/** Binds loops to coordinates that the block declares. */
export const bindLoops = (
  block: Block,
  loops: readonly Loop[],
  coordinates: readonly string[],
): readonly (readonly [LoopVar, Bound])[] =>
  loops.map((loop, index) => [loop.var, { block, text: coordinates[index]! }] as const);

/** Four lanes from `text` on, a multiple of four of which all lanes are in range. */
export const alignedLanes = (block: Block, text: string): Bound => ({
  block,
  text,
  vec: { text: `(${text} + vec4u(0u, 1u, 2u, 3u))`, aligned: true },
});

/** A loop's size as WGSL, and whether it is certainly a multiple of four. */
export interface Extent {
  readonly text: string;
  readonly aligned: boolean;
}

export const extentOf = (builder: KernelBuilder, size: Dim): Extent => ({
  text: builder.size(size),
  aligned: sizeAlign(size) === 4,
});

/**
 * Four lanes from `first` on, limited to the loop's size so that loads stay inside. Where the size is a multiple of four the
 * lanes move as one; `first` must be a multiple of four.
 */
export function limitedLanes(
  builder: KernelBuilder,
  block: Block,
  first: string,
  { text: size, aligned }: Extent,
): Bound {
  if (aligned) return alignedLanes(block, builder.named(block, `min(${first}, ${size} - 4u)`));
  const vec = builder.named(block, `min(${first} + vec4u(0u, 1u, 2u, 3u), vec4u(${size} - 1u))`);
  return { block, text: `${vec}.x`, vec: { text: vec, aligned: false } };
}

/** The four parts of a vec4, whatever they are. */
export const vectorBound = (block: Block, text: string): Bound => ({
  block,
  text: `${text}.x`,
  vec: { text, aligned: false },
});

/** One of four lanes as a scalar. */
export function oneLane(builder: KernelBuilder, { block, text, vec }: Bound, lane: number): Bound {
  if (!vec || vec.aligned)
    return { block, text: lane === 0 ? text : builder.named(block, `${text} + ${lane}u`) };
  return { block, text: `${vec.text}.${'xyzw'[lane]}` };
}

/** Workgroups needed for `size` in tiles of `per`, as WGSL. */
export function tilesText(builder: KernelBuilder, size: Dim, per: number): string {
  const known = asNumber(size);
  if (known !== undefined) return `${Math.ceil(known / per)}u`;
  return `((${builder.size(size)} + ${per - 1}u) / ${per}u)`;
}
