// The manifest of a schedule made by hand: numbering of buffers and kernels, sizes as data, and the bundle's files.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildManifest, type ScheduledModel } from '../../compiler/bundle/build-manifest.ts';
import { emitBundle } from '../../compiler/bundle/emit-bundle.ts';
import { manifestJsonSchema } from '../../compiler/bundle/manifest-schema.ts';
import { sizeOfDim } from '../../compiler/bundle/size-of-dim.ts';
import type { Region } from '../../compiler/schedule/schedule.ts';
import { add, constant, type Dim, div, mul, symbol } from '../../compiler/shapes/dim.ts';
import type { Dispatch, Kernel } from '../../compiler/wgsl/kernel.ts';
import { sha256 } from '../../runtime/digest.ts';
import { parseManifest } from '../../runtime/load-manifest.ts';
import { size } from '../support/sizes.ts';

const [b, t] = [symbol('b'), symbol('t')];
const kernel = (text: string): Kernel => ({
  id: Buffer.from(text.padEnd(8)).toString('hex').slice(0, 16),
  text,
  workgroup: [64, 1, 1],
  workgroupBytes: 0,
  bindings: [
    { access: 'read', element: 'f32' },
    { access: 'write', element: 'f32' },
  ],
  paramWords: 1,
});
const region = (label: string): Region => ({
  kind: 'map',
  label,
  nodes: [],
  notes: [],
  loops: [],
  stores: [],
});
const dispatch = (
  of: Kernel,
  label: string,
  resources: Dispatch['resources'],
  count: Dim,
): Dispatch => ({ kernel: of, label, resources, params: [t], grid: [{ count, per: 64 }] });

/** x -> start -> [turn * 3] -> end, with a weight in the repeat and values that share slots. */
function scheduled(): ScheduledModel {
  const [first, second] = [kernel('first'), kernel('second')];
  const [start, turn, end] = [region('start'), region('turn'), region('end')];
  const value = (id: number, slot: number, shape: readonly Dim[]) =>
    ({ id, dtype: 'f32', shape, slot, holds: [] }) as const;
  const elements = mul(b, t);
  return {
    graph: {
      name: 'tiny',
      symbols: [
        { name: 'b', min: 1 },
        { name: 't', min: 1, max: 9 },
      ],
      inputs: [{ name: 'x', type: { dtype: 'f32', shape: [b, t] } }],
      weights: [
        {
          name: 'rep.{0}.w',
          dtype: 'f32',
          shape: [5],
          init: { kind: 'normal', std: 0.02 },
          repeats: [3],
          embedding: false,
        },
      ],
      nodes: [],
      outputs: [{ name: 'y', kind: 'result', node: 0 }],
    },
    schedule: {
      values: [
        value(10, 70, [b, t]),
        value(11, 71, [b, t]),
        value(12, 71, [b, t]),
        value(13, 71, [constant(7)]),
      ],
      kept: [],
      slots: [
        { id: 70, values: [10] },
        { id: 71, values: [11, 12, 13] },
      ],
      packs: [
        {
          id: 5,
          repeats: [3],
          elements: 64,
          weights: [{ name: 'rep.{0}.w', offset: 0, elements: 5 }],
        },
      ],
      steps: [
        { kind: 'region', region: start },
        {
          kind: 'repeat',
          count: 3,
          emits: [],
          carry: { param: 10, result: 11 },
          steps: [{ kind: 'region', region: turn }],
        },
        { kind: 'region', region: end },
      ],
      outputs: [{ name: 'y', kind: 'result', value: 12 }],
    },
    kernels: [first, second],
    dispatches: new Map([
      [
        start,
        dispatch(
          first,
          'start',
          [
            { kind: 'input', name: 'x' },
            { kind: 'value', value: 10 },
          ],
          elements,
        ),
      ],
      [
        turn,
        dispatch(
          second,
          'turn',
          [
            { kind: 'weight', name: 'rep.{0}.w' },
            { kind: 'value', value: 11 },
          ],
          elements,
        ),
      ],
      [
        end,
        dispatch(
          first,
          'end',
          [
            { kind: 'value', value: 10 },
            { kind: 'value', value: 12 },
          ],
          constant(1),
        ),
      ],
    ]),
  };
}

const report = { json: '{}\n', text: 'nothing\n' };
const bundle = () => emitBundle({ ...scheduled(), report, weights: new Uint8Array([1, 2, 3]) });

describe('a manifest', () => {
  it('numbers slots, packs, inputs and kernels by their place', async () => {
    const { steps, packs, outputs, slots } = await buildManifest(scheduled());
    expect(steps).toMatchObject([
      { kernel: 0, resources: [{ kind: 'input', input: 0 }, { slot: 0 }] },
      { count: 3, swap: [0, 1], steps: [{ kernel: 1, resources: [{ pack: 0 }, { slot: 1 }] }] },
      { kernel: 0, resources: [{ slot: 0 }, { slot: 1 }] },
    ]);
    expect(packs).toEqual([
      {
        repeats: [3],
        elements: 64,
        weights: [
          { name: 'rep.{0}.w', shape: [5], offset: 0, init: { kind: 'normal', std: 0.02 } },
        ],
      },
    ]);
    expect(outputs).toEqual([
      { name: 'y', kind: 'result', dtype: 'f32', shape: [size(1, 'b'), size(1, 't')], slot: 1 },
    ]);
    expect(slots).toEqual([
      { bytes: [size(4, 'b', 't')] },
      { bytes: [size(4, 'b', 't'), size(28)] },
    ]);
  });

  it('does not swap where a turn writes what it read', async () => {
    const model = scheduled();
    const values = model.schedule.values.map((value) => ({ ...value, slot: 71 }));
    const { steps } = await buildManifest({
      ...model,
      schedule: { ...model.schedule, values, slots: [{ id: 71, values: [10, 11, 12, 13] }] },
    });
    expect(steps[1]).not.toHaveProperty('swap');
  });

  it('writes sizes as sums of products', () => {
    const symbols = [{ name: 'b' }, { name: 't' }];
    expect(sizeOfDim(add(mul(constant(4), b), constant(1)), symbols)).toEqual([
      { num: 4, den: 1, powers: [['b', 1]] },
      { num: 1, den: 1, powers: [] },
    ]);
    expect(sizeOfDim(div(t, constant(2))!, symbols)).toEqual([
      { num: 1, den: 2, powers: [['t', 1]] },
    ]);
    expect(() => sizeOfDim(symbol('d'), symbols)).toThrow('d, which is not bound');
  });

  it('is published as JSON Schema', () => {
    const published = new URL('../../runtime/manifest.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(manifestJsonSchema());
  });
});

describe('a bundle', () => {
  it('has a manifest that the runtime accepts, and lists every other file', async () => {
    const files = await bundle();
    const manifest = parseManifest(files.get('manifest.json') as string);
    expect(Object.keys(manifest.files)).toEqual(
      [...files.keys()].filter((name) => name !== 'manifest.json').sort(),
    );
    for (const [name, { bytes, sha256: hash }] of Object.entries(manifest.files)) {
      const content = files.get(name)!;
      const raw = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      expect([bytes, hash]).toEqual([raw.length, await sha256(raw)]);
    }
    expect([...files.keys()].at(-1)).toBe('manifest.json');
  });

  it('is byte for byte the same every time', async () => {
    expect([...(await bundle())]).toEqual([...(await bundle())]);
  });

  it('copies the runtime beside it on demand', async () => {
    const runtime = new Map([['runtime.js', 'export {};\n']]);
    const files = await emitBundle({ ...scheduled(), report, runtime });
    expect(files.get('index.js')).toContain('from "./runtime.js"');
    expect(files.get('runtime.js')).toBe('export {};\n');
    expect((await bundle()).has('runtime.js')).toBe(false);
  });
});
