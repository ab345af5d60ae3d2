// bform print: what a stage of the compiler made of a file.
import { Command, Option } from 'commander';
import type { AstFile } from '../../compiler/ast/ast.ts';
import { analyze, type Compilation, compile, load, modelHash } from '../../compiler/compile.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { printModel } from '../../compiler/model/print.ts';
import { printSchedule } from '../../compiler/schedule/print.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { argumentOf, auxiliaryOutputs, fileAndModel } from '../options.ts';
import { give } from '../result.ts';
import { openEntry } from '../source-reader.ts';

const STAGES = ['ast', 'model', 'graph', 'schedule', 'wgsl'] as const;

interface Options {
  readonly stage: (typeof STAGES)[number];
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
  readonly tracePasses?: true;
}

export const command = () =>
  new Command('print')
    .description('show what a stage of the compiler made of a file')
    .argument('<file[:model]>', 'a .bform file; with several models, the name of one')
    .addOption(new Option('--stage <stage>', 'which stage').choices(STAGES).makeOptionMandatory())
    .option('--trace-passes', 'with --stage graph: the graph as it was lowered and after each pass')
    .addOption(argumentOf('the model'))
    .addOption(auxiliaryOutputs())
    .action((argument: string, options: Options) => {
      const { text, data = { text } } = printed(argument, options);
      give({ stage: options.stage, ...data }, () => text);
    });

export const examples: readonly Example[] = [
  [
    'bform print --stage model model.bform',
    'the layers in the order in which they run, below the hash of the model',
  ],
  ['bform print --stage graph model.bform --set layers=2', 'the core operations'],
  [
    'bform print --stage graph --trace-passes model.bform',
    'what each pass of the compiler changes',
  ],
  ['bform print --stage wgsl model.bform', 'the kernels'],
];

interface Printed {
  readonly text: string;
  /** For programs, where there is more to have than the text. */
  readonly data?: Readonly<Record<string, unknown>>;
}

function printed(argument: string, { stage, set, auxiliary, tracePasses }: Options): Printed {
  if (tracePasses && stage !== 'graph')
    throw new UsageError('--trace-passes shows graphs: it goes with --stage graph.');
  const { file, model } = fileAndModel(argument);
  const { path, reader } = openEntry(file);
  const choice = {
    args: set,
    auxiliary,
    ...(model !== undefined && { model }),
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
  };
  switch (stage) {
    case 'ast': {
      const text = treeText(resultOf(load(path, reader)).entry.ast);
      return { text, data: { tree: JSON.parse(text) } };
    }
    case 'model': {
      const { model } = resultOf(analyze(path, reader, choice));
      // Duplicates are known by their hash.
      const [hash, text] = [modelHash(model), printModel(model)];
      return { text: `hash ${hash}\n${text}`, data: { hash, text } };
    }
    case 'graph': {
      const passes: { readonly pass: string; readonly text: string }[] = [];
      const tracePass = (pass: string, graph: Graph) =>
        passes.push({ pass, text: printGraph(graph) });
      const traced = { ...choice, ...(tracePasses && { tracePass }) };
      const text = printGraph(resultOf(analyze(path, reader, traced)).graph);
      if (!tracePasses) return { text };
      return {
        text: passes.map(({ pass, text }) => `// ${pass}\n${text}`).join('\n'),
        data: { text, passes },
      };
    }
    case 'schedule':
      return { text: printSchedule(resultOf(compile(path, reader, choice)).schedule) };
    case 'wgsl': {
      const kernels = kernelsOf(resultOf(compile(path, reader, choice)));
      return { text: kernels.map(kernelText).join('\n'), data: { kernels } };
    }
  }
}

/** As JSON, without places in the source. */
const treeText = (tree: AstFile): string =>
  JSON.stringify(tree, (key, value) => (key === 'span' ? undefined : value), 2);

interface PrintedKernel {
  readonly file: string;
  /** Of the dispatches that run it. */
  readonly runs: readonly string[];
  readonly text: string;
}

/** Every kernel once. */
function kernelsOf({ kernels, dispatches }: Compilation): PrintedKernel[] {
  return kernels.map((kernel) => {
    const labels = [...dispatches.values()]
      .filter((dispatch) => dispatch.kernel === kernel)
      .map(({ label }) => label);
    return { file: `kernels/${kernel.id}.wgsl`, runs: [...new Set(labels)], text: kernel.text };
  });
}

const kernelText = ({ file, runs, text }: PrintedKernel): string =>
  `// ${file} runs\n${runs.map((label) => `//   ${label}\n`).join('')}${text}`;
