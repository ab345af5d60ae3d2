// The pages of a reference: one for each module, and a list of them where there are several. Gives their places and texts;
// writes nothing.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../exit.ts';
import { htmlListPage, htmlPage } from './html.ts';
import { markdownListPage, markdownPage } from './markdown.ts';
import type { ModuleDoc } from './module-doc.ts';
import type { ModuleSource } from './read-module.ts';

/** What every page that is written has in its first lines: nothing else is replaced. */
export const MADE_BY = '<!-- Made by `bform docs`. -->';

export type DocsFormat = 'markdown' | 'html';

export interface DocumentedModule {
  readonly source: ModuleSource;
  readonly doc: ModuleDoc;
}

export interface PagesOptions {
  readonly format: DocsFormat;
  /** The folder that the pages go to. */
  readonly output: string;
  /** Where the current folder is on the web; without, links to the source are relative to the page. */
  readonly link: string | undefined;
}

const FORMATS = {
  markdown: { ending: 'md', list: 'README.md', page: markdownPage, listPage: markdownListPage },
  html: { ending: 'html', list: 'index.html', page: htmlPage, listPage: htmlListPage },
} as const;

/** A line of the list. */
export interface ListedPage {
  readonly title: string;
  readonly page: string;
  readonly doc: ModuleDoc;
}

/** Texts by the paths of their files. @throws {UserError} where a module's page would be that of the list. */
export function pagesOf(
  modules: readonly DocumentedModule[],
  { format, output, link }: PagesOptions,
): Map<string, string> {
  const { ending, list, page, listPage } = FORMATS[format];
  const base = commonFolder(modules.map(({ source }) => source.file));
  const named = modules.map(({ source, doc }) => {
    const name = relative(base, source.file).replace(/\.bform$/, '');
    return { source, doc, name: `${slashes(name)}.${ending}` };
  });
  const pages = new Map(
    named.map(({ source, doc, name }) => {
      const file = join(output, name);
      const address = link === undefined ? fromPage(file, source) : onTheWeb(link, source);
      const options = { source: (line: number) => `${address}#L${line}` };
      return [file, page(source.title, doc, options)];
    }),
  );
  if (modules.length === 1) return pages;
  const listFile = join(output, list);
  if (pages.has(listFile))
    throw new UserError(`${listFile} would be a module's page and the list.`);
  const entries = named.map(
    ({ source, doc, name }): ListedPage => ({ title: source.title, doc, page: encodeURI(name) }),
  );
  return pages.set(listFile, listPage(entries));
}

/** With the line by which it is known, behind the type of the document, which must come first in HTML. */
export const marked = (page: string): string =>
  page.replace(/^(<!doctype html>\n)?/, `$1${MADE_BY}\n`);

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!);
  while (!files.every((file) => dirname(file) === folder || file.startsWith(inside(folder))))
    folder = dirname(folder);
  return folder;
}

const inside = (folder: string): string => (folder.endsWith(sep) ? folder : folder + sep);

const slashes = (path: string): string => path.split(sep).join('/');

const fromPage = (page: string, { file }: ModuleSource): string =>
  encodeURI(slashes(relative(resolve(dirname(page)), file)));

const onTheWeb = (link: string, { file }: ModuleSource): string =>
  `${link.replace(/\/$/, '')}/${encodeURI(slashes(relative(process.cwd(), file)))}`;
