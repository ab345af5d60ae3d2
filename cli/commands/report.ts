// bform report: what a model costs, in total and by layer, without a device.
import { Command, Option } from 'commander';
import { cost, type Plan, plan } from '../../compiler/compile.ts';
import { CONVENTIONS, type Convention } from '../../compiler/cost/conventions.ts';
import { costJson, costText } from '../../compiler/cost/format.ts';
import { conventionJson, conventionText } from '../../compiler/cost/format-convention.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { argumentOf, auxiliaryOutputs, fileAndModel, wholeNumber } from '../options.ts';
import { openEntry } from '../source-reader.ts';
import { say, sayJson } from '../streams.ts';

interface Options {
  readonly batch: number;
  readonly seq?: number;
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
  readonly convention: Convention;
  readonly format: 'table' | 'json';
}

export const command = () =>
  new Command('report')
    .description('count parameters, multiply-adds, FLOPs and bytes, in total and by layer')
    .argument('<file[:model]>', 'a .bform file; with several models, the name of one')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 1)
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .addOption(
      new Option('--convention <name>', 'what is counted as FLOPs')
        .choices(CONVENTIONS)
        .default('exact'),
    )
    .addOption(
      new Option('--format <format>', 'a table for people, JSON for programs')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(reportCosts);

export const examples: readonly Example[] = [
  ['bform report model.bform', 'one sequence as long as the context of the model'],
  ['bform report model.bform --batch 8 --seq 512', 'other sizes'],
  [
    'bform report model.bform:large --set layers=24',
    'one of several models, deeper than it is written',
  ],
  ['bform report model.bform --format json | jq .params.total', 'one figure, for a script'],
];

function reportCosts(argument: string, options: Options): void {
  const { file, model } = fileAndModel(argument);
  const { path, reader } = openEntry(file);
  const planned = resultOf(
    plan(path, reader, {
      args: options.set,
      auxiliary: options.auxiliary,
      // A model has its costs also where no device could bind its weights.
      maxBindingBytes: Number.MAX_SAFE_INTEGER,
      ...(model !== undefined && { model }),
    }),
  );
  const costs = cost(planned, sizesOf(planned, options));
  const { convention } = options;
  if (options.format === 'json')
    sayJson(convention === 'exact' ? costJson(costs) : conventionJson(costs, convention));
  else say(convention === 'exact' ? costText(costs) : conventionText(costs, convention));
}

function sizesOf({ graph }: Plan, { batch, seq }: Options): Record<string, number> {
  return Object.fromEntries(
    graph.symbols.map(({ name, min, max }) => {
      const value = name === 'b' ? batch : name === 't' ? (seq ?? max ?? 128) : min;
      if (value >= min && value <= (max ?? value)) return [name, value];
      throw new UsageError(
        `${name} = ${value} is outside the model's limits: ${min} to ${max ?? 'any'}.`,
      );
    }),
  );
}
