// bform report: what models cost, in total and by layer, without running them.
import { Command, Option } from 'commander';
import { CONVENTIONS, type Convention } from '../../compiler/cost/conventions.ts';
import type { CostMode } from '../../compiler/cost/count-cost.ts';
import { alignedLines } from '../../compiler/report/aligned.ts';
import { comparisonOf } from '../../compiler/report/comparison.ts';
import { conventionJson, conventionText } from '../../compiler/report/convention.ts';
import { reportCsv } from '../../compiler/report/csv.ts';
import { formulasJson, formulasText } from '../../compiler/report/formulas.ts';
import { reportJson } from '../../compiler/report/json.ts';
import { reportMarkdown } from '../../compiler/report/markdown.ts';
import type { ModelReport, ReportDevice } from '../../compiler/report/model-report.ts';
import { byteText, compact, grouped } from '../../compiler/report/quantities.ts';
import { reportTable } from '../../compiler/report/table.ts';
import { rooflineOf } from '../../runtime/device-profile.ts';
import { limitOptions, type OptionLimit } from '../budgets.ts';
import { resolveDevice } from '../device-profiles.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { costFormulas } from '../open-parameters.ts';
import { argumentOf, auxiliaryOutputs, wholeNumber } from '../options.ts';
import { reportModel } from '../report-model.ts';
import { type Measures, type Solution, solve } from '../solve.ts';
import { paint, say } from '../streams.ts';
import { writeFiles } from '../write-files.ts';

const FORMATS = ['table', 'json', 'csv', 'markdown', 'html'] as const;
/** What `--solve` can be limited in. */
const SOLVED = ['memory', 'flops', 'params'] as const;
const MODES = ['forward', 'decode', 'train'] as const;

interface Options {
  readonly batch: number;
  readonly seq?: number;
  readonly mode: (typeof MODES)[number];
  readonly dtype: 'f32' | 'f16';
  readonly device?: string;
  readonly depth?: number;
  readonly exact: boolean;
  readonly symbolic: boolean;
  readonly open: readonly string[];
  readonly solve?: string;
  readonly maxMemory?: OptionLimit;
  readonly maxFlops?: OptionLimit;
  readonly maxParams?: OptionLimit;
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
  readonly convention: Convention;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

export const command = () => {
  const report = new Command('report')
    .description('count parameters, FLOPs, bytes and predicted time, in total and by layer')
    .argument('<file[:model]...>', '.bform files; of one with several models, the name of one')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 1)
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .addOption(
      new Option('--mode <mode>', 'all tokens at once, or one more where those before are kept')
        .choices(MODES)
        .default('forward'),
    )
    .addOption(
      new Option('--dtype <type>', 'how weights and activations are taken to be stored')
        .choices(['f32', 'f16'])
        .default('f32'),
    )
    .option(
      '--device <profile>',
      'predict times for it: `this` (after bform probe), a name of bform probe --list, a file',
    )
    .option('--depth <n>', 'fold layers deeper in the tree than this', wholeNumber(1))
    .option('--symbolic', 'print costs as formulas in b and t', false)
    .option(
      '--open <names>',
      'with --symbolic: parameters of the model to leave open, such as d,layers',
      (text: string) => text.split(','),
      [] as string[],
    )
    .option(
      '--solve <unknown>',
      'the largest seq, batch or parameter of the model within the limits of --max-...',
    )
    .option('--exact', 'all digits in the table', false)
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .addOption(
      new Option('--convention <name>', 'what is counted as FLOPs')
        .choices(CONVENTIONS)
        .default('exact'),
    )
    .addOption(
      new Option('--format <format>', 'for terminals, programs, spreadsheets, pages, browsers')
        .choices(FORMATS)
        .default('table'),
    )
    .option('-o, --output <file>', 'write it there instead of to standard output')
    .action(reportCosts);
  for (const option of limitOptions(SOLVED)) report.addOption(option);
  return report;
};

export const examples: readonly Example[] = [
  ['bform report model.bform', 'one sequence as long as the context of the model'],
  ['bform report small.bform large.bform --batch 8 --seq 512', 'side by side, at other sizes'],
  ['bform report model.bform --device this --mode decode', 'the time of one more token, here'],
  ['bform report model.bform --format html -o report.html', 'a page to look at'],
];

async function reportCosts(places: readonly string[], options: Options): Promise<void> {
  const { mode, convention } = options;
  if (mode === 'train')
    throw new UsageError(
      'There is no training yet, so its costs are not known: bform does not guess a backward run.',
    );
  if (convention !== 'exact' && mode !== 'forward')
    throw new UsageError(`The convention ${convention} is one of forward runs.`);
  if (options.symbolic || options.open.length > 0) return reportFormulas(places, options);
  if (options.solve !== undefined) return reportSolution(places, options.solve, mode, options);
  const device = options.device === undefined ? undefined : await deviceOf(options);
  const reports: ModelReport[] = [];
  for (const place of places)
    reports.push(await reportModel(place, { ...options, mode, stored: options.dtype, device }));
  await deliver(await written(reports, options), options);
}

async function reportFormulas(places: readonly string[], options: Options): Promise<void> {
  const { open, format, mode } = options;
  if (mode !== 'forward' || (format !== 'table' && format !== 'json'))
    throw new UsageError('Formulas are of a forward run, and written as a table or as JSON.');
  const costs = places.map((place) => costFormulas(place, options, open));
  await deliver(
    format === 'json'
      ? jsonText(costs.map((cost) => formulasJson(cost, open)))
      : costs.map((cost) => formulasText(cost, open, paint('stdout').bold)).join('\n'),
    options,
  );
}

async function reportSolution(
  places: readonly string[],
  unknown: string,
  mode: CostMode,
  options: Options,
): Promise<void> {
  const { maxMemory, maxFlops, maxParams, format } = options;
  const given = [maxMemory, maxFlops, maxParams].filter((limit) => limit !== undefined);
  if (given.length === 0)
    throw new UsageError('--solve needs a limit: --max-memory, --max-flops or --max-params.');
  const limits = Object.fromEntries(
    given.map(({ quantity, atMost }) => [quantity, Number(atMost)]),
  );
  const solutions: Solution[] = [];
  for (const place of places)
    solutions.push(
      await solve(
        place,
        { ...options, mode, stored: options.dtype, device: undefined },
        unknown,
        limits,
      ),
    );
  await deliver(
    format === 'json' ? jsonText(solutions) : solutions.map(solutionText).join('\n'),
    options,
  );
}

function solutionText({ model, unknown, value, at, next }: Solution): string {
  const line = ({ memory, flops, params }: Measures): string =>
    `${byteText(memory)} of memory, ${compact(flops)} FLOPs, ${compact(params)} parameters`;
  const lines = [`${model}: ${unknown} = ${grouped(value)}`, `  ${line(at)}`];
  if (next) lines.push(`  ${unknown} = ${grouped(next.value)} would take ${line(next.at)}`);
  else lines.push('  The model takes no more.');
  return `${lines.join('\n')}\n`;
}

async function deliver(text: string, { output }: Options): Promise<void> {
  if (output === undefined) say(text);
  else await writeFiles(new Map([[output, [Buffer.from(text)]]]));
}

async function deviceOf({ device, dtype }: Options): Promise<ReportDevice> {
  const profile = await resolveDevice(device!);
  return { name: profile.name, kind: profile.kind, roofline: rooflineOf(profile, dtype) };
}

async function written(reports: readonly ModelReport[], options: Options): Promise<string> {
  const { convention, depth, exact, format } = options;
  if (convention !== 'exact') return byConvention(reports, convention, format);
  const digits = exact ? 'exact' : 'short';
  switch (format) {
    case 'table':
      return reports.length === 1
        ? reportTable(reports[0]!, { depth, digits, strong: paint('stdout').bold })
        : sideBySide(reports);
    case 'json':
      return jsonText(reports.map((report) => reportJson(report, depth)));
    case 'csv':
      return reportCsv(reports, depth);
    case 'markdown':
      return reportMarkdown(reports, { depth, digits });
    case 'html': {
      const { htmlReport } = await import('../../compiler/report/html/html-report.ts');
      return htmlReport(reports, depth);
    }
  }
}

function sideBySide(reports: readonly ModelReport[]): string {
  const { titles, rows } = comparisonOf(reports);
  const lines = alignedLines({ titles, numeric: titles.map((_, at) => at > 0), rows });
  return `${lines.join('\n')}\n`;
}

function byConvention(
  reports: readonly ModelReport[],
  convention: Exclude<Convention, 'exact'>,
  format: Options['format'],
): string {
  if (format === 'json')
    return jsonText(reports.map(({ cost }) => conventionJson(cost, convention)));
  if (format !== 'table')
    throw new UsageError(`The convention ${convention} is written as a table or as JSON.`);
  return reports.map(({ cost }) => conventionText(cost, convention)).join('\n');
}

/** One model is an object, several are an array. */
const jsonText = (values: readonly unknown[]): string =>
  `${JSON.stringify(values.length === 1 ? values[0] : values, null, 2)}\n`;
