#!/usr/bin/env node
// The `bform` command: parses arguments, runs one command, ends with an exit code (exit.ts).
// Results go to stdout, all talk to stderr. Which commands there are is in command-list.ts, what they do in commands/.
import { CommanderError } from 'commander';
import { EXIT, exitCodeOf, Reported } from './exit.ts';
import { programFor } from './program.ts';
import { endQuietlyOnBrokenPipe, talk } from './streams.ts';

endQuietlyOnBrokenPipe();
process.on('uncaughtException', (error) => {
  talk(bugReport(error));
  process.exit(EXIT.bug);
});
try {
  const { program, words } = await programFor(process.argv.slice(2));
  await program.parseAsync(words, { from: 'user' });
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
