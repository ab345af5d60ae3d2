// Checks one file and the budgets of its models, and shows what was found, in the formats of `bform check`.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { check, type Outcome } from '../compiler/compile.ts';
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

/** Text goes to stderr, but for the line that says that all is well; what programs read goes to stdout. */
export function showChecked({ path, root, outcome }: Checked, format: CheckFormat): void {
  const { diagnostics, result } = outcome;
  switch (format) {
    case 'json':
      sayJson({ diagnostics: toJson(diagnostics) });
      break;
    case 'sarif':
      sayJson(sarifLog(diagnostics, root));
      break;
    case 'github':
      sayPart(githubCommands(diagnostics, (file) => pathFromHere(root, file)));
      break;
    case 'text': {
      if (diagnostics.length > 0)
        talk(renderDiagnostics(diagnostics, { color: inColor('stderr') }));
      const warnings = diagnostics.length === 0 ? '' : `, warnings: ${diagnostics.length}`;
      if (result) say(`${path}: no errors${warnings}`);
    }
  }
}

/** Files of the standard library keep the name that they have in the language. */
function pathFromHere(root: string, file: string): string {
  const full = join(root, ...file.split('/'));
  return existsSync(full) ? relative(process.cwd(), full) : file;
}
