// The one way in which commands give results: as text, or as JSON where --json or --format json is on the command line.
// In JSON mode errors are JSON on stdout too (tell-error.ts). The mode is set before a command acts, and read by all.
import { type Command, Option } from 'commander';
import { UsageError } from './exit.ts';
import { say, sayJson } from './streams.ts';

let json = false;

/** Whether stdout is for a program. */
export const printsJson = (): boolean => json;

/** `value` as JSON, or `text` for people. */
export function give(value: unknown, text: () => string): void {
  if (json) sayJson(value);
  else say(text());
}

/**
 * Adds --json to a command, the same as --format json, and whichever of the two it does not have itself. A command that
 * reads `format` or `json` gets it either way. Leaves a command alone whose --format has no `json`.
 */
export function withJson(command: Command): Command {
  const format = command.options.find(({ long }) => long === '--format');
  if (format?.argChoices?.includes('json') === false) return command;
  if (!format) command.addOption(textOrJson().hideHelp());
  if (!command.options.some(({ long }) => long === '--json'))
    command.option('--json', format ? 'the same as --format json' : 'print the result as JSON');
  return command.hook('preAction', () => {
    const chosen = command.getOptionValue('format');
    const isTyped = command.getOptionValueSource('format') === 'cli';
    json = command.getOptionValue('json') === true || chosen === 'json';
    if (json && isTyped && chosen !== 'json')
      throw new UsageError(`--json and --format ${chosen} exclude each other.`);
    if (json) command.setOptionValue('format', 'json').setOptionValue('json', true);
  });
}

const textOrJson = (): Option =>
  new Option('--format <format>', 'how to print the result')
    .choices(['text', 'json'])
    .default('text');

/** For errors in the command line itself, before it is parsed: what its words look like. */
export function guessMode(words: readonly string[]): void {
  json = words.some(
    (word, index) =>
      word === '--json' ||
      word === '--format=json' ||
      (word === 'json' && words[index - 1] === '--format'),
  );
}
