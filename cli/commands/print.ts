// bform print: what a stage of the compiler made of a file.
import { Command, Option } from 'commander';
import type { AstFile } from '../../compiler/ast/ast.ts';
import { analyze, type Compilation, compile, load, modelHash } from '../../compiler/compile.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import type { Model } from '../../compiler/model/model.ts';
import { printModel } from '../../compiler/model/print.ts';
import { printSchedule } from '../../compiler/schedule/print.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { argumentOf, auxiliaryOutputs, fileAndModel } from '../options.ts';
import { openEntry } from '../source-reader.ts';
import { say } from '../streams.ts';

const STAGES = ['ast', 'model', 'graph', 'schedule', 'wgsl'] as const;

interface Options {
  readonly stage: (typeof STAGES)[number];
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
}

export const command = () =>
  new Command('print')
    .description('show what a stage of the compiler made of a file')
    .argument('<file[:model]>', 'a .bform file; with several models, the name of one')
    .addOption(new Option('--stage <stage>', 'which stage').choices(STAGES).makeOptionMandatory())
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .action((argument: string, options: Options) => say(stageText(argument, options)));

export const examples: readonly Example[] = [
  [
    'bform print --stage model model.bform',
    'the layers in the order in which they run, below the hash of the model',
  ],
  ['bform print --stage graph model.bform --set layers=2', 'the core operations'],
  ['bform print --stage wgsl model.bform', 'the kernels'],
];

function stageText(argument: string, { stage, set, auxiliary }: Options): string {
  const { file, model } = fileAndModel(argument);
  const { path, reader } = openEntry(file);
  const choice = {
    args: set,
    auxiliary,
    ...(model !== undefined && { model }),
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
  };
  switch (stage) {
    case 'ast':
      return treeText(resultOf(load(path, reader)).entry.ast);
    case 'model':
      return modelText(resultOf(analyze(path, reader, choice)).model);
    case 'graph':
      return printGraph(resultOf(analyze(path, reader, choice)).graph);
    case 'schedule':
      return printSchedule(resultOf(compile(path, reader, choice)).schedule);
    case 'wgsl':
      return kernelsText(resultOf(compile(path, reader, choice)));
  }
}

/** Below the hash by which duplicates are known. */
const modelText = (model: Model): string => `hash ${modelHash(model)}\n${printModel(model)}`;

/** As JSON, without places in the source. */
const treeText = (tree: AstFile): string =>
  JSON.stringify(tree, (key, value) => (key === 'span' ? undefined : value), 2);

/** Every kernel once, under the names of the dispatches that run it. */
function kernelsText({ kernels, dispatches }: Compilation): string {
  return kernels
    .map((kernel) => {
      const labels = [...dispatches.values()]
        .filter((dispatch) => dispatch.kernel === kernel)
        .map(({ label }) => `//   ${label}\n`);
      return `// kernels/${kernel.id}.wgsl runs\n${[...new Set(labels)].join('')}${kernel.text}`;
    })
    .join('\n');
}
