// Ctrl-C, SIGTERM and SIGHUP. A command that leaves nothing behind needs no care: the system ends the process at once,
// also in the middle of a long computation or of a shader that never ends. One that writes files has to remove those
// that are not whole, so its work must let the event loop turn: files are written in pieces, asynchronously.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does the work, then cleans up, also where a signal ends the process meanwhile (exit code 130, 143 or 129 in a shell). */
export async function cleaningUp<T>(cleanUp: () => void, work: () => Promise<T>): Promise<T> {
  const interrupted = (signal: NodeJS.Signals) => {
    try {
      cleanUp();
    } finally {
      endBy(signal);
    }
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    cleanUp();
  }
}

/** As if the signal had never been caught: at once, without what libraries do at an exit, which may hang. */
function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
