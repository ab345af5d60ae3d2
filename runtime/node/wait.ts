// Waits for the device without spinning. While a GPU promise is pending, Dawn polls from `setImmediate` without a pause,
// which takes a whole core away from a software adapter's own threads; so this sleeps between the polls.

/** Short work is polled for at once; sleeping costs it more than it gains. */
const SPIN_MILLISECONDS = 0.5;
const FIRST_SLEEP_MILLISECONDS = 0.1;
/** Longer sleeps would be noticed: nothing else runs on this thread meanwhile. */
const LONGEST_SLEEP_MILLISECONDS = 0.5;

const cell = new Int32Array(new SharedArrayBuffer(4));
const nextPoll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Settles as the promise does, which must be one of Dawn's. */
export async function waitPolitely<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  const start = performance.now();
  let sleep = FIRST_SLEEP_MILLISECONDS;
  for (await nextPoll(); !settled; await nextPoll()) {
    if (performance.now() - start < SPIN_MILLISECONDS) continue;
    Atomics.wait(cell, 0, 0, sleep);
    sleep = Math.min(LONGEST_SLEEP_MILLISECONDS, 1.5 * sleep);
  }
  return promise;
}
