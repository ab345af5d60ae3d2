// bform check: parses and checks files and everything they use, and what their models cost where that is limited; once, or each
// time that one is saved.
import { statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { limitOptions, type OptionLimit, type OptionLimits } from '../budgets.ts';
import {
  CHECK_FORMATS,
  type Checked,
  type CheckFormat,
  checkedJson,
  checkFile,
  showChecked,
} from '../check-file.ts';
import type { Example } from '../examples.ts';
import { Reported, UsageError } from '../exit.ts';
import { fileAndModel, wholeNumber } from '../options.ts';
import { sourceFiles } from '../source-files.ts';
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
    .description('check every layer, block and model of files, and what their models may cost')
    .argument(
      '<file[:model]...>',
      '.bform files, and folders of them; the name of a model, for --max-... to be of it alone',
    )
    .addOption(
      new Option('--format <format>', 'sarif is for code scanning, github for GitHub Actions')
        .choices(CHECK_FORMATS)
        .default('text'),
    )
    .option('--watch', 'check again when a file, or one that it uses, is saved; Ctrl-C ends it')
    .option('--batch <b>', 'sequences at once, for the limits of --max-...', wholeNumber(1))
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .action(async (places: readonly string[], options: Options) => {
      const files = places.flatMap(filesOf).map((place) => askedOf(place, options));
      if (options.watch) return watchThem(files, options.format);
      const checked = await checkAll(files);
      showChecked(checked, options.format);
      if (checked.some(({ outcome }) => !outcome.result)) throw new Reported();
    });
  for (const option of limitOptions()) check.addOption(option);
  return check;
};

/** Of a folder all files, as `bform fmt` takes them. */
const filesOf = (place: string): readonly string[] =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() ? sourceFiles([place]) : [place];

interface Asked {
  readonly file: string;
  readonly limits: OptionLimits;
}

function askedOf(place: string, options: Options): Asked {
  const { file, model } = fileAndModel(place);
  return { file, limits: limitsOf(options, model) };
}

async function checkAll(files: readonly Asked[]): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const { file, limits } of files) checked.push(await checkFile(file, limits));
  return checked;
}

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
  ['bform check examples/*/model.bform', 'every layer, block and model of some files'],
  ['bform check model.bform --watch', 'again each time that it is saved'],
  ['bform check model.bform --max-flops 2G --seq 512', 'what its models may cost'],
  ['bform check model.bform --format sarif > model.sarif', 'for code scanning'],
];

/** Ends with Ctrl-C, and then well. */
async function watchThem(files: readonly Asked[], format: CheckFormat): Promise<void> {
  if (format === 'sarif' || format === 'github')
    throw new UsageError(`--watch and --format ${format} exclude each other.`);
  const run = async () => {
    const start = performance.now();
    const checked = await checkAll(files);
    const milliseconds = performance.now() - start;
    watch.follow(new Set(checked.flatMap(({ files }) => [...files])));
    // A line of JSON for each check.
    if (format === 'json') say(JSON.stringify(checkedJson(checked)));
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

function showAgain(checked: readonly Checked[], milliseconds: number): void {
  const isTerminal = process.stdout.isTTY;
  if (isTerminal) process.stdout.write(CLEAR);
  showChecked(checked, 'text');
  if (!isTerminal) return;
  const time = new Date().toTimeString().slice(0, 8);
  const { size } = new Set(checked.flatMap(({ files }) => [...files]));
  const files = size === 1 ? 'the file' : `${size} files`;
  talk(
    paint('stderr').dim(
      `\n${time}: checked in ${milliseconds.toFixed(0)} ms. Watching ${files}; Ctrl-C ends.`,
    ),
  );
}
