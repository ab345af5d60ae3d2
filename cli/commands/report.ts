// bform report: what a model costs, in total and by layer, before anything of it is compiled.
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Analysis, analyze, compile } from '../../compiler/compile.ts';
import { countCost } from '../../compiler/cost/count-cost.ts';
import { type CostTable, costJson, costTable } from '../../compiler/cost/format.ts';
import { peakBytes } from '../../compiler/schedule/plan-slots.ts';
import { resultOf } from '../diagnostics.ts';
import { UsageError } from '../exit.ts';
import { argumentOf, fileAndModel, wholeNumber } from '../options.ts';
import { openEntry } from '../source-reader.ts';
import { say, sayJson } from '../streams.ts';

interface Options {
  readonly batch: number;
  readonly seq?: number;
  readonly set: Readonly<Record<string, string>>;
  readonly format: 'table' | 'json';
}

export const command = () =>
  new Command('report')
    .description('count parameters, multiply-adds, FLOPs and bytes, in total and by layer')
    .argument('<file[:model]>', 'a .bform file; with several models, the name of one')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 1)
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .addOption(argumentOf('the model'))
    .addOption(
      new Option('--format <format>', 'a table for people, JSON for programs')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(report);

function report(argument: string, options: Options): void {
  const { file, model } = fileAndModel(argument);
  const { path, reader } = openEntry(file);
  const choice = { args: options.set, ...(model !== undefined && { model }) };
  const { result: compiled } = compile(path, reader, choice);
  // A model too large for the portable limits of a device has costs all the same, but no plan of memory.
  const analysis: Analysis =
    compiled ??
    resultOf(analyze(path, reader, choice), options.format === 'json' ? 'json' : 'text');
  const sizes = sizesOf(analysis, options);
  const peak = compiled && BigInt(peakBytes(compiled.schedule, sizes));
  const cost = countCost(analysis.graph, sizes, peak);
  if (options.format === 'json') sayJson(costJson(cost));
  else say(render(costTable(cost)));
}

function sizesOf({ graph }: Analysis, { batch, seq }: Options): Record<string, number> {
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

function render({ header, columns, rows, footer }: CostTable): string {
  const table = new Table({
    head: [...columns],
    colAligns: columns.map((_, at) => (at < 2 ? 'left' : 'right')),
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const row of rows) table.push([...row]);
  return [...header, table.toString(), ...footer, ''].join('\n');
}
