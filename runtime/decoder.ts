// Texts that grow, on a device: what a model keeps of earlier tokens stays there, so that each step computes only the new
// ones. Made by `Session.decoder`. Chooses no tokens; sampling is text/sampling.ts.
import { Arena } from './arena.ts';
import { bindCommands, type Command, encodeRun, uniformWords } from './commands.ts';
import type { DecodeProgram } from './decode-program.ts';
import { checkAlive, guarded } from './device-state.ts';
import { DisposedError, InputError } from './errors.ts';
import type { Pipeline } from './pipelines.ts';
import { planRun, type RunPlan } from './plan.ts';
import { readOutputs } from './read-outputs.ts';
import type { Unrolled } from './unroll.ts';
import type { WeightBuffers } from './weight-buffers.ts';

/** What a decoder makes room for. */
export interface DecoderOptions {
  /** How many texts grow side by side. */
  readonly batch: number;
  /** How many tokens each of them may have. */
  readonly capacity: number;
  /** How many tokens of a text one run takes at most; longer ones are fed in parts. Default 128. */
  readonly chunk?: number;
}

/** What a decoder holds on the device, in bytes; the weights are the session's. */
export interface DecoderMemory {
  /** Keys, values and whatever else is kept of earlier tokens. */
  readonly kept: number;
  readonly activations: number;
  readonly other: number;
  readonly total: number;
}

/** What `Session.decoder` has made ready. */
export interface DecoderParts {
  readonly device: GPUDevice;
  readonly program: DecodeProgram;
  readonly unrolled: Unrolled;
  readonly pipelines: readonly Pipeline[];
  readonly weights: WeightBuffers;
  readonly options: Required<DecoderOptions>;
  /** Bytes that the decoder may take. */
  readonly budget: number;
  readonly onDispose: () => void;
}

export const DEFAULT_CHUNK = 128;

/** Throws `InputError` for what is no number of texts or tokens. */
export function checkDecoderOptions({ batch, capacity, chunk = 1 }: DecoderOptions): void {
  for (const [name, value] of Object.entries({ batch, capacity, chunk }))
    if (!(Number.isInteger(value) && value > 0))
      throw new InputError(`${name} must be a whole number above 0, not ${value}.`);
}

/** The plan of a step of so many new tokens. */
export function planStep(
  { program, unrolled, options }: Pick<DecoderParts, 'program' | 'unrolled' | 'options'>,
  limits: Parameters<typeof planRun>[3],
  length: number,
): RunPlan {
  const { batch, length: time, capacity } = program.symbols;
  const sizes = new Map([
    [batch, options.batch],
    [time, length],
    // The last place is for rows of texts that are not as long as the others.
    [capacity, options.capacity + 1],
  ]);
  return planRun(program.manifest, unrolled, sizes, limits);
}

/** Makes room. Throws `LimitError`, `OutOfMemoryError`, `DeviceLostError`. */
export async function openDecoder(parts: DecoderParts): Promise<Decoder> {
  const { device, program, unrolled, options, pipelines, weights, budget } = parts;
  const plan = planStep(parts, device.limits, options.chunk);
  const arena = new Arena(device);
  try {
    await arena.fit([plan], budget);
    const commands = await guarded(device, 'Binding buffers', () =>
      bindCommands(device, unrolled, pipelines, weights, arena, plan),
    );
    return new Decoder(parts, arena, commands, program.manifest.outputs[0]!.name);
  } catch (error) {
    arena.destroy();
    throw error;
  }
}

/** Texts that grow by `feed`. Holds memory of the device until it is disposed. */
export class Decoder {
  /** How many texts there are, and how many tokens each may have. */
  readonly batch: number;
  readonly capacity: number;
  readonly #parts: DecoderParts;
  readonly #arena: Arena;
  readonly #commands: readonly Command[];
  readonly #output: string;
  #past: number[];
  #plan: RunPlan | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /** Use `Session.decoder`. */
  constructor(parts: DecoderParts, arena: Arena, commands: readonly Command[], output: string) {
    this.batch = parts.options.batch;
    this.capacity = parts.options.capacity;
    this.#parts = parts;
    this.#arena = arena;
    this.#commands = commands;
    this.#output = output;
    this.#past = Array.from({ length: this.batch }, () => 0);
  }

  /** How many tokens each text has so far. */
  get lengths(): readonly number[] {
    return this.#past;
  }

  /** What is held on the device. */
  get memory(): DecoderMemory {
    const { slots, inputs, uniforms, readback } = this.#arena.bytes;
    const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
    const kept = sum(this.#parts.program.kept.map((slot) => slots[slot] ?? 0));
    const [activations, other] = [sum(slots) - kept, sum(inputs) + uniforms + readback];
    return { kept, activations, other, total: kept + activations + other };
  }

  /**
   * Appends tokens to each text, as many as one likes and to some none, and gives for each the model's result after its last
   * new token: `[vocab]` logits; `undefined` where it has no new token.
   * @throws InputError where the tokens are not of the vocabulary, not of as many texts, or do not fit
   * @throws OutOfMemoryError, DeviceLostError as the device says
   * @throws DisposedError where it was disposed before
   */
  feed(tokens: readonly (readonly number[])[]): Promise<(Float32Array | undefined)[]> {
    const result = this.#queue.then(() => this.#feed(tokens));
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Begins new texts. What is kept of the old ones is written over. */
  reset(): void {
    this.#past = this.#past.map(() => 0);
  }

  /** Frees the memory of the device; that of the session stays. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#arena.destroy();
    this.#parts.onDispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #feed(tokens: readonly (readonly number[])[]): Promise<(Float32Array | undefined)[]> {
    this.#check(tokens);
    const { chunk } = this.#parts.options;
    const results: (Float32Array | undefined)[] = tokens.map(() => undefined);
    const longest = Math.max(...tokens.map((text) => text.length));
    for (let from = 0; from < longest; from += chunk) {
      const length = Math.min(chunk, longest - from);
      const parts = tokens.map((text) => text.slice(from, from + length));
      const rows = await this.#step(parts, length);
      for (const [text, part] of parts.entries()) if (part.length > 0) results[text] = rows[text];
    }
    return results;
  }

  #check(tokens: readonly (readonly number[])[]): void {
    if (tokens.length !== this.batch)
      throw new InputError(`There are ${this.batch} texts, but tokens for ${tokens.length}.`);
    const { manifest, tokens: input } = this.#parts.program;
    const [least, most] = manifest.inputs[input]!.range ?? [0, 2 ** 31 - 1];
    for (const [text, more] of tokens.entries()) {
      const length = this.#past[text]! + more.length;
      if (length > this.capacity)
        throw new InputError(
          `Text ${text} would have ${length} tokens; there is room for ${this.capacity}.`,
        );
      const wrong = more.find((id) => !(Number.isInteger(id) && id >= least && id <= most));
      if (wrong !== undefined)
        throw new InputError(`Text ${text} has the token ${wrong}; they are ${least} to ${most}.`);
    }
  }

  /** The results after the last of `parts` of each text, which have at most `length` tokens. */
  async #step(parts: readonly (readonly number[])[], length: number): Promise<Float32Array[]> {
    const { device, program, unrolled } = this.#parts;
    this.#checkUsable();
    const { manifest } = program;
    const plan = this.#planFor(length);
    const words = parts.flatMap((part) => [...part, ...Array(length - part.length).fill(0)]);
    const { inputs } = this.#arena.buffers;
    const write = (input: number, values: readonly number[]) =>
      device.queue.writeBuffer(inputs[input]!, 0, Int32Array.from(values));
    await guarded(device, 'Running the model', () => {
      write(program.tokens, words);
      write(program.past, this.#past);
      write(
        program.last,
        parts.map((part) => Math.max(0, part.length - 1)),
      );
      const dispatches = this.#commands.map(({ step, pipeline, bindings }) => ({
        pipeline,
        bindings,
        grid: plan.grids[step]!,
      }));
      device.queue.submit([encodeRun(device, manifest, unrolled, dispatches, this.#arena, plan)]);
    });
    const outputs = await readOutputs(device, manifest, this.#arena, plan);
    this.#checkUsable();
    this.#past = this.#past.map((past, text) => past + parts[text]!.length);
    const data = outputs[this.#output]!.data as Float32Array;
    const size = data.length / this.batch;
    return parts.map((_, text) => data.subarray(text * size, (text + 1) * size));
  }

  /** The sizes of the last step stay on the device until they change. */
  #planFor(length: number): RunPlan {
    const { device, program } = this.#parts;
    const known = this.#plan?.symbols.get(program.symbols.length);
    if (this.#plan && known === length) return this.#plan;
    const plan = planStep(this.#parts, device.limits, length);
    const { buffers, bytes } = this.#arena;
    device.queue.writeBuffer(buffers.uniforms, 0, uniformWords(plan, bytes.uniforms));
    this.#plan = plan;
    return plan;
  }

  #checkUsable(): void {
    if (this.#disposed) throw new DisposedError('The decoder has been disposed.');
    checkAlive(this.#parts.device);
  }
}
