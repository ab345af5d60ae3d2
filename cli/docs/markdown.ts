// A module's documentation as Markdown: a section for each layer, block, order and model.
import { costSentence } from './cost-formulas.ts';
import { firstSentence } from './doc-text.ts';
import type { ItemDoc, ModuleDoc, OutputDoc, ParamDoc, ShapeDoc, WeightDoc } from './module-doc.ts';
import type { ListedPage } from './pages.ts';

export interface PageOptions {
  /** The address of a line of the source. */
  readonly source: (line: number) => string;
}

/** A page of one module. */
export function markdownPage(title: string, doc: ModuleDoc, options: PageOptions): string {
  const contents = doc.items.map(
    ({ kind, name, doc }) =>
      `- ${kind} [${code(name)}](#${name.toLowerCase()})${after(': ', firstSentence(doc))}`,
  );
  return blocks([
    `# ${title}`,
    doc.about,
    contents.join('\n'),
    ...doc.items.map((item) => markdownItem(item, { ...options, level: 2 })),
  ]);
}

/** The page that leads to those of several modules. */
export const markdownListPage = (pages: readonly ListedPage[]): string =>
  blocks([
    '# Modules',
    pages
      .map(({ title, page, doc }) => {
        const names = doc.items.map(({ name }) => `[${code(name)}](${page}#${name.toLowerCase()})`);
        return `- [${title}](${page})${after(': ', firstSentence(doc.about))}\n  ${names.join(' · ')}`;
      })
      .join('\n'),
  ]);

export interface ItemOptions extends PageOptions {
  /** Of the heading. */
  readonly level: number;
}

/** The section of one item; ends without a line break. */
export function markdownItem(item: ItemDoc, { source, level }: ItemOptions): string {
  return blocks([
    `${'#'.repeat(level)} ${item.name}`,
    `${item.kind}, [source](${source(item.line)})`,
    fenced(item.signature),
    item.doc,
    paramTable(item.params),
    factList(item),
    item.body.length > 0 ? fenced(item.body.join('\n')) : '',
    weightTable(item.weights),
    outputList(item.outputs),
  ]).trimEnd();
}

function paramTable(params: readonly ParamDoc[]): string {
  if (params.every(({ doc }) => doc === '')) return '';
  return table(
    ['parameter', 'type', 'default', ''],
    params.map(({ name, type, default: given, doc }) => [
      code(name),
      code(type),
      given === undefined ? 'must be given' : code(given),
      doc,
    ]),
  );
}

/** What the signature does not show. */
function factList({ kind, inputs, output, settings, budget, cost }: ItemDoc): string {
  const named = ({ name, shape }: ShapeDoc) => code(`${name}: ${shape}`);
  const isShown = kind === 'layer' || kind === 'router' || output === undefined;
  return [
    ...(isShown ? [] : [`- takes ${inputs.map(named).join(', ')}, gives ${code(output)}`]),
    ...(settings.length > 0 ? [`- sets ${settings.map(named).join(', ')}`] : []),
    ...(budget.length > 0 ? [`- may cost ${budget.map(code).join(', ')}`] : []),
    ...(cost ? [`- ${costSentence(cost, code)}`] : []),
  ].join('\n');
}

function weightTable(weights: readonly WeightDoc[]): string {
  if (weights.length === 0) return '';
  return table(
    ['weight', 'shape', 'begins as', ''],
    weights.map(({ name, shape, init, doc }) => [code(name), code(shape), code(init), doc]),
  );
}

const outputList = (outputs: readonly OutputDoc[]): string =>
  outputs.map(({ kind, name, doc }) => `- ${kind} ${code(name)}${after(': ', doc)}`).join('\n');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

/** As code, whatever backticks it holds. */
function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  return fence.length === 1 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

const longestRun = (text: string): number =>
  Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));

const after = (sign: string, text: string): string => (text === '' ? '' : `${sign}${text}`);

/** With an empty line between; ends with a line break. */
const blocks = (parts: readonly string[]): string =>
  `${parts.filter((part) => part !== '').join('\n\n')}\n`;
