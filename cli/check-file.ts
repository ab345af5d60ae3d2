// Checks files and the budgets of their models, and shows what was found, in the formats of `bform check`.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { check, type Outcome } from '../compiler/compile.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics, toJson } from '../compiler/diagnostics/render.ts';
import type { Program } from '../compiler/modules.ts';
import { checkBudgets, type OptionLimits } from './budgets.ts';
import { githubCommands } from './github-commands.ts';
import { sarifLog } from './sarif.ts';
import { openEntry } from './source-reader.ts';
import { inColor, say, sayJson, sayPart, talk } from './streams.ts';

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

export interface Checked {
  readonly path: string;
  /** The folder that paths are relative to. */
  readonly root: string;
  readonly outcome: Outcome<Program>;
  /** Every file of the user's that was read or looked for. */
  readonly files: ReadonlySet<string>;
}

/** A file, and what its models may cost. Throws `UsageError` for sizes that a model does not take. */
export async function checkFile(file: string, limits: OptionLimits): Promise<Checked> {
  const { path, root, reader } = openEntry(file);
  const files = new Set<string>();
  const read = (path: string) => {
    files.add(join(root, ...path.split('/')));
    return reader.read(path);
  };
  const outcome = check(path, { ...reader, read });
  return { path, root, outcome: await withBudgets(outcome, limits), files };
}

async function withBudgets(
  { diagnostics, result }: Outcome<Program>,
  limits: OptionLimits,
): Promise<Outcome<Program>> {
  if (!result) return { diagnostics, result };
  const found = await checkBudgets(result, limits);
  const isOver = found.some(({ severity }) => severity === 'error');
  return { diagnostics: [...diagnostics, ...found], result: isOver ? undefined : result };
}

/** Text goes to stderr, but for the line of a file that says that all is well; what programs read goes to stdout. */
export function showChecked(all: readonly Checked[], format: CheckFormat): void {
  const files = withoutRepeats(all);
  switch (format) {
    case 'json':
      sayJson(checkedJson(files));
      break;
    case 'sarif':
      sayJson(sarifLog(byRoot(files)));
      break;
    case 'github':
      for (const { root, outcome } of files)
        sayPart(githubCommands(outcome.diagnostics, (file) => pathFromHere(root, file)));
      break;
    case 'text':
      talkOf(files);
      for (const { path, outcome } of all) {
        const count = outcome.diagnostics.length;
        const warnings = count === 0 ? '' : `, warnings: ${count}`;
        if (outcome.result) say(`${path}: no errors${warnings}`);
      }
  }
}

/** The same whether files are checked once or watched. */
export const checkedJson = (files: readonly Checked[]) => ({
  diagnostics: withoutRepeats(files).flatMap(({ outcome }) => toJson(outcome.diagnostics)),
});

function talkOf(files: readonly Checked[]): void {
  const diagnostics = files.flatMap(({ outcome }) => outcome.diagnostics);
  if (diagnostics.length > 0) talk(renderDiagnostics(diagnostics, { color: inColor('stderr') }));
}

/** What is wrong with a file that several use is said once. */
function withoutRepeats(files: readonly Checked[]): Checked[] {
  const said = new Set<string>();
  return files.map((checked) => {
    const diagnostics = checked.outcome.diagnostics.filter((diagnostic) => {
      const key = JSON.stringify([checked.root, toJson([diagnostic])]);
      return !said.has(key) && said.add(key);
    });
    return { ...checked, outcome: { ...checked.outcome, diagnostics } };
  });
}

/** Diagnostics by the folder that their paths are relative to. */
function byRoot(files: readonly Checked[]): Map<string, Diagnostic[]> {
  const found = new Map<string, Diagnostic[]>();
  for (const { root, outcome } of files)
    found.set(root, [...(found.get(root) ?? []), ...outcome.diagnostics]);
  return found;
}

/** Files of the standard library keep the name that they have in the language. */
function pathFromHere(root: string, file: string): string {
  const full = join(root, ...file.split('/'));
  return existsSync(full) ? relative(process.cwd(), full) : file;
}
