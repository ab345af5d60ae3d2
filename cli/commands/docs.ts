// bform docs: the reference of modules, from their doc comments, as Markdown or HTML.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Outcome } from '../../compiler/compile.ts';
import type { Program } from '../../compiler/modules.ts';
import { resultOf } from '../diagnostics.ts';
import { publicItems } from '../docs/module-doc.ts';
import { type DocsFormat, type DocumentedModule, MADE_BY, marked, pagesOf } from '../docs/pages.ts';
import {
  checkModule,
  documentModule,
  type ModuleSource,
  moduleSources,
} from '../docs/read-module.ts';
import type { Example } from '../examples.ts';
import { UsageError, UserError } from '../exit.ts';
import { withProgress } from '../progress.ts';
import { say, sayJson } from '../streams.ts';
import { checkFileTarget, writeFiles } from '../write-files.ts';

interface Options {
  readonly output?: string;
  readonly format: DocsFormat | 'json';
  readonly link?: string;
  readonly costs: boolean;
}

export const command = () =>
  new Command('docs')
    .description('write the reference of modules, from their doc comments')
    .argument(
      '<modules...>',
      '.bform files, or files of the standard library: std.attention; std for all',
    )
    .option('-o, --output <folder>', 'where the pages go; without, one module is printed')
    .addOption(
      new Option('--format <format>', 'of the pages; json prints what they are made of')
        .choices(['markdown', 'html', 'json'])
        .default('markdown'),
    )
    .option('--link <url>', 'where the current folder is on the web, for links to the source')
    .option('--no-costs', 'leave out what declarations cost: quicker for large modules')
    .action(writeDocs);

export const examples: readonly Example[] = [
  ['bform docs std.attention', 'a part of the standard library, to read here'],
  ['bform docs model.bform -o docs', 'docs/model.md'],
  [
    'bform docs layers.bform model.bform -o site --format html',
    'pages for the web, and their list',
  ],
];

async function writeDocs(words: readonly string[], options: Options): Promise<void> {
  const { output, format, link, costs } = options;
  const found = words.flatMap(moduleSources).map((source) => [source.file, source] as const);
  const sources = [...new Map(found).values()];
  if (format === 'json' && output !== undefined)
    throw new UsageError('JSON is printed, so -o goes with pages alone.');
  if (format !== 'json' && output === undefined && sources.length > 1)
    throw new UsageError(
      `${sources.length} modules do not go on one page: say where with -o FOLDER.`,
    );
  if (output !== undefined) checkFolder(output);
  const modules = await documented(resultOf(checkAll(sources)), costs);
  if (format === 'json')
    return sayJson({
      modules: modules.map(({ source, doc }) => ({ title: source.title, ...doc })),
    });
  const pages = pagesOf(modules, { format, output: output ?? '.', link });
  if (output === undefined) return say([...pages.values()].join(''));
  for (const file of pages.keys()) checkPage(file);
  await writeFiles(new Map([...pages].map(([file, text]) => [file, [Buffer.from(marked(text))]])));
  say([...pages.keys()].join('\n'));
}

interface Checked {
  readonly source: ModuleSource;
  readonly program: Program;
}

/** All modules, or all that is wrong with any. */
function checkAll(sources: readonly ModuleSource[]): Outcome<readonly Checked[]> {
  const checked = sources.map((source) => ({ source, outcome: checkModule(source) }));
  const sound = checked.flatMap(({ source, outcome: { result } }) =>
    result ? [{ source, program: result }] : [],
  );
  return {
    // Warnings are for who writes the module.
    diagnostics: checked
      .flatMap(({ outcome }) => outcome.diagnostics)
      .filter(({ severity }) => severity === 'error'),
    result: sound.length === sources.length ? sound : undefined,
  };
}

function documented(modules: readonly Checked[], costs: boolean): Promise<DocumentedModule[]> {
  const total = modules.flatMap(({ program }) => publicItems(program.entry)).length;
  let done = 0;
  return withProgress('Counting', 'declarations', (update) => {
    const onItem = () => update(++done, total);
    return modules.map(({ source, program }) => ({
      source,
      doc: documentModule(source, program, { costs, onItem }),
    }));
  });
}

function checkFolder(output: string): void {
  if (existsSync(output) && !statSync(output).isDirectory())
    throw new UserError(`${output} is there already and is no folder.`);
}

/** A page that a person wrote is left alone. */
function checkPage(file: string): void {
  checkFileTarget(file);
  if (existsSync(file) && !readFileSync(file, 'utf8').slice(0, 200).includes(MADE_BY))
    throw new UserError(
      `${file} is there already and is not from bform docs. Choose another folder.`,
    );
}
