// What the codes of the runtime's errors mean, for `bform explain`: a bundle that does not load, a run that fails. They are no
// diagnostics: they tell of files and devices, not of source. The classes are in runtime/errors.ts.
import type { CodeEntry } from '../compiler/diagnostics/codes.ts';
import type { ErrorCode } from '../runtime/errors.ts';

export const RUNTIME_CODES: Readonly<Record<ErrorCode, CodeEntry>> = {
  BF9001: {
    title: 'not a whole bundle (ManifestError)',
    explanation:
      'A file of the bundle is missing, damaged or of another version: every file is held against the length and the SHA-256 in manifest.json. Compile the model again, or copy the folder again.',
  },
  BF9002: {
    title: 'wrong weights (WeightsError)',
    explanation:
      'A weights file is malformed, or holds other names or shapes than the model has. Every difference is listed; names are paths, such as blocks.0.a.wq.w.',
  },
  BF9003: {
    title: 'wrong inputs (InputError)',
    explanation:
      'An input of a run has a wrong name, type, shape or value: tokens are whole numbers from 0 to vocab - 1, and no sequence is longer than the context.',
  },
  BF9004: {
    title: 'too large for the device (LimitError)',
    explanation:
      'At these sizes the model needs more than the device allows, more than 32-bit indices reach, or more than the memory limit it was given. Take a smaller batch or shorter sequences; `bform report` says what a model needs, `bform doctor` what this machine has.',
  },
  BF9005: {
    title: 'no memory left (OutOfMemoryError)',
    explanation:
      'The device has no memory left for what was asked of it. Dispose of other models, or take a smaller batch or shorter sequences.',
  },
  BF9006: {
    title: 'the device is gone (DeviceLostError)',
    explanation:
      'The device was destroyed, or its driver gave up, perhaps after a kernel that ran too long. Load the model again: nothing that a lost device says can be believed.',
  },
  BF9007: {
    title: 'a kernel was refused (KernelError)',
    explanation:
      'A kernel does not compile, or the device found a command invalid. That is a fault of bform’s: please report it with the model, the adapter and the driver (`bform doctor`).',
  },
  BF9008: {
    title: 'no adapter (AdapterError)',
    explanation:
      'No graphics adapter answers, neither a GPU nor a software driver, or Dawn cannot be loaded. `bform doctor` says what to install.',
  },
  BF9009: {
    title: 'used after it was disposed (DisposedError)',
    explanation:
      'The session was disposed before the run, or while it was under way. Load the model again.',
  },
  BF9010: {
    title: 'no step by step (UndecodableError)',
    explanation:
      'A layer of the model looks at more than the tokens so far, such as all positions of a text or the load of a batch, so that no token can be computed from what earlier ones left. `bform generate` then runs the whole model for each token.',
  },
  BF9011: {
    title: 'over its deadline (DeadlineError)',
    explanation:
      'The run took longer than the caller was ready to wait (`deadline`, in milliseconds). What was submitted cannot be taken back: the device goes on with it, and the runs that follow wait for it. Give more time, a smaller batch or shorter sequences; `bform profile` says which layers take it.',
  },
};

export const RUNTIME_TITLE = 'Errors of the runtime';

export const isRuntimeCode = (text: string): text is ErrorCode =>
  Object.hasOwn(RUNTIME_CODES, text);
