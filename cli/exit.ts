// How a command ends: exit codes, and which error means which. Knows all typed errors; prints nothing.
import { CommanderError } from 'commander';
import {
  AdapterError,
  BformError,
  DeadlineError,
  DeviceLostError,
  KernelError,
  LimitError,
  OutOfMemoryError,
} from '../runtime/errors.ts';
import { TokenizerError } from '../runtime/text/tokenizer.ts';
import { ImportError } from './import/import-plan.ts';

export const EXIT = {
  fine: 0,
  /** What the user gave has errors: a model, a bundle, inputs. */
  input: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The machine cannot: no adapter, too little memory, a disk that is full. */
  machine: 3,
  /** A fault of bform's own. */
  bug: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the user gave is wrong; the message is all there is to say. */
export class UserError extends Error {
  override name = 'UserError';
}

/** An option or argument has a value that cannot be. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Everything that is wrong has been printed already. */
export class Reported extends Error {
  override name = 'Reported';
}

const SYSTEM_ERRORS = new Set(['EACCES', 'EDQUOT', 'EIO', 'EMFILE', 'ENOSPC', 'EPERM', 'EROFS']);

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Reported || error instanceof UserError) return EXIT.input;
  if (error instanceof ImportError || error instanceof TokenizerError) return EXIT.input;
  if (
    error instanceof AdapterError ||
    error instanceof DeadlineError ||
    error instanceof OutOfMemoryError ||
    error instanceof DeviceLostError ||
    error instanceof LimitError
  )
    return EXIT.machine;
  if (error instanceof KernelError) return EXIT.bug;
  if (error instanceof BformError) return EXIT.input;
  // An array larger than the machine's memory, or than Node makes them.
  if (error instanceof RangeError && /allocation failed|array length/i.test(error.message))
    return EXIT.machine;
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && SYSTEM_ERRORS.has(code) ? EXIT.machine : EXIT.bug;
}
