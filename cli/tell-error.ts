// What is said of an error: a line on stderr, a report where the fault is ours; in JSON mode the same as data on stdout.
import { release } from 'node:os';
import { CommanderError } from 'commander';
import { EXIT, type ExitCode, exitCodeOf, Reported } from './exit.ts';
import { packageVersion } from './package-root.ts';
import { printsJson } from './result.ts';
import { sayJson, talk } from './streams.ts';

/** Says what there is to say, once. `words`: the command line behind `bform`. Returns the exit code. */
export function tellError(error: unknown, words: readonly string[]): ExitCode {
  const code = exitCodeOf(error);
  if (code === EXIT.fine || error instanceof Reported) return code;
  if (printsJson()) sayJson({ error: errorJson(error, code, words) });
  else if (code === EXIT.bug) talk(bugText(error, words));
  // Commander has had its say.
  else if (!(error instanceof CommanderError)) talk(`error: ${(error as Error).message}`);
  return code;
}

const KINDS = new Map<ExitCode, keyof typeof EXIT>(
  Object.entries(EXIT).map(([kind, code]) => [code, kind as keyof typeof EXIT]),
);

function errorJson(error: unknown, exitCode: ExitCode, words: readonly string[]): object {
  const { code, problems = [] } = error as { code?: string; problems?: readonly string[] };
  const kind = KINDS.get(exitCode);
  if (exitCode === EXIT.bug) return { kind, message: String(error), report: facts(error, words) };
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  return {
    kind,
    // Of the runtime (BF9003) or the system (ENOSPC); Commander's own codes are not stable.
    ...(code !== undefined && !(error instanceof CommanderError) && { code }),
    message: (error as Error).message.replace(/^error: /, '').replace(list, ''),
    ...(problems.length > 0 && { problems }),
  };
}

/** All that is needed to look into a fault of ours. */
function facts(error: unknown, words: readonly string[]) {
  return {
    bform: packageVersion(),
    node: process.versions.node,
    system: `${process.platform} ${process.arch} ${release()}`,
    command: ['bform', ...words].map(quoted).join(' '),
    stack: (error instanceof Error && error.stack) || String(error),
  };
}

function bugText(error: unknown, words: readonly string[]): string {
  const { stack, ...rest } = facts(error, words);
  const lines = Object.entries(rest).map(([name, value]) => `  ${name.padEnd(7)}  ${value}`);
  return [
    `error: ${error instanceof Error ? error.message : error}`,
    "This is a fault of bform's, not yours. Please report it, with the model if you can share it:",
    '',
    ...lines,
    '',
    stack.replace(/^/gm, '  '),
  ].join('\n');
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
