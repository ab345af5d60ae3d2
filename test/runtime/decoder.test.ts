// Texts that grow on a device: a decoder's logits after each step are those of a whole run, within the tolerance of the policy,
// for texts of different lengths, in parts and at once; and what it keeps and refuses.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { kernelFiles } from '../../compiler/bundle/emit-bundle.ts';
import { type Compilation, compile, emit } from '../../compiler/compile.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { verifySchedule } from '../../compiler/schedule/verify.ts';
import { parseManifest } from '../../runtime/load-manifest.ts';
import { openSession, type Session } from '../../runtime/session.ts';
import { closeGpu, gpuDevice, gpuTarget } from '../support/gpu.ts';
import { paperFiles, smallModels } from '../support/papers.ts';
import { weightData } from '../support/random-graph.ts';
import { sources } from '../support/sources.ts';
import { type Expected, expectedOutputs } from '../support/tolerance.ts';

const examples = new URL('../../examples/', import.meta.url);
afterAll(closeGpu);

const compiled = (code: string): Compilation =>
  compile('m.bform', sources({ 'm.bform': code })).result!;

async function open(compilation: Compilation): Promise<Session> {
  const manifest = { ...(await buildManifest(compilation)), files: {} };
  const kernels = kernelFiles(compilation);
  const weights = new Map(Object.entries(weightData(1, compilation.graph)));
  return openSession(await gpuDevice(), manifest, { kernels, weights });
}

const T = 9;

function textsOf({ graph }: Compilation): number[][] {
  const vocab = graph.inputs[0]!.range![1] + 1;
  const text = (start: number) => Array.from({ length: T }, (_, at) => (at * 7 + start) % vocab);
  return [text(3), text(8)];
}

/** Row `at` of a text in a whole run's result. */
function rowOf({ values, tolerance, shape }: Expected, text: number, at: number) {
  const vocab = shape[2]!;
  const start = (text * T + at) * vocab;
  return {
    values: values.subarray(start, start + vocab),
    tolerance: tolerance.subarray(start, start + vocab),
  };
}

/** By how many times its tolerance the worst element is off. */
function excess(found: Float32Array, { values, tolerance }: ReturnType<typeof rowOf>): number {
  expect(found).toHaveLength(values.length);
  return found.reduce((worst, value, i) => {
    const ratio = Math.abs(value - values[i]!) / tolerance[i]!;
    return Number.isNaN(ratio) ? Infinity : Math.max(worst, ratio);
  }, 0);
}

function expectedOf(compilation: Compilation, texts: readonly number[][]): Expected {
  const { graph } = compilation;
  const results = { ...graph, outputs: graph.outputs.filter(({ kind }) => kind === 'result') };
  const time = graph.symbols.find(({ name }) => name !== 'b')!.name;
  const symbols = { b: texts.length, [time]: T };
  const inputs = { [graph.inputs[0]!.name]: texts.flat() };
  const weights = weightData(1, graph);
  return Object.values(expectedOutputs(results, { symbols, inputs, weights }))[0]!;
}

const models = [
  ...readdirSync(examples)
    .filter((name) => name !== 'text')
    .map((name) => ({
      name,
      ...compiled(readFileSync(new URL(`${name}/model.bform`, examples), 'utf8')),
    })),
  ...paperFiles
    .flatMap((file) => smallModels(file))
    .map((model) => ({
      ...model,
      ...emit({ ...model, schedule: schedule(model.graph), limits: {} }),
    })),
].filter(({ decoding }) => decoding.kind === 'program');

describe.each(models)('$name', (plain) => {
  it('gives the logits of whole runs, in parts of a prompt and token by token', async () => {
    // Every other model is written for the tests' device, the rest for any.
    const model = models.indexOf(plain) % 2 === 0 ? plain : emit(plain, await gpuTarget());
    const { decoding } = model;
    if (decoding.kind === 'program') verifySchedule(decoding.schedule, decoding.graph);
    const texts = textsOf(model);
    const expected = expectedOf(model, texts);
    const session = await open(model);
    const decoder = await session.decoder({ batch: 2, capacity: T, chunk: 3 });
    const [long, short] = texts as [number[], number[]];
    const off: number[] = [];
    const see = (rows: readonly (Float32Array | undefined)[]) =>
      rows.forEach((row, text) => {
        if (row) off.push(excess(row, rowOf(expected, text, decoder.lengths[text]! - 1)));
      });
    see(await decoder.feed([long.slice(0, 5), short.slice(0, 2)]));
    see(await decoder.feed([[long[5]!], [short[2]!]]));
    see(await decoder.feed([[long[6]!], []]));
    see(await decoder.feed([long.slice(7), short.slice(3, 4)]));
    session.dispose();
    expect(off).toHaveLength(7);
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
  }, 60_000);
});

describe('a decoder', () => {
  const HELLO = readFileSync(new URL('hello/model.bform', examples), 'utf8');
  const model = compiled(HELLO);
  const prompt = (length: number, start: number) =>
    Array.from({ length }, (_, at) => (at * 11 + start) % 256);

  it('gives texts of different lengths in one batch what it gives each alone', async () => {
    const session = await open(model);
    const texts = [prompt(21, 5), prompt(4, 9), prompt(13, 77)];
    const together = await session.decoder({ batch: 3, capacity: 24, chunk: 8 });
    const rows = await together.feed(texts);
    const more = await together.feed([[1], [2], [3]]);
    const alone = await session.decoder({ batch: 1, capacity: 24, chunk: 8 });
    for (const [i, text] of texts.entries()) {
      alone.reset();
      expect(rows[i]).toEqual((await alone.feed([text]))[0]);
      expect(more[i]).toEqual((await alone.feed([[i + 1]]))[0]);
    }
    expect(together.lengths).toEqual([22, 5, 14]);
    session.dispose();
  });

  it('gives a prompt in parts what it gives it at once, within its rounding', async () => {
    const session = await open(model);
    const text = prompt(40, 3);
    const found: Float32Array[] = [];
    for (const chunk of [40, 7, 1]) {
      using decoder = await session.decoder({ batch: 1, capacity: 40, chunk });
      found.push((await decoder.feed([text]))[0]!);
    }
    const [once, ...parts] = found;
    const largest = Math.max(...once!.map(Math.abs));
    for (const other of parts)
      for (const [at, value] of other.entries())
        expect(Math.abs(value - once![at]!)).toBeLessThan(1e-5 * largest);
    session.dispose();
  });

  it('holds as many bytes of keys and values as the texts may have tokens, and one place more', async () => {
    const session = await open(model);
    const before = session.memory.total;
    const decoder = await session.decoder({ batch: 2, capacity: 63 });
    // 4 layers, 2 texts, 64 places of 4 heads of 16, keys and values, 4 bytes each.
    expect(decoder.memory.kept).toBe(4 * 2 * 64 * 4 * 16 * 2 * 4);
    const { kept, activations, other, total } = decoder.memory;
    expect(kept + activations + other).toBe(total);
    expect(session.memory.total).toBe(before);
    session.dispose();
    await expect(decoder.feed([[1], [1]])).rejects.toThrow('disposed');
  });

  it('refuses what does not fit, and keeps what it has', async () => {
    const session = await open(model);
    const decoder = await session.decoder({ batch: 1, capacity: 3 });
    const [first] = await decoder.feed([[1, 2]]);
    await expect(decoder.feed([[1, 2]])).rejects.toThrow('Text 0 would have 4 tokens');
    await expect(decoder.feed([[256]])).rejects.toThrow('Text 0 has the token 256');
    await expect(decoder.feed([[1], [1]])).rejects.toThrow('There are 1 texts');
    await expect(session.decoder({ batch: 0, capacity: 3 })).rejects.toThrow('batch must be');
    decoder.reset();
    expect((await decoder.feed([[1, 2]]))[0]).toEqual(first);
    session.dispose();
  });

  it('is none of a model that looks ahead, and says which layer does', async () => {
    const code = readFileSync(new URL('own-layer/model.bform', examples), 'utf8');
    const session = await open(compiled(code));
    await expect(session.decoder({ batch: 1, capacity: 8 })).rejects.toMatchObject({
      code: 'BF9010',
      message: expect.stringContaining('(running_mean) sums along the positions of a text'),
    });
    session.dispose();
  });
});

it('of a bundle whose references are wrong is refused with the manifest', async () => {
  const { decode, ...rest } = await buildManifest(
    compiled(readFileSync(new URL('hello/model.bform', examples), 'utf8')),
  );
  const files = Object.fromEntries(
    [...rest.kernels, ...decode!.kernels].map(({ file, sha256 }) => [file, { bytes: 1, sha256 }]),
  );
  const whole = { ...rest, decode, files };
  expect(parseManifest(JSON.stringify(whole)).decode).toEqual(decode);
  const wrong = { ...whole, decode: { ...decode!, kept: [99], past: 7, capacity: 'room' } };
  expect(() => parseManifest(JSON.stringify(wrong))).toThrow(
    /keeps slot 99.*told by input 7.*no size room/s,
  );
});
