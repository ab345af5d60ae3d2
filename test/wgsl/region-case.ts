// A region built by hand with the data that it reads: emitted, run on the device, and evaluated in float64 with plain loops.
// The device's buffers get a margin behind their last element: NaN where they are read, a mark that must come back untouched
// where they are written.
import type { DType } from '../../compiler/ops/op.ts';
import { createExprs, type Exprs } from '../../compiler/schedule/expr.ts';
import type { BufferRef, Region, Schedule } from '../../compiler/schedule/schedule.ts';
import { constant, evaluate } from '../../compiler/shapes/dim.ts';
import { type EmitOptions, emitKernels } from '../../compiler/wgsl/emit-kernels.ts';
import type { Dispatch } from '../../compiler/wgsl/kernel.ts';
import { foldGrid } from '../../runtime/plan.ts';
import { type KernelData, runKernel } from '../support/gpu.ts';
import { runSchedule } from '../support/run-schedule.ts';

export interface RegionCase {
  readonly exprs: Exprs;
  /** An input of f32 or i32. */
  input(name: string, data: Float32Array | Int32Array): BufferRef;
  /** A weight of the one pack. */
  weight(name: string, data: Float32Array): BufferRef;
  /** A tensor to write, of so many elements. */
  output(elements: number, dtype?: DType): number;
  schedule(region: Region): Schedule;
  dispatch(region: Region, options?: EmitOptions): Dispatch;
  /** Results of the device, per output. Throws if anything is written past an output's end. */
  run(region: Region, options?: EmitOptions): Promise<readonly KernelData[]>;
  /** Results in float64, per output. */
  expected(region: Region): readonly (readonly number[])[];
}

const MARGIN = 64;
const MARK = 12345;
const ARRAYS = { f32: Float32Array, i32: Int32Array, bool: Uint32Array } as const;

export function regionCase(symbols: Readonly<Record<string, number>> = {}): RegionCase {
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
      holds: [],
    })),
    kept: [],
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
    outputs: outputs.map((_, id) => ({ name: String(id), kind: 'result' as const, value: id })),
  });
  const dispatch = (region: Region, options?: EmitOptions): Dispatch =>
    emitKernels(schedule(region), options).dispatches.get(region)!;

  function dataOf(buffer: BufferRef): KernelData {
    switch (buffer.kind) {
      case 'input': {
        const data = inputs.get(buffer.name)!;
        const result =
          data instanceof Int32Array
            ? new Int32Array(data.length + MARGIN).fill(MARK)
            : new Float32Array(data.length + MARGIN).fill(Number.NaN);
        result.set(data);
        return result;
      }
      case 'weight': {
        const pack = new Float32Array(packElements + MARGIN).fill(Number.NaN);
        for (const { data, offset } of weights.values()) pack.set(data, offset);
        return pack;
      }
      case 'value': {
        const { elements, dtype } = outputs[buffer.value]!;
        return new ARRAYS[dtype](elements + MARGIN).fill(MARK);
      }
    }
  }

  return {
    exprs: createExprs(),
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
    async run(region, options) {
      const { kernel, resources, params, grid } = dispatch(region, options);
      const groups = grid.reduce(
        (n, { count, per }) => n * Math.ceil(Number(evaluate(count, symbols)) / per),
        1,
      );
      const written = resources.flatMap((r) => (r.kind === 'value' ? [r.value] : []));
      const results = await runKernel({
        code: kernel.text,
        bindings: resources.map((resource, at) => ({
          data: dataOf(resource),
          access: kernel.bindings[at]!.access,
        })),
        ...(params.length > 0 && { params: params.map((p) => Number(evaluate(p, symbols))) }),
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
      const results = runSchedule(schedule(region), {
        symbols,
        inputs: Object.fromEntries(inputs),
        weights: Object.fromEntries([...weights].map(([name, { data }]) => [name, data])),
      });
      return outputs.map((_, id) => results[String(id)]!);
    },
  };
}
