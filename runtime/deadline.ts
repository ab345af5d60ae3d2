// The longest that a caller waits for a run. Work that was submitted cannot be taken back: it goes on, and what comes after
// it on the device waits for it.
import { DeadlineError, InputError } from './errors.ts';

/** How a run is to be done. */
export interface RunOptions {
  /** Milliseconds that the run may take from the time that its turn comes; any where absent. */
  readonly deadline?: number;
}

/** Throws `InputError` for what is no length of time. */
export function checkDeadline(deadline: number | undefined): void {
  if (deadline === undefined || (Number.isFinite(deadline) && deadline > 0)) return;
  throw new InputError(`A deadline is a number of milliseconds above 0, not ${deadline}.`);
}

/** Settles as the work does, or rejects with `DeadlineError` when the time is over. `what` begins its message. */
export async function withDeadline<T>(
  what: string,
  deadline: number | undefined,
  work: Promise<T>,
): Promise<T> {
  if (deadline === undefined) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    const late = () => reject(new DeadlineError(what, deadline));
    // Longer times overflow a timer; none is set for them.
    if (deadline < 2 ** 31) timer = setTimeout(late, deadline);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
