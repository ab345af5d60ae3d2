// bform check: parses and checks a file and everything it uses, and what its models cost where that is limited; once, or each
// time it is saved.
import { Command, Option } from 'commander';
import { toJson } from '../../compiler/diagnostics/render.ts';
import { limitOptions, type OptionLimit, type OptionLimits } from '../budgets.ts';
import {
  CHECK_FORMATS,
  type Checked,
  type CheckFormat,
  checkFile,
  showChecked,
} from '../check-file.ts';
import type { Example } from '../examples.ts';
import { Reported, UsageError } from '../exit.ts';
import { fileAndModel, wholeNumber } from '../options.ts';
import { paint, say, talk } from '../streams.ts';
import { watchFiles } from '../watch-files.ts';

interface Options {
  readonly format: CheckFormat;
  readonly watch?: true;
  readonly maxParams?: OptionLimit;
  readonly maxActivated?: OptionLimit;
  readonly maxFlops?: OptionLimit;
  readonly maxMemory?: OptionLimit;
  readonly maxDispatches?: OptionLimit;
  readonly batch?: number;
  readonly seq?: number;
}

export const command = () => {
  const check = new Command('check')
    .description('check every layer, block and model of a file, and what its models may cost')
    .argument(
      '<file[:model]>',
      'a .bform file; the name of a model, for --max-... to be of it alone',
    )
    .addOption(
      new Option('--format <format>', 'sarif is for code scanning, github for GitHub Actions')
        .choices(CHECK_FORMATS)
        .default('text'),
    )
    .option('--watch', 'check again when the file, or one that it uses, is saved; Ctrl-C ends it')
    .option('--batch <b>', 'sequences at once, for the limits of --max-...', wholeNumber(1))
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .action(async (place: string, options: Options) => {
      const { file, model } = fileAndModel(place);
      const limits = limitsOf(options, model);
      if (options.watch) return watchFile(file, options.format, limits);
      const checked = await checkFile(file, limits);
      showChecked(checked, options.format);
      if (!checked.outcome.result) throw new Reported();
    });
  for (const option of limitOptions()) check.addOption(option);
  return check;
};

function limitsOf(options: Options, model: string | undefined): OptionLimits {
  const { maxParams, maxActivated, maxFlops, maxMemory, maxDispatches, batch, seq } = options;
  const given = [maxParams, maxActivated, maxFlops, maxMemory, maxDispatches];
  const limits = given.filter((limit) => limit !== undefined);
  if (limits.length === 0 && (batch !== undefined || seq !== undefined))
    throw new UsageError('--batch and --seq are sizes for --max-flops and other limits.');
  return { model, limits, batch, seq };
}

export const note = 'With --watch --json each check gives one line.';

export const examples: readonly Example[] = [
  ['bform check model.bform', 'every layer, block and model of a file'],
  ['bform check model.bform --watch', 'again each time that it is saved'],
  ['bform check model.bform --max-flops 2G --seq 512', 'what its models may cost'],
  ['bform check model.bform --format sarif > model.sarif', 'for code scanning'],
];

/** Ends with Ctrl-C, and then well. */
async function watchFile(file: string, format: CheckFormat, limits: OptionLimits): Promise<void> {
  if (format === 'sarif' || format === 'github')
    throw new UsageError(`--watch and --format ${format} exclude each other.`);
  const run = async () => {
    const start = performance.now();
    const checked = await checkFile(file, limits);
    const milliseconds = performance.now() - start;
    watch.follow(checked.files);
    // A line of JSON for each check.
    if (format === 'json')
      say(JSON.stringify({ diagnostics: toJson(checked.outcome.diagnostics) }));
    else showAgain(checked, milliseconds);
  };
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  // One after the other, however fast the file is saved.
  let last = Promise.resolve();
  const watch = watchFiles(() => {
    last = last.then(run);
  });
  try {
    await run();
    await interrupted;
  } finally {
    watch.close();
  }
}

/** The screen, and the cursor to its top; what was printed before stays to be scrolled to. */
const CLEAR = '\u001b[2J\u001b[H';

function showAgain(checked: Checked, milliseconds: number): void {
  const isTerminal = process.stdout.isTTY;
  if (isTerminal) process.stdout.write(CLEAR);
  showChecked(checked, 'text');
  if (!isTerminal) return;
  const time = new Date().toTimeString().slice(0, 8);
  const files = checked.files.size === 1 ? 'the file' : `${checked.files.size} files`;
  talk(
    paint('stderr').dim(
      `\n${time}: checked in ${milliseconds.toFixed(0)} ms. Watching ${files}; Ctrl-C ends.`,
    ),
  );
}
