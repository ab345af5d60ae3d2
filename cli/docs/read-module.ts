// Which modules `bform docs` was asked for: files of the user's, or of the standard library by their names (`std.attention`,
// all of them with `std`). Reads them; says nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { check, type Outcome } from '../../compiler/compile.ts';
import { suggest } from '../../compiler/diagnostics/suggest.ts';
import type { Program, SourceReader } from '../../compiler/modules.ts';
import { UserError } from '../exit.ts';
import { packageRoot } from '../package-root.ts';
import { openEntry, sourceReader } from '../source-reader.ts';
import { costFormulas } from './cost-formulas.ts';
import { describeModule, type ModuleDoc } from './module-doc.ts';

export interface ModuleSource {
  /** How it is called on its page: its path, or `std.attention`. */
  readonly title: string;
  /** Where it is, in full. */
  readonly file: string;
  readonly path: string;
  readonly reader: SourceReader;
}

const library = (): string => join(packageRoot(), 'stdlib');

/** @throws {UserError} where the library has no such file. */
export function moduleSources(word: string): ModuleSource[] {
  if (!/^std(\.\w+)*$/.test(word))
    return [{ title: word, file: resolve(word), ...openEntry(word) }];
  const sources = libraryPaths().map(librarySource);
  if (word === 'std') return sources;
  const found = sources.find(({ title }) => title === word);
  if (!found) throw new UserError(`The library has no file ${word}.${hint(word, sources)}`);
  return [found];
}

/** The files of the standard library below its folder, with forward slashes, in order. */
export const libraryPaths = (): string[] =>
  readdirSync(library(), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.bform'))
    .sort();

export const librarySource = (path: string): ModuleSource => ({
  title: `std.${path.replace(/\.bform$/, '').replaceAll('/', '.')}`,
  file: join(library(), ...path.split('/')),
  path,
  reader: sourceReader(library()),
});

export const checkModule = ({ path, reader }: ModuleSource): Outcome<Program> =>
  check(path, reader);

/** A module that was checked, with what its declarations cost unless that is not asked for. Calls `onItem` after each. */
export function documentModule(
  { path, reader }: ModuleSource,
  { entry }: Program,
  { costs, onItem }: { readonly costs: boolean; readonly onItem?: () => void },
): ModuleDoc {
  return describeModule(entry, (item) => {
    const cost = costs ? costFormulas(item, path, reader) : undefined;
    onItem?.();
    return cost;
  });
}

/** The file that declares what may have been meant, else one of a similar name. */
function hint(word: string, sources: readonly ModuleSource[]): string {
  const name = word.slice(word.lastIndexOf('.') + 1);
  const declares = new RegExp(`^(layer|block|order|model) ${name}\\b`, 'm');
  const file = sources.find((source) => declares.test(readFileSync(source.file, 'utf8')));
  if (file) return ` \`${name}\` is in ${file.title}.`;
  const near = suggest(
    word,
    sources.map(({ title }) => title),
  );
  return near ? ` Did you mean ${near}?` : ' `bform docs std` has all.';
}
