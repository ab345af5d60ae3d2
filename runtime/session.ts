// A model on a device, ready to run: pipelines, weights and working buffers of one manifest. The only class that users
// hold; runs are queued, one at a time. Reads no files (load-node.ts) and opens no device (device-node.ts).
import { Arena } from './arena.ts';
import {
  bindCommands,
  type Command,
  type Dispatch,
  encodeRun,
  type RunTiming,
  uniformWords,
} from './commands.ts';
import { checkDeadline, type RunOptions, withDeadline } from './deadline.ts';
import { decodeProgram } from './decode-program.ts';
import {
  checkDecoderOptions,
  DEFAULT_CHUNK,
  type Decoder,
  type DecoderOptions,
  type DecoderParts,
  openDecoder,
} from './decoder.ts';
import { checkAlive, guarded } from './device-state.ts';
import { DisposedError, LimitError, UndecodableError } from './errors.ts';
import { type BoundInputs, bindInputs, type RunInput } from './inputs.ts';
import { fixedSubgroups } from './kernel-target.ts';
import type { OnLoadProgress } from './load-progress.ts';
import type { Manifest } from './manifest.ts';
import { type SessionMemory, sessionMemory } from './memory-need.ts';
import { createPipelines, type Pipeline } from './pipelines.ts';
import { checkLimits, planGrown, planRun, type RunPlan } from './plan.ts';
import { type ProfileOptions, profileRun, type RunProfile } from './profile.ts';
import { readOutputs, type TensorOutput } from './read-outputs.ts';
import type { SymbolValues } from './size.ts';
import { traceDispatches, type Written, withWrites } from './trace.ts';
import { type Unrolled, unroll } from './unroll.ts';
import { uploadWeights, type WeightBuffers, weightBytes } from './weight-buffers.ts';
import { checkWeights, type Weights } from './weights.ts';

/** The contents of a bundle that a session needs beside the manifest. */
export interface SessionParts {
  /** WGSL by the manifest's file names. */
  readonly kernels: ReadonlyMap<string, string>;
  /** Values by path name, row-major. */
  readonly weights: Weights;
}

/** What a session may take of the device. */
export interface SessionOptions {
  /** Sizes to make room for at once, such as `{ b: 1, t: 256 }`; otherwise the first run makes room. */
  readonly capacity?: Readonly<Record<string, number>>;
  /** Bytes that weights and activations together may take on the device. No limit where absent. */
  readonly memoryLimit?: number;
  /** Called while a model is loaded: often, and with `done` below `total` where padding is not counted. */
  readonly onProgress?: OnLoadProgress;
  /** Called once by `dispose`, after everything of the session is freed. */
  readonly onDispose?: () => void;
}

/**
 * Makes a session, or throws and leaves nothing behind. The manifest comes from `parseManifest`.
 * @throws LimitError where the device is too small for the model, or the weights are over the memory limit
 * @throws WeightsError where the weights are not those that the manifest declares
 * @throws ManifestError where the parts lack a kernel of the manifest
 * @throws KernelError where a kernel does not compile: a fault of bform's
 * @throws OutOfMemoryError, DeviceLostError as the device says
 */
export async function openSession(
  device: GPUDevice,
  manifest: Manifest,
  parts: SessionParts,
  options: SessionOptions = {},
): Promise<Session> {
  checkAlive(device);
  checkLimits(manifest, device.limits, subgroupsOf(device));
  checkWeights(manifest, parts.weights);
  const need = weightBytes(manifest, device.limits.maxBufferSize);
  const budget = (options.memoryLimit ?? Number.POSITIVE_INFINITY) - need;
  if (budget < 0)
    throw new LimitError(
      `The weights need ${need} bytes, over the limit of ${options.memoryLimit}.`,
    );
  const capacity = options.capacity && new Map(Object.entries(options.capacity));
  const unrolled = unroll(manifest);
  const plan = capacity && planRun(manifest, unrolled, capacity, device.limits);

  const pipelines = await createPipelines(device, manifest, parts.kernels, options.onProgress);
  const weights = await uploadWeights(device, manifest, parts.weights, options.onProgress);
  const arena = new Arena(device);
  try {
    if (plan) await arena.fit([plan], budget);
  } catch (error) {
    weights.destroy();
    throw error;
  }
  const { kernels } = parts;
  const ready = { device, manifest, kernels, unrolled, pipelines, weights, arena, budget, options };
  return new Session(ready);
}

/** What `openSession` has made ready. */
interface Ready {
  readonly device: GPUDevice;
  readonly manifest: Manifest;
  readonly kernels: SessionParts['kernels'];
  readonly unrolled: Unrolled;
  readonly pipelines: readonly Pipeline[];
  readonly weights: WeightBuffers;
  readonly arena: Arena;
  /** Bytes that the arena may take. */
  readonly budget: number;
  readonly options: SessionOptions;
}

/** A model on a device, ready to run. Made by `openSession` or `loadModel`; holds memory of the device until it is disposed. */
export class Session {
  /** What the session runs. */
  readonly manifest: Manifest;
  readonly #ready: Ready;
  /** For the buffers that the arena has now. */
  #commands: readonly Command[] | undefined;
  /** The plan whose sizes the uniforms hold. */
  #plan: RunPlan | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;
  readonly #decoders = new Set<Decoder>();
  /** Made once, for the first decoder. */
  #decoding: Promise<Decoding> | undefined;

  /** Use `openSession`. */
  constructor(ready: Ready) {
    this.manifest = ready.manifest;
    this.#ready = ready;
  }

  /** What the session holds on the device now: room for activations is made by the first run, or for `capacity`. */
  get memory(): SessionMemory {
    return sessionMemory(this.#ready.weights.bytes, this.#ready.arena.bytes);
  }

  /**
   * Runs the model once. Inputs are tensors by name, as nested arrays or as typed arrays with a shape; the sizes b, t, ...
   * are read off their shapes. Calls may overlap; they run in the order in which they came.
   * @throws InputError where an input has a wrong name, type, shape or value
   * @throws LimitError where these sizes need more than the device, 32-bit indices or the memory limit allow
   * @throws OutOfMemoryError, DeviceLostError as the device says
   * @throws DeadlineError where the run takes longer than `options.deadline`; the runs after it wait until it is over
   * @throws DisposedError where the session was disposed before the run ended
   */
  run(
    inputs: Readonly<Record<string, RunInput>>,
    options: RunOptions = {},
  ): Promise<Record<string, TensorOutput>> {
    return this.#inTime(() => this.#run(inputs), options);
  }

  /**
   * Runs the model as `run` does, but one dispatch at a time: `visit` gets every buffer of activations that a dispatch
   * has written, with the outputs at the end. Slow; for finding faults. Throws as `run` does.
   */
  trace(
    inputs: Readonly<Record<string, RunInput>>,
    visit: (written: Written) => void,
  ): Promise<Record<string, TensorOutput>> {
    return this.#enqueue(() => this.#run(inputs, visit));
  }

  /**
   * Runs the model as `run` does, some times, and says how long each dispatch takes (profile.ts). Throws as `run` does.
   */
  profile(
    inputs: Readonly<Record<string, RunInput>>,
    options: ProfileOptions = {},
  ): Promise<RunProfile> {
    return this.#enqueue(() => this.#profile(inputs, options));
  }

  /**
   * Makes room for texts that grow step by step: what the model keeps of earlier tokens stays on the device.
   * @throws UndecodableError where the model has no such steps; `manifest.undecodable` says why
   * @throws LimitError where the device or the memory limit is too small
   * @throws KernelError, OutOfMemoryError, DeviceLostError as the device says
   */
  async decoder(options: DecoderOptions): Promise<Decoder> {
    this.#checkUsable();
    checkDecoderOptions(options);
    const { device, weights, budget } = this.#ready;
    this.#decoding ??= this.#prepareDecoding();
    const decoding = await this.#decoding;
    this.#checkUsable();
    const others = [...this.#decoders].reduce((sum, { memory }) => sum + memory.total, 0);
    const decoder: Decoder = await openDecoder({
      device,
      ...decoding,
      weights,
      budget: budget - others,
      options: { chunk: Math.min(options.capacity, DEFAULT_CHUNK), ...options },
      onDispose: () => this.#decoders.delete(decoder),
    });
    this.#decoders.add(decoder);
    if (this.#disposed) decoder.dispose();
    this.#checkUsable();
    return decoder;
  }

  async #prepareDecoding(): Promise<Decoding> {
    const { device, kernels, manifest } = this.#ready;
    const program = decodeProgram(manifest);
    if (!program)
      throw new UndecodableError(
        `The model ${manifest.model} has no steps: ${manifest.undecodable ?? 'it takes more than tokens'}.`,
      );
    checkLimits(program.manifest, device.limits, subgroupsOf(device));
    const pipelines = await createPipelines(device, program.manifest, kernels);
    return { program, pipelines, unrolled: unroll(program.manifest) };
  }

  /** Frees everything on the device. Runs under way or queued reject with `DisposedError`. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#commands = undefined;
    for (const decoder of this.#decoders) decoder.dispose();
    this.#ready.arena.destroy();
    this.#ready.weights.destroy();
    this.#ready.options.onDispose?.();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** The deadline counts from the work's turn on. */
  async #inTime<T>(work: () => Promise<T>, { deadline }: RunOptions): Promise<T> {
    checkDeadline(deadline);
    const turn = this.#queue;
    const result = this.#enqueue(work);
    if (deadline === undefined) return result;
    await turn;
    return withDeadline(`The run of ${this.manifest.model}`, deadline, result);
  }

  async #run(
    inputs: Readonly<Record<string, RunInput>>,
    visit?: (written: Written) => void,
  ): Promise<Record<string, TensorOutput>> {
    return this.#whileUsable(async () => {
      const bound = bindInputs(this.manifest, inputs);
      const plan = await this.#prepare(bound.symbols);
      if (visit) {
        const { device, manifest, unrolled, arena } = this.#ready;
        this.#writeInputs(bound);
        const dispatches = withWrites(manifest, unrolled, arena, this.#dispatches(plan));
        await traceDispatches(device, dispatches, visit);
      }
      return (await this.#execute(bound, plan)).outputs;
    });
  }

  async #profile(
    inputs: Readonly<Record<string, RunInput>>,
    options: ProfileOptions,
  ): Promise<RunProfile> {
    return this.#whileUsable(async () => {
      const bound = bindInputs(this.manifest, inputs);
      const plan = await this.#prepare(bound.symbols);
      const { device, unrolled } = this.#ready;
      return profileRun(
        device,
        {
          unrolled: unrolled.dispatches,
          dispatches: this.#dispatches(plan),
          writeInputs: () => this.#writeInputs(bound),
          run: async (timing) => {
            const start = performance.now();
            // What a caller waits for begins with looking at the inputs.
            const again = bindInputs(this.manifest, inputs);
            const { submitted } = await this.#execute(again, plan, timing);
            const end = performance.now();
            return { wallMs: end - start, submitMs: end - submitted };
          },
        },
        options,
      );
    });
  }

  async #whileUsable<T>(work: () => Promise<T>): Promise<T> {
    this.#checkUsable();
    try {
      return await work();
    } catch (error) {
      this.#checkUsable();
      throw error;
    } finally {
      // It may have made room after `dispose` freed what there was.
      if (this.#disposed) this.#ready.arena.destroy();
    }
  }

  #checkUsable(): void {
    if (this.#disposed) throw new DisposedError('The session has been disposed.');
    checkAlive(this.#ready.device);
  }

  /** Room, bind groups and uniforms for the sizes; nothing to do where they are those of the last run. */
  async #prepare(symbols: SymbolValues): Promise<RunPlan> {
    const device = this.#ready.device;
    if (this.#plan && this.#commands && sameSymbols(this.#plan.symbols, symbols)) return this.#plan;
    const plan = planRun(this.manifest, this.#ready.unrolled, symbols, device.limits);
    if (!this.#ready.arena.fits(plan)) {
      this.#commands = undefined;
      await this.#makeRoom(plan);
      this.#checkUsable();
    }
    this.#commands ??= await guarded(device, 'Binding buffers', () =>
      bindCommands(
        device,
        this.#ready.unrolled,
        this.#ready.pipelines,
        this.#ready.weights,
        this.#ready.arena,
        plan,
      ),
    );
    this.#checkUsable();
    const { buffers, bytes } = this.#ready.arena;
    device.queue.writeBuffer(buffers.uniforms, 0, uniformWords(plan, bytes.uniforms));
    this.#plan = plan;
    return plan;
  }

  /** Sizes that grow from run to run are given room to grow into, where the limits allow it. */
  async #makeRoom(plan: RunPlan): Promise<void> {
    const { manifest, unrolled, device } = this.#ready;
    const roomy = this.#plan && planGrown(manifest, unrolled, this.#plan, plan, device.limits);
    if (roomy) {
      try {
        return await this.#ready.arena.fit([plan, roomy], this.#ready.budget);
      } catch (error) {
        if (!(error instanceof LimitError)) throw error;
      }
    }
    await this.#ready.arena.fit([plan], this.#ready.budget);
  }

  #writeInputs({ data }: BoundInputs): void {
    const { device, arena } = this.#ready;
    for (const [index, values] of data.entries())
      device.queue.writeBuffer(
        arena.buffers.inputs[index]!,
        0,
        values as Float32Array<ArrayBuffer>,
      );
  }

  #dispatches(plan: RunPlan): Dispatch[] {
    return this.#commands!.map(({ step, pipeline, bindings }) => ({
      pipeline,
      bindings,
      grid: plan.grids[step]!,
    }));
  }

  /** Also tells when the commands were submitted, by `performance.now()`. */
  async #execute(
    bound: BoundInputs,
    plan: RunPlan,
    timing?: RunTiming,
  ): Promise<{ outputs: Record<string, TensorOutput>; submitted: number }> {
    const { device, manifest, unrolled, arena } = this.#ready;
    const submitted = await guarded(device, 'Running the model', () => {
      this.#writeInputs(bound);
      const dispatches = this.#dispatches(plan);
      const commands = encodeRun(device, manifest, unrolled, dispatches, arena, plan, timing);
      const now = performance.now();
      device.queue.submit([commands]);
      return now;
    });
    return { outputs: await readOutputs(device, manifest, arena, plan), submitted };
  }
}

const subgroupsOf = ({ adapterInfo, features }: GPUDevice): number | undefined =>
  fixedSubgroups({ info: adapterInfo, features });

/** What all decoders of a session share. */
type Decoding = Pick<DecoderParts, 'program' | 'pipelines' | 'unrolled'>;

const sameSymbols = (a: SymbolValues, b: SymbolValues): boolean =>
  Array.from(a).every(([name, value]) => b.get(name) === value);
