// Checks every declaration of the entry file, used or not: models with their defaults, the others generically.
// Bounded in all: past a share of work the rest is let pass, as it is when a model that uses it is compiled.
import type { Input, Item, Param } from '../ast/ast.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Program } from '../modules.ts';
import { expansionWork } from './budget.ts';
import { FUNCTION_NAMES } from './builtins/names.ts';
import { checkGenerically, placeholder } from './check-generically.ts';
import type { Env } from './context.ts';
import { elaborateModel } from './elaborate.ts';
import { LIMITS } from './limits.ts';
import { mistake, quoted, warn } from './mistake.ts';
import { startRun, topEnv, untilStopped, withoutRepetition } from './run.ts';
import type { BoundValue } from './value.ts';

/** Reports the mistakes of all layers, blocks and models of the entry file, each once. */
export function checkProgram(program: Program, report: Report): void {
  const once = withoutRepetition(report);
  let work = 0;
  for (const item of program.entry.ast.items) {
    checkNames(program, item, once);
    if (work >= LIMITS.checking) continue;
    work +=
      item.kind === 'model'
        ? checkModel(program, item, once)
        : checkGenerically(program, item, once);
  }
}

function checkModel(
  program: Program,
  item: Extract<Item, { kind: 'model' }>,
  report: Report,
): number {
  const isComplete = item.params.every((param) => param.default);
  const env = topEnv(startRun(program, !isComplete, report), program.entry, item.name.text, item);
  const args = new Map<string, BoundValue>();
  for (const param of item.params) {
    if (!param.default) args.set(param.name.text, { value: placeholder(param), span: param.span });
  }
  untilStopped(() => elaborateModel(env, item, args));
  if (!isComplete) warnOfBudget(env, item);
  return expansionWork(env.run);
}

/** A model with parameters that have no defaults has no cost yet. */
function warnOfBudget(env: Env, { name, params, budgets }: Extract<Item, { kind: 'model' }>): void {
  const open = params.filter((param) => !param.default).map((param) => param.name.text);
  for (const { span } of budgets) {
    const message = `the budget of \`${name.text}\` is not checked: ${quoted(open)} has no default`;
    warn(env, 'BF2073', message, span);
  }
}

/** Names that the language itself has, and parameters and inputs of one name. */
function checkNames(program: Program, item: Item, report: Report): void {
  const env = topEnv(startRun(program, true, report), program.entry, item.name.text, item);
  if (FUNCTION_NAMES.includes(item.name.text)) {
    mistake(env, 'BF2010', `\`${item.name.text}\` is a function of the language`, item.name.span, {
      hint: 'give it another name',
    });
  }
  const seen = new Map<string, Input | Param>();
  const inputs = 'inputs' in item ? (item.inputs ?? []) : [];
  for (const declared of [...item.params, ...inputs]) {
    const first = seen.get(declared.name.text);
    if (!first) seen.set(declared.name.text, declared);
    else {
      mistake(env, 'BF2010', `\`${declared.name.text}\` is declared twice`, declared.name.span, {
        related: [{ span: first.name.span, message: 'first declared here' }],
      });
    }
  }
}
