import { describe, expect, it } from 'vitest';
import { InputError, LimitError, ManifestError } from '../../runtime/errors.ts';
import type { DispatchStep, Manifest, RepeatStep, Size, Step } from '../../runtime/manifest.ts';
import { checkLimits, foldGrid, type Limits, planRun } from '../../runtime/plan.ts';
import { randomStream } from '../../runtime/random.ts';
import { evaluateSize, sizeText } from '../../runtime/size.ts';
import { unroll } from '../../runtime/unroll.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

/** What WebGPU guarantees everywhere. */
const LIMITS: Limits = {
  maxBufferSize: 256 * 1024 * 1024,
  maxStorageBufferBindingSize: 128 * 1024 * 1024,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
};

const symbols = (values: Record<string, number>) => new Map(Object.entries(values));

describe('a size', () => {
  const size: Size = [
    {
      num: 4,
      den: 1,
      powers: [
        ['b', 1],
        ['t', 2],
      ],
    },
    { num: 1, den: 2, powers: [['t', 1]] },
    { num: -3, den: 1, powers: [] },
  ];

  it('is evaluated exactly', () => {
    expect(sizeText(size)).toBe('4*b*t^2 + 1/2*t - 3');
    expect(evaluateSize(size, symbols({ b: 3, t: 10 }))).toBe(1202);
    expect(evaluateSize([], symbols({}))).toBe(0);
    expect(evaluateSize([{ num: 6, den: 1, powers: [['t', -1]] }], symbols({ t: 3 }))).toBe(2);
  });

  it('must be whole, not negative, and below 2^53', () => {
    expect(() => evaluateSize(size, symbols({ b: 1, t: 3 }))).toThrow(InputError);
    expect(() => evaluateSize(size, symbols({ b: 1, t: 3 }))).toThrow(
      /not a whole number for b = 1, t = 3/,
    );
    expect(() => evaluateSize(size, symbols({ b: 0, t: 0 }))).toThrow(/negative/);
    const square: Size = [{ num: 1, den: 1, powers: [['t', 2]] }];
    expect(() => evaluateSize(square, symbols({ t: 2 ** 27 }))).toThrow(LimitError);
    expect(() => evaluateSize(square, symbols({ b: 1 }))).toThrow(ManifestError);
  });
});

describe('folding a grid', () => {
  it('covers every group, wastes less than a row, and stays within the limit', () => {
    const random = randomStream(1, 'grids');
    const counts = [0, 1, 2, 65535, 65536, 65537, 65535 ** 2, 65535 ** 2 + 1, 2 ** 32];
    for (let i = 0; i < 1000; i++) counts.push(Math.floor(2 ** (random.uniform() * 33)));
    for (const groups of counts) {
      const [x, y, z] = foldGrid(groups, 65535)!;
      expect(Math.max(x, y, z)).toBeLessThanOrEqual(65535);
      expect(x * y * z).toBeGreaterThanOrEqual(groups);
      expect(x * y * z - groups).toBeLessThan(Math.max(1, y * z));
      if (groups > 0 && groups <= 65535) expect([x, y, z]).toEqual([groups, 1, 1]);
    }
    expect(foldGrid(2 ** 53, 65535)).toBeUndefined();
  });
});

describe('the plan of a run', () => {
  const { manifest } = tinyBundle();

  it('gives bytes, words and groups', () => {
    const plan = planRun(manifest, unroll(manifest), symbols({ b: 2, t: 7 }), LIMITS);
    expect(plan.inputBytes).toEqual([64]);
    expect(plan.slotBytes).toEqual([176, 176]);
    expect(plan.outputs).toEqual([{ shape: [2, 7, 3], bytes: 168 }]);
    expect(plan.grids).toEqual([
      [6, 1, 1],
      [6, 1, 1],
    ]);
    expect(plan.uniforms.map((words) => [...words])).toEqual([
      [42, 3],
      [42, 0, 64],
    ]);
  });

  it('never lets a size through that the device or 32-bit indices cannot hold', () => {
    const seed = Number(process.env.SEED ?? 9);
    const random = randomStream(seed, 'sizes');
    const unrolled = unroll(manifest);
    const roomy = { ...LIMITS, maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: 2 ** 40 };
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const b = Math.floor(2 ** (random.uniform() * 20)) || 1;
      const t = Math.floor(2 ** (random.uniform() * 20)) || 1;
      const limits = i % 2 ? LIMITS : roomy;
      const elements = BigInt(b) * BigInt(t) * 3n;
      const bytes = ((elements * 4n + 15n) / 16n) * 16n;
      const fits = bytes <= BigInt(limits.maxStorageBufferBindingSize) && bytes / 4n < 2n ** 31n;
      const context = `seed ${seed}: b = ${b}, t = ${t}`;
      try {
        const plan = planRun(manifest, unrolled, symbols({ b, t }), limits);
        expect(BigInt(plan.slotBytes[0]!), context).toBe(bytes);
        expect(fits, context).toBe(true);
        for (const grid of plan.grids) {
          const groups = BigInt(grid[0]) * BigInt(grid[1]) * BigInt(grid[2]);
          expect(groups * 8n >= elements && groups * 8n <= 2n ** 32n, context).toBe(true);
        }
      } catch (error) {
        expect(error, context).toBeInstanceOf(LimitError);
        expect(fits, context).toBe(false);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('makes slots that swap equally large, through chains of swaps', () => {
    const fixed = (num: number): Size => [{ num, den: 1, powers: [] }];
    const chained: Manifest = {
      ...manifest,
      slots: [16, 64, 32, 256, 48].map((bytes) => ({ bytes: [fixed(bytes)] })),
      steps: [
        { kind: 'repeat', count: 1, swap: [0, 1], steps: [] },
        {
          kind: 'repeat',
          count: 1,
          steps: [{ kind: 'repeat', count: 1, swap: [1, 2], steps: [] }],
        },
        { kind: 'repeat', count: 1, swap: [2, 3], steps: [] },
      ],
    };
    const plan = planRun(chained, unroll(chained), symbols({ b: 1, t: 1 }), LIMITS);
    expect(plan.slotBytes).toEqual([256, 256, 256, 256, 48]);
  });

  it('lists every kernel and weight that the device is too small for', () => {
    const kernels = manifest.kernels.map((kernel) => ({
      ...kernel,
      workgroup: [32, 16, 1] as [number, number, number],
      workgroupBytes: 20_000,
    }));
    const packs = [{ ...manifest.packs[0]!, elements: 2 ** 26 }, manifest.packs[1]!];
    const check = () => checkLimits({ ...manifest, kernels, packs }, LIMITS, 8);
    expect(check).toThrow(/needs 512 invocations in a workgroup, the device has 256/);
    expect(check).toThrow(/needs 20000 bytes of workgroup memory, the device has 16384/);
    expect(check).toThrow(/weights table need 268435456 bytes in one binding/);
    expect(() => checkLimits(manifest, LIMITS, undefined)).not.toThrow();
  });

  it('refuses kernels for subgroups of another size', () => {
    const kernels = manifest.kernels.map((kernel) => ({ ...kernel, subgroupSize: 8 }));
    const check = (size: number | undefined) => () =>
      checkLimits({ ...manifest, kernels }, LIMITS, size);
    expect(check(8)).not.toThrow();
    expect(check(32)).toThrow(/for subgroups of 8, the device has such of 32: compile it again/);
    expect(check(undefined)).toThrow(/for subgroups of 8, the device has none of one size/);
  });
});

describe('unrolling', () => {
  it('gives each turn its copy of the weights and swaps the slots between turns', () => {
    const { dispatches, finalSlots } = unroll(tinyBundle({ turns: 3 }).manifest);
    const shown = dispatches.map(({ step, buffers }) => [
      step,
      ...buffers.map((id) =>
        id.kind === 'pack' ? `pack ${id.pack}.${id.copy}` : id.kind === 'slot' ? id.slot : 'in',
      ),
    ]);
    expect(shown).toEqual([
      [0, 'in', 'pack 0.0', 0],
      [1, 0, 'pack 1.0', 1],
      [1, 1, 'pack 1.1', 0],
      [1, 0, 'pack 1.2', 1],
    ]);
    expect(finalSlots).toEqual([1, 0]);
  });

  it('numbers the copies of nested repeats outermost slowest', () => {
    const { manifest } = tinyBundle();
    const inner = (manifest.steps[1] as RepeatStep).steps;
    const nested: Manifest = {
      ...manifest,
      packs: [manifest.packs[0]!, { ...manifest.packs[1]!, repeats: [2, 3] }],
      steps: [{ kind: 'repeat', count: 2, steps: [{ kind: 'repeat', count: 3, steps: inner }] }],
    };
    const copies = unroll(nested).dispatches.map(
      ({ buffers }) => (buffers[1] as { copy: number }).copy,
    );
    expect(copies).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('evaluates words that name turns once for each, and others once', () => {
    const { manifest } = tinyBundle({ turns: 3 });
    const [first, repeat] = manifest.steps as [Step, RepeatStep];
    const step = repeat.steps[0] as DispatchStep;
    const turn = (level: number): Size => [{ num: 5, den: 1, powers: [[`{${level}}`, 1]] }];
    const within = (levels: number[]): Manifest => ({
      ...manifest,
      steps: [
        first,
        {
          kind: 'repeat',
          count: 2,
          steps: [{ ...repeat, steps: [{ ...step, params: levels.map(turn) }] }],
        },
      ],
    });
    const words = (levels: number[]) => {
      const nested = within(levels);
      const unrolled = unroll(nested);
      const plan = planRun(nested, unrolled, symbols({ b: 1, t: 1 }), LIMITS);
      return unrolled.dispatches.slice(1).map(({ uniform }) => [...plan.uniforms[uniform]!]);
    };
    expect(words([0])).toEqual([[0], [0], [0], [5], [5], [5]]);
    expect(unroll(within([0])).uniforms).toHaveLength(3);
    expect(words([1, 0])).toEqual([
      [0, 0],
      [5, 0],
      [10, 0],
      [0, 5],
      [5, 5],
      [10, 5],
    ]);
    expect(unroll(within([1, 0])).uniforms).toHaveLength(7);
    expect(unroll(within([])).uniforms).toHaveLength(2);
  });
});
