// Lines of WGSL in nested blocks, and what a kernel is bound to: buffers, parameters, functions it calls.
// A nested block is added to the outer one when it is complete, so what the inner needs from outside (a subexpression
// that does not change in the loop) is written before it. Knows buffers by binding name; prints no expressions.
import { invariant } from '../invariant.ts';
import type { DType } from '../ops/op.ts';
import type { BufferRef, Pack, Schedule } from '../schedule/schedule.ts';
import { asNumber, constant, type Dim } from '../shapes/dim.ts';
import { type FunctionName, functionName, functionText } from './functions.ts';
import type { KernelBinding } from './kernel.ts';

export interface Block {
  readonly depth: number;
  readonly lines: Line[];
  /** Names of the `let`s in this block by the text they stand for. */
  readonly named: Map<string, string>;
}
type Line = string | readonly Line[];

const newBlock = (depth: number): Block => ({ depth, lines: [], named: new Map() });

/** Writes `header {`, what `fill` puts into the inner block, and `}`. */
export function nest(outer: Block, header: string, fill: (inner: Block) => void): void {
  const inner = newBlock(outer.depth + 1);
  fill(inner);
  outer.lines.push(`${header} {`, inner.lines, '}');
}

const textOf = (lines: readonly Line[], indent = ''): string =>
  lines
    .map((line) => (typeof line === 'string' ? `${indent}${line}\n` : textOf(line, `${indent}  `)))
    .join('');

/** Where the schedule keeps things: what a kernel needs to know of its buffers. */
export interface Memory {
  readonly packOf: ReadonlyMap<string, { readonly pack: Pack; readonly offset: number }>;
  readonly slotOf: ReadonlyMap<number, number>;
  readonly dtypeOf: ReadonlyMap<number, DType>;
}

export function memoryOf(schedule: Schedule): Memory {
  return {
    packOf: new Map(
      schedule.packs.flatMap((pack) =>
        pack.weights.map(({ name, offset }) => [name, { pack, offset }] as const),
      ),
    ),
    slotOf: new Map(schedule.values.map(({ id, slot }) => [id, slot])),
    dtypeOf: new Map(schedule.values.map(({ id, dtype }) => [id, dtype])),
  };
}

export type Element = KernelBinding['element'];

/** A buffer as the kernel sees it: elements of it are `name[index]`. */
export interface BoundBuffer {
  readonly name: string;
  readonly element: Element;
}

interface BindingEntry extends BoundBuffer, KernelBinding {
  readonly resource: BufferRef;
  readonly place: string;
}

export interface KernelBuilder {
  readonly memory: Memory;
  readonly main: Block;
  /** False where vec4 views would take too many bindings: everything is then read and written as scalars. */
  readonly wide: boolean;
  /** A fresh name. */
  fresh(prefix: string): string;
  /** `let name = text` in the block, or the name that the text already has there. */
  named(block: Block, text: string): string;
  /** The buffer for reading, which the kernel may not also write. */
  read(buffer: BufferRef, element: Element): BoundBuffer;
  /** Binds the buffer for writing; must come before any reading. */
  write(target: number, element: Element): void;
  /** A buffer bound for writing. */
  target(value: number): BoundBuffer;
  /** A literal, or the name of a parameter. */
  size(size: Dim): string;
  /** A parameter even for a known number: drivers unroll loops of known length (or greatest length), which takes them seconds. */
  loopEnd(size: Dim | number): string;
  /** Where a weight begins in its pack, as a parameter's name: layers of equal shape then share the kernel. */
  offset(weight: string): string;
  call(name: FunctionName, width: 1 | 4): string;
  /** The name of the thread's number in its subgroup, which the kernel then needs. */
  lane(): string;
  /** What `value` is in a thread of the subgroup, the same one for all: a number, or a variable's name. */
  fromLane(value: string, lane: number | string): string;
  /** The sum or the maximum of `value` over the subgroup. */
  overLanes(fn: 'Add' | 'Max', value: string): string;
  /** Declares an array in workgroup memory, once however often it is asked for. */
  workgroupArray(name: string, element: 'f32' | 'i32' | 'u32' | 'vec4f', length: number): void;
  readonly bindings: readonly BindingEntry[];
  readonly params: readonly Dim[];
  readonly workgroupBytes: () => number;
  /** True where the kernel is written for subgroups of one size. */
  readonly hasSubgroups: () => boolean;
  /** The kernel's whole text. */
  text(workgroup: readonly [number, number, number]): string;
}

export function createBuilder(memory: Memory, wide: boolean): KernelBuilder {
  const main = newBlock(0);
  const bindings: BindingEntry[] = [];
  const params: Dim[] = [];
  const paramNames = new Map<string, string>();
  const functions = new Map<string, string>();
  const shared: string[] = [];
  const counters = new Map<string, number>();
  let workgroupBytes = 0;
  let hasSubgroups = false;

  const fresh = (prefix: string): string => {
    const count = counters.get(prefix) ?? 0;
    counters.set(prefix, count + 1);
    return `${prefix}${count}`;
  };
  const param = (key: string, value: Dim): string => {
    let name = paramNames.get(key);
    if (!name) {
      name = `p${params.length}`;
      paramNames.set(key, name);
      params.push(value);
    }
    return name;
  };
  /** Values that share memory, and weights of one pack, have one place. */
  function placeOf(buffer: BufferRef): string {
    if (buffer.kind === 'input') return `input ${buffer.name}`;
    if (buffer.kind === 'value') return `slot ${memory.slotOf.get(buffer.value)}`;
    const home = memory.packOf.get(buffer.name);
    invariant(home, 'wgsl', `weight ${buffer.name} is in no pack`);
    return `pack ${home.pack.id}`;
  }
  function bind(resource: BufferRef, access: 'read' | 'write', element: Element): BindingEntry {
    const entry: BindingEntry = {
      name: fresh(access === 'read' ? 'src' : 'dst'),
      resource,
      access,
      element,
      place: placeOf(resource),
    };
    bindings.push(entry);
    return entry;
  }

  return {
    memory,
    main,
    wide,
    bindings,
    params,
    fresh,
    named(block, text) {
      if (/^v\d+$/.test(text)) return text;
      let name = block.named.get(text);
      if (!name) {
        name = fresh('v');
        block.named.set(text, name);
        block.lines.push(`let ${name} = ${bare(text)};`);
      }
      return name;
    },
    read(buffer, element) {
      const place = placeOf(buffer);
      const same = bindings.filter((entry) => entry.place === place);
      invariant(
        same.every((entry) => entry.access === 'read'),
        'wgsl',
        `${place} is read and written by one kernel`,
      );
      return same.find((entry) => entry.element === element) ?? bind(buffer, 'read', element);
    },
    write(target, element) {
      const resource = { kind: 'value', value: target } as const;
      const old = bindings.find((entry) => entry.place === placeOf(resource));
      invariant(
        !old || (old.access === 'write' && old.element === element),
        'wgsl',
        `value ${target} is bound in two ways`,
      );
      if (!old) bind(resource, 'write', element);
    },
    target(value) {
      const place = placeOf({ kind: 'value', value });
      const bound = bindings.find((entry) => entry.place === place && entry.access === 'write');
      invariant(bound, 'wgsl', `value ${value} is not bound for writing`);
      return bound;
    },
    size(size) {
      const known = asNumber(size);
      return known === undefined ? param(`size ${size.text}`, size) : `${known}u`;
    },
    loopEnd(size) {
      const end = typeof size === 'number' ? constant(size) : size;
      return param(`size ${end.text}`, end);
    },
    offset(weight) {
      const home = memory.packOf.get(weight);
      invariant(home, 'wgsl', `weight ${weight} is in no pack`);
      return param(`offset ${weight}`, constant(home.offset));
    },
    call(name, width) {
      functions.set(functionName(name, width), functionText(name, width));
      return functionName(name, width);
    },
    lane() {
      hasSubgroups = true;
      return 'lane';
    },
    fromLane(value, lane) {
      hasSubgroups = true;
      return typeof lane === 'number'
        ? `subgroupBroadcast(${value}, ${lane}u)`
        : `subgroupShuffle(${value}, ${lane})`;
    },
    overLanes(fn, value) {
      hasSubgroups = true;
      return `subgroup${fn}(${value})`;
    },
    workgroupArray(name, element, length) {
      const text = `var<workgroup> ${name}: array<${element}, ${length}>;`;
      if (shared.includes(text)) return;
      shared.push(text);
      workgroupBytes += length * (element === 'vec4f' ? 16 : 4);
    },
    workgroupBytes: () => workgroupBytes,
    hasSubgroups: () => hasSubgroups,
    text(workgroup) {
      const declarations = bindings.map(({ name, access, element }, index) => {
        const mode = access === 'read' ? 'read' : 'read_write';
        return `@group(0) @binding(${index}) var<storage, ${mode}> ${name}: array<${element}>;`;
      });
      const names = params.map((_, index) => `p${index}`);
      if (params.length > 0) {
        declarations.unshift(`struct Params {${names.map((name) => ` ${name}: u32,`).join('')} }`);
        declarations.push(`@group(0) @binding(${bindings.length}) var<uniform> params: Params;`);
      }
      const lets = names.map((name) => `let ${name} = params.${name};`);
      const builtins = [
        '@builtin(workgroup_id) wid: vec3u',
        '@builtin(num_workgroups) nwg: vec3u',
        '@builtin(local_invocation_index) lid: u32',
        ...(hasSubgroups ? ['@builtin(subgroup_invocation_id) lane: u32'] : []),
      ];
      const head = [
        // That all of a subgroup goes the same way often follows from what is in a buffer, which WGSL's rules do not see.
        ...(hasSubgroups ? ['enable subgroups;', 'diagnostic(off, subgroup_uniformity);'] : []),
        ...declarations,
        ...shared,
        ...functions.values(),
        `@compute @workgroup_size(${workgroup.join(', ')})`,
        `fn main(${builtins.join(', ')}) {`,
      ];
      return textOf([...head, [...lets, ...main.lines], '}']);
    },
  };
}

/** The text without parentheses around the whole of it. */
export function bare(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return text;
  }
  return text.slice(1, -1);
}
