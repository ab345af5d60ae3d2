// A progress bar for work that takes longer than two seconds, on a terminal only; nothing anywhere else.
import { Presets, SingleBar } from 'cli-progress';

const PATIENCE_MS = 2000;

export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** `what` stands before the bar: "Evaluating". The bar is on stderr and is gone at the end. */
export function progressBar(what: string): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar(
    { format: `${what} {bar} {percentage}% | {eta_formatted} left`, clearOnComplete: true },
    Presets.shades_classic,
  );
  const start = Date.now();
  return {
    update(done, total) {
      if (bar.isActive) bar.update(done);
      else if (Date.now() - start > PATIENCE_MS) bar.start(total, done);
    },
    stop: () => bar.stop(),
  };
}
