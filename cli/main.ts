#!/usr/bin/env node
// The `bform` command: parses arguments, runs one command, ends with an exit code (exit.ts).
// Results go to stdout, all talk to stderr. What a command does is in commands/, one file for each.
import { Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf, Reported } from './exit.ts';
import { packageVersion } from './package-root.ts';
import { endQuietlyOnBrokenPipe, talk } from './streams.ts';

const program = new Command('bform')
  .description('A language and compiler for neural-network blocks, run on WebGPU.')
  .version(packageVersion(), '-V, --version', 'print the version')
  .showHelpAfterError('(bform --help lists the commands)')
  .exitOverride();

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: () => Command }>>> = {
  check: () => import('./commands/check.ts'),
  compile: () => import('./commands/compile.ts'),
  report: () => import('./commands/report.ts'),
  run: () => import('./commands/run.ts'),
  export: () => import('./commands/export.ts'),
  verify: () => import('./commands/verify.ts'),
  import: () => import('./commands/import.ts'),
  generate: () => import('./commands/generate.ts'),
  eval: () => import('./commands/eval.ts'),
  print: () => import('./commands/print.ts'),
  explain: () => import('./commands/explain.ts'),
  doctor: () => import('./commands/doctor.ts'),
};

endQuietlyOnBrokenPipe();
process.on('uncaughtException', (error) => {
  talk(bugReport(error));
  process.exit(EXIT.bug);
});
try {
  await addCommands(process.argv[2] ?? '');
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander and the renderer of diagnostics have had their say.
  if (!(error instanceof CommanderError || error instanceof Reported))
    talk(process.exitCode === EXIT.bug ? bugReport(error) : `error: ${(error as Error).message}`);
}

/** The command asked for alone, since the compiler takes long to load; all where none is, for help and suggestions. */
async function addCommands(name: string): Promise<void> {
  const loads = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  for (const { command } of await Promise.all(loads.map((load) => load())))
    program.addCommand(command().copyInheritedSettings(program));
}

function bugReport(error: unknown): string {
  const stack = error instanceof Error ? error.stack : String(error);
  return `${stack}\n\nThis is a fault of bform's, not yours. Please report it with the command and the model.`;
}
