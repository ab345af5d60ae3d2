#!/usr/bin/env node
// The `bform` command: parses arguments, runs one command, ends with an exit code (exit.ts).
// Results go to stdout, all talk to stderr. What a command does is in commands/, one file for each.
import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check.ts';
import { compileCommand } from './commands/compile.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { printCommand } from './commands/print.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { EXIT, exitCodeOf, Reported } from './exit.ts';
import { packageVersion } from './package-root.ts';
import { endQuietlyOnBrokenPipe, talk } from './streams.ts';

const program = new Command('bform')
  .description('A language and compiler for neural-network blocks, run on WebGPU.')
  .version(packageVersion(), '-V, --version', 'print the version')
  .showHelpAfterError('(bform --help lists the commands)')
  .exitOverride();

for (const make of [
  checkCommand,
  compileCommand,
  reportCommand,
  runCommand,
  importCommand,
  generateCommand,
  evalCommand,
  printCommand,
  explainCommand,
  doctorCommand,
])
  program.addCommand(make().copyInheritedSettings(program));

endQuietlyOnBrokenPipe();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander and the renderer of diagnostics have had their say.
  if (!(error instanceof CommanderError || error instanceof Reported))
    talk(process.exitCode === EXIT.bug ? bugReport(error) : `error: ${(error as Error).message}`);
}

function bugReport(error: unknown): string {
  const stack = error instanceof Error ? error.stack : String(error);
  return `${stack}\n\nThis is a fault of bform's, not yours. Please report it with the command and the model.`;
}
