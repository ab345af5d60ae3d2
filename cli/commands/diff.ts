// bform diff: what changes from one model to another, in structure and in cost.
import { Command, Option } from 'commander';
import { diffModels, type ModelDiff } from '../../compiler/report/diff.ts';
import { diffText } from '../../compiler/report/diff-text.ts';
import type { Example } from '../examples.ts';
import { argumentOf, auxiliaryOutputs, wholeNumber } from '../options.ts';
import { reportModel } from '../report-model.ts';
import { say, sayJson } from '../streams.ts';

interface Options {
  readonly batch: number;
  readonly seq?: number;
  readonly mode: 'forward' | 'decode';
  readonly depth?: number;
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
  readonly format: 'text' | 'json';
}

export const command = () =>
  new Command('diff')
    .description('show what changes from one model to another: structure, shapes, costs')
    .argument('<before[:model]>', 'a .bform file; of one with several models, the name of one')
    .argument('<after[:model]>', 'another, or another model of the same file')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 1)
    .option('--seq <t>', "tokens in each; the models' context by default", wholeNumber(1))
    .addOption(
      new Option('--mode <mode>', 'all tokens at once, or one more where those before are kept')
        .choices(['forward', 'decode'])
        .default('forward'),
    )
    .option('--depth <n>', 'fold layers deeper in the tree than this', wholeNumber(1))
    .addOption(argumentOf('the models'))
    .addOption(auxiliaryOutputs())
    .addOption(
      new Option('--format <format>', 'how to print the changes')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(diffCosts);

export const examples: readonly Example[] = [
  ['bform diff old.bform new.bform', 'two files'],
  ['bform diff model.bform:small model.bform:large --depth 2', 'two models of a file, in short'],
];

async function diffCosts(before: string, after: string, options: Options): Promise<void> {
  const request = { ...options, format: options.format };
  const reports = [await reportModel(before, request), await reportModel(after, request)] as const;
  const diff: ModelDiff = diffModels(reports[0], reports[1], options.depth);
  if (options.format === 'json') sayJson(diff);
  else say(diffText(diff));
}
