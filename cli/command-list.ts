// Every command with its line in `bform --help`, grouped by what one does with it. A command is added here in one line.
// Its file is loaded only when it runs: the compiler and Dawn take long to load, and the help needs neither.
import type { Command } from 'commander';
import type { Example } from './examples.ts';

/** What a file in commands/ exports. */
export interface CommandModule {
  readonly command: () => Command;
  /** What to know beside the options: a paragraph, shown below them. */
  readonly note?: string;
  /** Two to four, from the plainest on. */
  readonly examples: readonly Example[];
}

export interface ListedCommand {
  readonly name: string;
  /** Fits beside the name on a line of 80 columns. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

const list = (
  name: string,
  summary: string,
  load: () => Promise<CommandModule>,
): ListedCommand => ({ name, summary, load });

/** In the order of the help. */
export const GROUPS: Readonly<Record<string, readonly ListedCommand[]>> = {
  Write: [
    list('init', 'start a project that runs at once', () => import('./commands/init.ts')),
    list(
      'check',
      'find mistakes in a file, without compiling it',
      () => import('./commands/check.ts'),
    ),
    list('fmt', 'put files into the standard layout', () => import('./commands/fmt.ts')),
    list(
      'explain',
      'say what a code means, with a wrong and a right example',
      () => import('./commands/explain.ts'),
    ),
    list(
      'docs',
      'write the reference of modules, from their doc comments',
      () => import('./commands/docs.ts'),
    ),
  ],
  Inspect: [
    list(
      'report',
      'count parameters, FLOPs and bytes, in total and by layer',
      () => import('./commands/report.ts'),
    ),
    list('diff', 'show what changes from one model to another', () => import('./commands/diff.ts')),
    list(
      'print',
      'show what a stage of the compiler made of a file',
      () => import('./commands/print.ts'),
    ),
  ],
  Build: [
    list(
      'compile',
      'make a bundle: kernels, weights and a module to import',
      () => import('./commands/compile.ts'),
    ),
    list(
      'import',
      'make a model and a bundle of a Hugging Face folder',
      () => import('./commands/import.ts'),
    ),
    list(
      'export',
      'write a model as ONNX, for other programs',
      () => import('./commands/export.ts'),
    ),
  ],
  Run: [
    list('run', 'run a model once, JSON in, JSON out', () => import('./commands/run.ts')),
    list('generate', 'continue a text', () => import('./commands/generate.ts')),
    list('eval', 'measure how well a model predicts a text', () => import('./commands/eval.ts')),
    list(
      'verify',
      'hold a bundle on this device against float64',
      () => import('./commands/verify.ts'),
    ),
  ],
  Measure: [
    list(
      'probe',
      'measure how fast this adapter computes and moves bytes',
      () => import('./commands/probe.ts'),
    ),
    list(
      'profile',
      'time each kernel of a model, beside its prediction',
      () => import('./commands/profile.ts'),
    ),
    list(
      'doctor',
      'say what this machine can run, and what to install',
      () => import('./commands/doctor.ts'),
    ),
  ],
};

export const COMMANDS: readonly ListedCommand[] = Object.values(GROUPS).flat();
