// bform init: starts a project that runs at once, from the files of templates/init. Replaces nothing that is there.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import type { Example } from '../examples.ts';
import { UserError } from '../exit.ts';
import { packageRoot, packageVersion } from '../package-root.ts';
import { give } from '../result.ts';
import { writeFiles } from '../write-files.ts';

export const command = () =>
  new Command('init')
    .description('start a project: a model, a README with what to run next, package.json')
    .argument('[folder]', 'where; made if it is not there', '.')
    .action(init);

export const note =
  'No file that is there is replaced: where one of those to be written is, nothing is written.';

export const examples: readonly Example[] = [
  ['bform init my-model', 'a new folder'],
  ['bform init', 'the current folder'],
];

async function init(folder: string): Promise<void> {
  const root = resolve(folder);
  const templates = join(packageRoot(), 'cli', 'templates', 'init');
  const names = readdirSync(templates).sort();
  checkFolder(folder, root, names.map(nameOf));
  const facts = { name: packageName(basename(root)), version: packageVersion() };
  const files = new Map(
    names.map((name) => {
      const text = filledIn(readFileSync(join(templates, name), 'utf8'), facts);
      return [join(root, nameOf(name)), [Buffer.from(text)]];
    }),
  );
  await writeFiles(files);
  give({ folder, files: names.map(nameOf) }, () => nextSteps(root, names.map(nameOf)));
}

/** npm leaves files out of packages that are called .gitignore. */
const nameOf = (template: string): string => (template === 'gitignore' ? '.gitignore' : template);

/** @throws {UserError} where a file would be replaced. */
function checkFolder(folder: string, root: string, names: readonly string[]): void {
  const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false });
  const stat = isThere(root);
  if (stat && !stat.isDirectory())
    throw new UserError(`${folder} is there already and is no folder.`);
  const found = stat ? names.filter((name) => isThere(join(root, name))) : [];
  if (found.length > 0)
    throw new UserError(
      `${folder} already has ${found.join(', ')}. Nothing was written: choose another folder, or move ${found.length === 1 ? 'it' : 'them'} away.`,
    );
}

const filledIn = (text: string, facts: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, key) => facts[key]!);

/** Names that npm refuses, or that it would take for the dependency itself. */
const TAKEN = new Set(['bform', 'node_modules', 'favicon.ico']);

/** A name that npm takes, close to that of the folder. */
export function packageName(folder: string): string {
  const plain = folder
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 100);
  if (plain === '') return 'my-model';
  return TAKEN.has(plain) ? `${plain}-model` : plain;
}

function nextSteps(root: string, names: readonly string[]): string {
  const from = relative(process.cwd(), root);
  const go = from === '' ? [] : [`  cd ${from}`];
  return [
    ...names.map((name) => join(from, name)),
    '',
    'Next:',
    ...go,
    '  npx bform check model.bform --watch',
    '  npx bform report model.bform',
  ].join('\n');
}
