// One region of a schedule while it runs: its loops and expressions in float64, and its loads and stores, checked. Every
// index is within its buffer, each element of a target is stored exactly once, and no buffer is both read and written.
import { valuesRead } from '../../compiler/schedule/buffers.ts';
import { compileExpr, type Point } from '../../compiler/schedule/evaluate-expr.ts';
import {
  type BufferRef,
  type Expr,
  type Loop,
  type Region,
  type Schedule,
  type Store,
  turnOf,
} from '../../compiler/schedule/schedule.ts';
import { evaluate, product } from '../../compiler/shapes/dim.ts';

export interface RunBindings {
  readonly symbols: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** By full path name. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>;
}

export interface Machine {
  readonly schedule: Schedule;
  readonly bindings: RunBindings;
  /** The buffer of each slot; what nothing has written yet is undefined behaviour, so it is NaN. */
  readonly buffers: Float64Array[];
  readonly turns: number[];
  /** Values of all turns of a repeat, of which each turn stores its part. */
  readonly parts: Set<number>;
  /** Told the number of distinct elements that a region has loaded and stored. */
  readonly onFinish?: ((region: Region, loaded: number, stored: number) => void) | undefined;
}

export class RegionRun {
  readonly vars: number[] = [];
  readonly accs: number[] = [];
  readonly region: Region;
  readonly machine: Machine;
  readonly #point: Point;
  readonly #compiled = new Map<Expr, () => number>();
  readonly #sizes = new Map<Loop, number>();
  readonly #elements = new Map<BufferRef, ArrayLike<number>>();
  /** How often each element of each target was stored. */
  readonly #stored = new Map<number, Uint8Array>();
  readonly #loaded = new Set<string>();

  constructor(region: Region, machine: Machine) {
    this.region = region;
    this.machine = machine;
    this.#point = {
      vars: this.vars,
      accs: this.accs,
      sizes: { ...machine.bindings.symbols, ...turnSizes(machine.turns) },
      load: (buffer, at) => {
        if (machine.onFinish) this.#loaded.add(`${placeOf(buffer)} ${at}`);
        return this.#load(buffer, at);
      },
    };
  }

  size(loop: Loop): number {
    let size = this.#sizes.get(loop);
    if (size === undefined) {
      size = Number(evaluate(loop.size, this.machine.bindings.symbols));
      this.#sizes.set(loop, size);
    }
    return size;
  }

  over(loops: readonly Loop[], body: () => void): void {
    this.#nest(loops, 0, body);
  }

  #nest(loops: readonly Loop[], depth: number, body: () => void): void {
    const loop = loops[depth];
    if (!loop) {
      body();
      return;
    }
    const size = this.size(loop);
    for (let at = 0; at < size; at++) {
      this.vars[loop.var] = at;
      this.#nest(loops, depth + 1, body);
    }
  }

  value(expr: Expr): number {
    let compiled = this.#compiled.get(expr);
    if (!compiled) {
      compiled = compileExpr(expr, this.#point);
      this.#compiled.set(expr, compiled);
    }
    return compiled();
  }

  store(stores: readonly Store[]): void {
    for (const { target, at, value } of stores) {
      const counts = this.#countsOf(target);
      const index = this.value(at);
      if (!(Number.isInteger(index) && index >= 0 && index < counts.length)) {
        throw new Error(`${this.region.label} stores at ${index} of ${counts.length} elements`);
      }
      counts[index]!++;
      this.#bufferOf(target)[index] = this.value(value);
    }
  }

  finish(): void {
    const slots = new Set<number>();
    for (const [target, counts] of this.#stored) {
      const part = this.machine.parts.has(target) ? partOf(counts) : counts;
      if (part.some((count) => count !== 1)) {
        throw new Error(`${this.region.label} does not store each element of ${target} once`);
      }
      slots.add(this.machine.schedule.values[target]!.slot);
    }
    for (const value of valuesRead(this.region)) {
      if (slots.has(this.machine.schedule.values[value]!.slot)) {
        throw new Error(`${this.region.label} reads and writes one buffer`);
      }
    }
    if (slots.size !== this.#stored.size)
      throw new Error(`${this.region.label} writes one slot twice`);
    const stored = [...this.#stored.values()].flatMap(
      (counts) => counts.filter((count) => count > 0).length,
    );
    this.machine.onFinish?.(
      this.region,
      this.#loaded.size,
      stored.reduce((a, b) => a + b, 0),
    );
  }

  #sizeOf(value: number): number {
    const { shape } = this.machine.schedule.values[value]!;
    return Number(evaluate(product(shape), this.machine.bindings.symbols));
  }

  #bufferOf(value: number): Float64Array {
    return this.machine.buffers[this.machine.schedule.values[value]!.slot]!;
  }

  #countsOf(target: number): Uint8Array {
    let counts = this.#stored.get(target);
    if (!counts) {
      counts = new Uint8Array(this.#sizeOf(target));
      this.#stored.set(target, counts);
      // What the slot held before is gone, also where this region should forget to write.
      if (!this.machine.parts.has(target)) this.#bufferOf(target).fill(Number.NaN);
    }
    return counts;
  }

  #load(buffer: BufferRef, at: number): number {
    let elements = this.#elements.get(buffer);
    if (!elements) {
      elements = this.#elementsOf(buffer);
      this.#elements.set(buffer, elements);
    }
    if (!(Number.isInteger(at) && at >= 0 && at < elements.length)) {
      throw new Error(`${this.region.label} loads ${JSON.stringify(buffer)} at ${at}`);
    }
    return elements[at]!;
  }

  #elementsOf(buffer: BufferRef): ArrayLike<number> {
    const { bindings, turns } = this.machine;
    switch (buffer.kind) {
      case 'value':
        return this.#bufferOf(buffer.value).subarray(0, this.#sizeOf(buffer.value));
      case 'input':
        return bindings.inputs[buffer.name] ?? [];
      case 'weight': {
        const name = buffer.name.replace(/\{(\d+)\}/g, (_, depth) => String(turns[Number(depth)]));
        return bindings.weights[name] ?? [];
      }
    }
  }
}

const turnSizes = (turns: readonly number[]): Record<string, number> =>
  Object.fromEntries(turns.map((turn, depth) => [turnOf(depth).text, turn]));

/** From the first to the last element stored, of which there must be as many in front as fill whole parts. */
function partOf(counts: Uint8Array): Uint8Array {
  const part = counts.subarray(counts.indexOf(1), counts.lastIndexOf(1) + 1);
  const isPart = part.length > 0 && part.byteOffset % part.length === 0;
  if (!isPart) throw new Error('what is stored is no part of its value');
  return part;
}

const placeOf = (buffer: BufferRef): string =>
  buffer.kind === 'value' ? `value ${buffer.value}` : `${buffer.kind} ${buffer.name}`;
