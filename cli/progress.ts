// Progress bars for work that takes longer than two seconds: on stderr, on a terminal only, gone at the end.
//
//   Evaluating ████████████████░░░░░░░░░░░░░░ 54% | 1234 tokens/s | 8 s left
import { Presets, SingleBar } from 'cli-progress';
import { threeDigits, withPrefix } from '../compiler/report/quantities.ts';
import type { LoadProgress } from '../runtime/load-progress.ts';

const PATIENCE_MS = 2000;
/** From here on the time that is left can be told, and a bar may come at once. */
const FIRST_LOOK_MS = 250;

export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** What is counted, in the plural: `tokens`; or `B` for bytes. */
export type Unit = string;

/** `what` stands before the bar: "Evaluating". Stop it whatever happens, or take `withProgress`. */
export function progressBar(what: string, unit: Unit = '', isWanted = true): Progress {
  if (!process.stderr.isTTY || !isWanted) return { update() {}, stop() {} };
  const start = performance.now();
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}%{rate} | {left} left`,
      barsize: Math.max(5, Math.min(30, (process.stderr.columns ?? 80) - what.length - 50)),
      clearOnComplete: true,
      // Otherwise a terminal is left without it when the process is killed.
      linewrap: true,
    },
    Presets.shades_classic,
  );
  return {
    update(done, total) {
      const passed = performance.now() - start;
      const needed = (passed * total) / done;
      if (bar.isActive) bar.update(done, facts(done, passed, needed, unit));
      else if (passed > PATIENCE_MS || (passed > FIRST_LOOK_MS && needed > PATIENCE_MS && done > 0))
        bar.start(total, done, facts(done, passed, needed, unit));
    },
    stop: () => bar.stop(),
  };
}

/** Does the work under a bar; `work` tells how far it is. */
export async function withProgress<Result>(
  what: string,
  unit: Unit,
  work: (update: Progress['update']) => Result | Promise<Result>,
): Promise<Result> {
  const bar = progressBar(what, unit);
  try {
    return await work(bar.update);
  } finally {
    bar.stop();
  }
}

/** How far a step is, as the runtime's `LoadProgress`, with the steps that only commands have. */
export interface StepProgress {
  readonly step: LoadProgress['step'] | 'convert' | 'write';
  readonly done: number;
  readonly total: number;
}

export type OnStep = (progress: StepProgress) => void;

const STEPS: Readonly<Record<StepProgress['step'], readonly [what: string, unit: Unit]>> = {
  read: ['Reading', 'B'],
  draw: ['Drawing weights', 'weights'],
  convert: ['Converting weights', 'weights'],
  compile: ['Compiling kernels', 'kernels'],
  upload: ['Uploading weights', 'B'],
  write: ['Writing', 'B'],
};

/** Does work of several steps, each under a bar of its own. */
export async function withStepBars<Result>(
  work: (onStep: OnStep) => Result | Promise<Result>,
): Promise<Result> {
  let shown: { readonly step: StepProgress['step']; readonly bar: Progress } | undefined;
  try {
    return await work(({ step, done, total }) => {
      if (shown?.step !== step) {
        shown?.bar.stop();
        shown = { step, bar: progressBar(...STEPS[step]) };
      }
      shown.bar.update(done, total);
    });
  } finally {
    shown?.bar.stop();
  }
}

function facts(done: number, passed: number, needed: number, unit: Unit) {
  const rate = (1000 * done) / passed;
  const perSecond = unit === 'B' ? withPrefix(rate, 'B/s') : `${threeDigits(rate)} ${unit}/s`;
  return { rate: unit === '' ? '' : ` | ${perSecond}`, left: timeText((needed - passed) / 1000) };
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function timeText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
