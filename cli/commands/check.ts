// bform check: parses and checks a file and everything it uses, without compiling; once, or each time it is saved.
import { Command, Option } from 'commander';
import { toJson } from '../../compiler/diagnostics/render.ts';
import {
  CHECK_FORMATS,
  type Checked,
  type CheckFormat,
  checkFile,
  showChecked,
} from '../check-file.ts';
import type { Example } from '../examples.ts';
import { Reported, UsageError } from '../exit.ts';
import { paint, say, talk } from '../streams.ts';
import { watchFiles } from '../watch-files.ts';

interface Options {
  readonly format: CheckFormat;
  readonly watch?: true;
}

export const command = () =>
  new Command('check')
    .description('check every layer, block and model of a file')
    .argument('<file>', 'a .bform file')
    .addOption(
      new Option('--format <format>', 'sarif is for code scanning, github for GitHub Actions')
        .choices(CHECK_FORMATS)
        .default('text'),
    )
    .option('--watch', 'check again when the file, or one that it uses, is saved; Ctrl-C ends it')
    .action(async (file: string, { format, watch }: Options) => {
      if (watch) return watchFile(file, format);
      const checked = checkFile(file);
      showChecked(checked, format);
      if (!checked.outcome.result) throw new Reported();
    });

export const note = 'With --watch --json each check gives one line.';

export const examples: readonly Example[] = [
  ['bform check model.bform', 'every layer, block and model of a file'],
  ['bform check model.bform --watch', 'again each time that it is saved'],
  ['bform check model.bform --json', 'the diagnostics as data'],
  ['bform check model.bform --format sarif > model.sarif', 'for code scanning'],
];

/** Ends with Ctrl-C, and then well. */
async function watchFile(file: string, format: CheckFormat): Promise<void> {
  if (format === 'sarif' || format === 'github')
    throw new UsageError(`--watch and --format ${format} exclude each other.`);
  const run = () => {
    const start = performance.now();
    const checked = checkFile(file);
    const milliseconds = performance.now() - start;
    watch.follow(checked.files);
    // A line of JSON for each check.
    if (format === 'json')
      say(JSON.stringify({ diagnostics: toJson(checked.outcome.diagnostics) }));
    else showAgain(checked, milliseconds);
  };
  const watch = watchFiles(run);
  const interrupted = new Promise<void>((resolve) => process.once('SIGINT', resolve));
  run();
  await interrupted;
  watch.close();
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
