#!/usr/bin/env node
// The `bform` command: parses arguments, runs one command, ends with an exit code (exit.ts).
// Results go to stdout, all talk to stderr. Which commands there are is in command-list.ts, what they do in commands/.
import { programFor } from './program.ts';
import { guessMode } from './result.ts';
import { endQuietlyOnBrokenPipe } from './streams.ts';
import { tellError } from './tell-error.ts';

const words = process.argv.slice(2);
endQuietlyOnBrokenPipe();
guessMode(words);
process.on('uncaughtException', (error) => process.exit(tellError(error, words)));
try {
  const { program, words: asked } = await programFor(words);
  await program.parseAsync(asked, { from: 'user' });
} catch (error) {
  process.exitCode = tellError(error, words);
}
