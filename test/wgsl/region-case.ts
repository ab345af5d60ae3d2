// A region built by hand with the data that it reads: emitted, run on the device, and evaluated in float64 with plain loops.
// The device's buffers get a margin behind their last element, which must come back untouched.
import type { DType, ReduceFn } from '../../compiler/ops/op.ts';
import { evaluateExpr } from '../../compiler/schedule/evaluate-expr.ts';
import { createExprs, type Exprs } from '../../compiler/schedule/expr.ts';
import type {
  BufferRef,
  Expr,
  Loop,
  Region,
  Schedule,
  Store,
} from '../../compiler/schedule/schedule.ts';
import { constant, evaluate } from '../../compiler/shapes/dim.ts';
import { emitKernels } from '../../compiler/wgsl/emit-kernels.ts';
import type { Dispatch } from '../../compiler/wgsl/kernel.ts';
import { foldGrid } from '../../runtime/plan.ts';
import { type KernelBuffer, type KernelData, runKernel } from '../support/gpu.ts';

export type Sizes = Readonly<Record<string, number>>;

export interface RegionCase {
  readonly exprs: Exprs;
  readonly sizes: Sizes;
  /** An input of f32 or i32; gives its reference. */
  input(name: string, data: Float32Array | Int32Array): BufferRef;
  /** A weight of the one pack. */
  weight(name: string, data: Float32Array): BufferRef;
  /** A tensor to write, of so many elements. */
  output(elements: number, dtype?: DType): number;
  schedule(region: Region): Schedule;
  dispatch(region: Region): Dispatch;
  /** Results of the device, per output. */
  run(region: Region, change?: (text: string) => string): Promise<readonly KernelData[]>;
  /** Results in float64, per output; elements that nothing writes are NaN. */
  expected(region: Region): readonly Float64Array[];
}

const MARGIN = 64;
const MARK = 12345;

export function regionCase(sizes: Sizes = {}): RegionCase {
  const inputs = new Map<string, Float32Array | Int32Array>();
  const weights = new Map<string, { readonly data: Float32Array; readonly offset: number }>();
  const outputs: { readonly elements: number; readonly dtype: DType }[] = [];
  let packElements = 0;

  const schedule = (region: Region): Schedule => ({
    values: outputs.map(({ elements, dtype }, id) => ({
      id,
      dtype,
      shape: [constant(elements)],
      slot: id,
    })),
    slots: outputs.map((_, id) => ({ id, values: [id] })),
    packs: [
      {
        id: 0,
        repeats: [],
        elements: packElements,
        weights: [...weights].map(([name, { data, offset }]) => ({
          name,
          offset,
          elements: data.length,
        })),
      },
    ],
    steps: [{ kind: 'region', region }],
    outputs: [],
  });
  const dispatch = (region: Region): Dispatch =>
    emitKernels(schedule(region)).dispatches.get(region)!;

  function dataOf(buffer: BufferRef): KernelData {
    if (buffer.kind === 'input') return padded(inputs.get(buffer.name)!);
    if (buffer.kind === 'weight') {
      const pack = new Float32Array(packElements + MARGIN).fill(Number.NaN);
      for (const { data, offset } of weights.values()) pack.set(data, offset);
      return pack;
    }
    const { elements, dtype } = outputs[buffer.value]!;
    const type = { f32: Float32Array, i32: Int32Array, bool: Uint32Array }[dtype];
    return new type(elements + MARGIN).fill(MARK);
  }

  return {
    exprs: createExprs(),
    sizes,
    input(name, data) {
      inputs.set(name, data);
      return { kind: 'input', name };
    },
    weight(name, data) {
      weights.set(name, { data, offset: packElements });
      packElements += Math.ceil(data.length / 64) * 64;
      return { kind: 'weight', name };
    },
    output: (elements, dtype = 'f32') => outputs.push({ elements, dtype }) - 1,
    schedule,
    dispatch,
    async run(region, change = (text) => text) {
      const { kernel, resources, params, grid } = dispatch(region);
      const groups = grid.reduce(
        (n, { count, per }) => n * Math.ceil(Number(evaluate(count, sizes)) / per),
        1,
      );
      const written = resources.flatMap((r, at) =>
        kernel.bindings[at]!.access === 'write' && r.kind === 'value' ? [r.value] : [],
      );
      const results = await runKernel({
        code: change(kernel.text),
        bindings: resources.map(
          (r, at): KernelBuffer => ({ data: dataOf(r), access: kernel.bindings[at]!.access }),
        ),
        ...(params.length > 0 && { params: params.map((p) => Number(evaluate(p, sizes))) }),
        workgroups: foldGrid(groups, 65535)!,
      });
      return outputs.map(({ elements }, id) => {
        const result = results[written.indexOf(id)]!;
        if (result.subarray(elements).some((x) => x !== MARK))
          throw new Error(`output ${id} is written past its end`);
        return result.slice(0, elements);
      });
    },
    expected(region) {
      const results = outputs.map(({ elements }) => new Float64Array(elements).fill(Number.NaN));
      const load = (buffer: BufferRef, at: number): number => {
        const data =
          buffer.kind === 'input'
            ? inputs.get(buffer.name)
            : buffer.kind === 'weight'
              ? weights.get(buffer.name)?.data
              : results[buffer.value];
        if (!data || at < 0 || at >= data.length)
          throw new Error(`load of ${JSON.stringify(buffer)} at ${at}`);
        return data[at]!;
      };
      evaluateRegion(region, sizes, load, (store, at, value) => {
        results[store.target]![at] = value;
      });
      return results;
    },
  };
}

function padded(data: Float32Array | Int32Array): Float32Array | Int32Array {
  const result =
    data instanceof Int32Array
      ? new Int32Array(data.length + MARGIN)
      : new Float32Array(data.length + MARGIN).fill(Number.NaN);
  result.set(data);
  return result;
}

type Load = (buffer: BufferRef, at: number) => number;
type Write = (store: Store, at: number, value: number) => void;

function evaluateRegion(region: Region, sizes: Sizes, load: Load, write: Write): void {
  const vars: number[] = [];
  const accs: number[] = [];
  const value = (expr: Expr): number => evaluateExpr(expr, { vars, sizes, accs, load });
  const writeAll = (stores: readonly Store[]): void => {
    for (const store of stores) write(store, value(store.at), value(store.value));
  };
  const each = (loops: readonly Loop[], body: () => void): void => {
    const [loop, ...inner] = loops;
    if (!loop) {
      body();
      return;
    }
    const size = Number(evaluate(loop.size, sizes));
    for (let at = 0; at < size; at++) {
      vars[loop.var] = at;
      each(inner, body);
    }
  };
  switch (region.kind) {
    case 'map':
      each(region.loops, () => writeAll(region.stores));
      break;
    case 'rows':
      each(region.rows, () => {
        for (const { acc, fn, value: term } of region.stages) {
          let total = startOf(fn);
          each([region.col], () => {
            total = fold(fn, total, value(term));
          });
          accs[acc] = total;
        }
        writeAll(region.rowStores);
        let run = 0;
        each([region.col], () => {
          if (region.scan) {
            run += value(region.scan.value);
            accs[region.scan.acc] = run;
          }
          writeAll(region.colStores);
        });
      });
      break;
    case 'dot':
      each([...region.batch, region.m], () => {
        for (const { n, products, stores } of region.groups)
          each([n], () => {
            for (const { acc, b } of products) {
              let total = 0;
              each([region.k], () => {
                total += value(region.a) * value(b);
              });
              accs[acc] = total;
            }
            writeAll(stores);
          });
      });
      break;
    case 'attend':
      each([region.b, region.h, region.i], () => {
        const scores: number[] = [];
        each([region.j], () => {
          let product = 0;
          each([region.c], () => {
            product += value(region.q) * value(region.k);
          });
          accs[region.scoreAcc] = product * region.scale;
          const key = vars[region.j.var]!;
          const kept =
            (!region.lo || key >= value(region.lo)) &&
            (!region.hi || key < value(region.hi)) &&
            (!region.mask || value(region.mask) !== 0);
          const score = region.score ? value(region.score) : accs[region.scoreAcc]!;
          scores.push(kept ? score : Number.NEGATIVE_INFINITY);
        });
        const top = Math.max(...scores);
        const weights = scores.map((s) => (s === Number.NEGATIVE_INFINITY ? 0 : Math.exp(s - top)));
        const total = weights.reduce((a, b) => a + b, 0);
        each([region.n], () => {
          let sum = 0;
          each([region.j], () => {
            const weight = weights[vars[region.j.var]!]!;
            if (weight > 0) sum += weight * value(region.v);
          });
          accs[region.acc] = total > 0 ? sum / total : 0;
          writeAll(region.stores);
        });
      });
  }
}

const startOf = (fn: ReduceFn): number =>
  fn === 'sum' ? 0 : fn === 'max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
const fold = (fn: ReduceFn, a: number, b: number): number =>
  fn === 'sum' ? a + b : fn === 'max' ? Math.max(a, b) : Math.min(a, b);
