// How many multiply-adds a device does in a second: kernels of independent chains `a = a * m + k` that stay in registers.
// Which number of chains and which width of vectors is best differs by device, so several are tried and the fastest is
// measured. Matrix units are not used, since kernels of bform do not use them either.
import { BufferUsage } from '../gpu-constants.ts';
import { prepareKernel } from './prepare-kernel.ts';
import type { Timer } from './timer.ts';

interface Chains {
  readonly width: 1 | 2 | 4;
  /** Independent of each other, so that one need not wait for the other. */
  readonly chains: number;
  /** Steps of every chain in a turn of the loop. */
  readonly unroll: number;
  /** `fma` asks for one instruction; the other leaves it to the driver. */
  readonly form: 'fma' | 'mul add';
}

const SHAPES = [
  { width: 1, chains: 8, unroll: 8 },
  { width: 1, chains: 12, unroll: 4 },
  { width: 2, chains: 8, unroll: 4 },
  { width: 4, chains: 4, unroll: 4 },
  { width: 4, chains: 8, unroll: 2 },
] as const;
const FORMS = ['fma', 'mul add'] as const;
const CANDIDATES: readonly Chains[] = FORMS.flatMap((form) =>
  SHAPES.map((shape) => ({ ...shape, form })),
);

const WORKGROUP = 64;
const WORKGROUPS = 2048;
/** Long against the clock's step, and against launching. */
const SAMPLE_MS = 20;
const TRIALS = 3;
/** Far more than any device does in a sample: its clock stands still then. */
const MOST_TURNS = 2 ** 22;

export interface Rate {
  /** FLOP/s of each repeat. */
  readonly samples: readonly number[];
  /** The kernel that was fastest: "f32, 12 chains, fma". */
  readonly kernel: string;
}

/** Calls of `onStep` in a measurement. */
export const MULTIPLY_ADD_STEPS = CANDIDATES.length + 1;

/** Throws what the timer throws. */
export async function measureMultiplyAdds(
  device: GPUDevice,
  timer: Timer,
  dtype: 'f32' | 'f16',
  repeats: number,
  onStep: () => void,
): Promise<Rate> {
  const output = device.createBuffer({
    size: 4 * WORKGROUP * WORKGROUPS,
    usage: BufferUsage.STORAGE,
  });
  const uniform = device.createBuffer({
    size: 16,
    usage: BufferUsage.UNIFORM | BufferUsage.COPY_DST,
  });

  /** FLOP/s of some samples of one kernel, all with as many turns as make a sample long enough. */
  async function rates(kernel: Chains, samples: number): Promise<number[]> {
    const bind = await prepareKernel(device, codeOf(dtype, kernel), [output, uniform]);
    const sample = (turns: number) => {
      const words = new DataView(new ArrayBuffer(16));
      words.setUint32(0, turns, true);
      words.setFloat32(4, 0.5, true);
      words.setFloat32(8, 0.5, true);
      device.queue.writeBuffer(uniform, 0, words.buffer);
      return timer.pass((pass) => {
        bind(pass);
        pass.dispatchWorkgroups(WORKGROUPS);
      });
    };
    // The first is slower: drivers compile at first use.
    await sample(1);
    let turns = 1;
    for (let ms = await sample(turns); ms < SAMPLE_MS / 2; ms = await sample(turns)) {
      if (turns > MOST_TURNS) break;
      turns *= Math.min(16, Math.max(2, Math.floor(SAMPLE_MS / ms)));
    }
    const flops = 2 * flopsPerTurn(kernel) * turns * WORKGROUP * WORKGROUPS;
    const found: number[] = [];
    while (found.length < samples) found.push((1000 * flops) / (await sample(turns)));
    return found;
  }

  try {
    let best: { kernel: Chains; rate: number } | undefined;
    for (const kernel of CANDIDATES) {
      const rate = Math.max(...(await rates(kernel, TRIALS)));
      if (!best || rate > best.rate) best = { kernel, rate };
      onStep();
    }
    const samples = await rates(best!.kernel, repeats);
    onStep();
    return { samples, kernel: nameOf(dtype, best!.kernel) };
  } finally {
    output.destroy();
    uniform.destroy();
  }
}

const flopsPerTurn = ({ width, chains, unroll }: Chains): number => width * chains * unroll;

const nameOf = (dtype: string, { width, chains, form }: Chains): string =>
  `${width === 1 ? dtype : `vec${width}<${dtype}>`}, ${chains} chains, ${form}`;

/** The chains settle at 1: no number of turns makes them overflow, or so small that they would be slow. */
function codeOf(dtype: 'f32' | 'f16', { width, chains, unroll, form }: Chains): string {
  const type = width === 1 ? dtype : `vec${width}<${dtype}>`;
  const from = (value: string) => `${type}(${width === 1 ? value : `${dtype}(${value})`})`;
  const names = Array.from({ length: chains }, (_, chain) => `a${chain}`);
  const step = (a: string) => (form === 'fma' ? `${a} = fma(${a}, m, k);` : `${a} = ${a} * m + k;`);
  const sum = names.join(' + ');
  return `${dtype === 'f16' ? 'enable f16;\n' : ''}struct Params { turns: u32, m: f32, k: f32 }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> params: Params;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = ${from('params.m')};
  let k = ${from('params.k')};
${names.map((a, i) => `  var ${a} = ${from(`f32((id.x + ${i}u) & 63u) * 0.01`)};`).join('\n')}
  for (var turn = 0u; turn < params.turns; turn++) {
${Array.from({ length: unroll }, () => `    ${names.map(step).join(' ')}`).join('\n')}
  }
  y[id.x] = f32(${width === 1 ? sum : `dot(${sum}, ${type}(1))`});
}
`;
}
