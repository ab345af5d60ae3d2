// Types of the one-file runtime that lies beside a standalone bundle, self-contained so that nothing has to be installed
// for them but `webgpu`. A test holds them against the runtime's own.
/// <reference types="@webgpu/types" />

/** Base of all errors; `code` is stable, `problems` lists every separate fault. */
export declare class BformError extends Error {
  readonly code: string;
  readonly problems: readonly string[];
}

/** A tensor as nested arrays, as JSON has it: `[[1, 403]]`. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

export interface TensorInput {
  readonly data: Float32Array | Int32Array | Uint32Array | readonly number[];
  readonly shape: readonly number[];
}

export type RunInput = TensorInput | NestedNumbers;

/** A tensor that came out: row-major, i32 and bool as `Int32Array`. */
export interface TensorOutput {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export interface LoadOptions {
  /** A device to use instead of a new one. It is then not destroyed with the model. */
  readonly device?: GPUDevice;
  /** Where the bundle has no weights they are drawn from this seed; without it that is an error. */
  readonly seed?: number;
  /** Sizes to make room for at once, such as `{ b: 1, t: 256 }`; otherwise the first run makes room. */
  readonly capacity?: Readonly<Record<string, number>>;
  /** Bytes that weights and activations together may take on the device. */
  readonly memoryLimit?: number;
  /** Called while the model is loaded: bytes read or uploaded, weights drawn, kernels compiled. */
  readonly onProgress?: (progress: {
    readonly step: 'read' | 'draw' | 'compile' | 'upload';
    readonly done: number;
    readonly total: number;
  }) => void;
  /** Called once when the model is disposed. */
  readonly onDispose?: () => void;
}

/** A model on a device. */
export interface Session extends Disposable {
  readonly memory: {
    readonly weights: number;
    readonly activations: number;
    readonly inputs: number;
    readonly other: number;
    readonly total: number;
  };
  /** `deadline`: milliseconds after which a run that is not over rejects. */
  run(
    inputs: Readonly<Record<string, RunInput>>,
    options?: { readonly deadline?: number },
  ): Promise<Record<string, TensorOutput>>;
  dispose(): void;
}

/** The bundle's model, ready to run. Rejects with a `BformError` and leaves nothing half-loaded. */
export declare function loadModel(folder: string | URL, options?: LoadOptions): Promise<Session>;

/** A WebGPU device through Dawn. `destroy()` it when done. Rejects with a `BformError` where there is no adapter. */
export declare function openDevice(): Promise<GPUDevice>;
