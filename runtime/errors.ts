// Every way in which a bundle can fail to load or run, as typed errors with a stable code.
// Callers test `code` (or `instanceof BformError`); messages are for people. Holds no logic.

/** A stable code for each of the errors below. */
export type ErrorCode =
  | 'BF9001' // ManifestError
  | 'BF9002' // WeightsError
  | 'BF9003' // InputError
  | 'BF9004' // LimitError
  | 'BF9005' // OutOfMemoryError
  | 'BF9006' // DeviceLostError
  | 'BF9007' // KernelError
  | 'BF9008' // AdapterError
  | 'BF9009' // DisposedError
  | 'BF9010' // UndecodableError
  | 'BF9011'; // DeadlineError

/** Base of all run-time errors. `problems` lists every separate fault where there are several. */
export class BformError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly string[];

  constructor(code: ErrorCode, message: string, problems: readonly string[] = []) {
    super([message, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = new.target.name;
    this.code = code;
    this.problems = problems;
  }
}

/** The bundle itself is wrong: another version, a missing, damaged or unexpected file, a malformed manifest. */
export class ManifestError extends BformError {
  constructor(message: string, problems?: readonly string[]) {
    super('BF9001', message, problems);
  }
}

/** A weights file is malformed, or does not hold what the manifest declares. */
export class WeightsError extends BformError {
  constructor(message: string, problems?: readonly string[]) {
    super('BF9002', message, problems);
  }
}

/** The caller's inputs have the wrong names, lengths, types or values. */
export class InputError extends BformError {
  constructor(message: string, problems?: readonly string[]) {
    super('BF9003', message, problems);
  }
}

/** The device's limits, or those of 32-bit index arithmetic, are too small for these sizes. */
export class LimitError extends BformError {
  constructor(message: string, problems?: readonly string[]) {
    super('BF9004', message, problems);
  }
}

/** The device has no memory left for what was asked of it. */
export class OutOfMemoryError extends BformError {
  constructor(message: string) {
    super('BF9005', message);
  }
}

/** The device was lost or destroyed; nothing it says after that can be believed. */
export class DeviceLostError extends BformError {
  constructor(message: string) {
    super('BF9006', message);
  }
}

/** A kernel did not compile, or the device found a command invalid: a fault of bform, not of its user. */
export class KernelError extends BformError {
  constructor(message: string, problems?: readonly string[]) {
    super('BF9007', message, problems);
  }
}

/** No usable graphics adapter. */
export class AdapterError extends BformError {
  constructor(message: string) {
    super('BF9008', message);
  }
}

/** The session was used after it was disposed. */
export class DisposedError extends BformError {
  constructor(message: string) {
    super('BF9009', message);
  }
}

/** The model cannot be computed step by step: something in it looks at more than the tokens so far. */
export class UndecodableError extends BformError {
  constructor(message: string) {
    super('BF9010', message);
  }
}

/** A run took longer than the caller would wait. The device goes on with it; later runs of the session wait for it. */
export class DeadlineError extends BformError {
  /** Milliseconds. */
  readonly deadline: number;

  constructor(what: string, deadline: number) {
    super('BF9011', `${what} took longer than its deadline of ${deadline} ms.`);
    this.deadline = deadline;
  }
}
