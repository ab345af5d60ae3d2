// Writes docs/cli.md from the definitions of the commands. Run with `npx tsx scripts/generate-cli-page.ts` after a change of
// one; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Argument, Option } from 'commander';
import { GROUPS, type ListedCommand } from '../cli/command-list.ts';
import type { Example } from '../cli/examples.ts';
import { withJson } from '../cli/result.ts';

/** The page's text. */
export async function cliPage(): Promise<string> {
  const commands = await Promise.all(Object.values(GROUPS).flat().map(section));
  return `# The command line

Made from the definitions of the commands by \`scripts/generate-cli-page.ts\`. \`bform COMMAND --help\` prints the same,
\`bform --help\` the list, \`bform --version\` the version.

${Object.entries(GROUPS).map(contents).join('\n')}
${COMMON}
${commands.join('\n')}`;
}

const contents = ([group, commands]: [string, readonly ListedCommand[]]): string =>
  `**${group}**\n\n${commands
    .map(({ name, summary }) => `- [\`bform ${name}\`](#bform-${name}) ${summary}\n`)
    .join('')}`;

const COMMON = `## What all commands have in common
**Output.** Standard output carries the result and nothing else; whatever else there is to say goes to standard error. Colours and progress
bars are for terminals alone: \`NO_COLOR=1\` turns colours off, \`FORCE_COLOR=1\` turns them on elsewhere too. A bar shows how far work is that
takes more than two seconds, how fast it goes and how long it will still take; it is gone at the end.

**JSON.** With \`--json\` (or \`--format json\`) the result is JSON. Then errors are JSON on standard output too, and the exit code is the same.
A model with mistakes gives \`{"diagnostics": [...]}\`, each with \`code\`, \`severity\`, \`message\`, \`file\`, \`start\` and \`end\` (\`line\`
and \`column\` from one, \`offset\` from zero), \`related\` places, and a \`hint\` where there is one. Everything else gives an \`error\`:

\`\`\`text
{ "error": { "kind": "input", "code": "BF9003", "message": "The model tiny takes tokens:", "problems": ["tokens is missing"] } }
\`\`\`

\`kind\` is the word in the table below. \`code\` (of the [runtime](diagnostics.md), or of the system, such as \`ENOSPC\`) and
\`problems\` are there where there are some; a \`bug\` has a \`report\` with all that we need to look into it.

**Exit codes.**

| code | \`kind\` | |
|---|---|---|
| 0 | | all is well |
| 1 | \`input\` | what was given has errors: a model, a bundle, inputs; or a check of it failed |
| 2 | \`usage\` | the command line is wrong |
| 3 | \`machine\` | the machine cannot: no adapter, too little memory, a disk that is full |
| 70 | \`bug\` | a fault of bform's: please report what it prints |
| 130, 143 | | ended by Ctrl-C, by SIGTERM: at once, and no file is left half-written |

**Files** are written whole or not at all, beside their place and then renamed.

**Environment.**

| variable | |
|---|---|
| \`NO_COLOR\`, \`FORCE_COLOR\` | no colours; colours even where no terminal is |
| \`XDG_CACHE_HOME\` | where downloads, the chosen driver and measured devices are kept, in \`bform/\`; \`~/.cache\` by default |
| \`VK_ICD_FILENAMES\`, \`VK_DRIVER_FILES\` | the Vulkan driver to use, instead of the one that the set-up chose |
`;

async function section({ name, load }: ListedCommand): Promise<string> {
  const { command, note, examples } = await load();
  const made = withJson(command());
  const rows = [
    ...made.registeredArguments.map(argumentRow),
    ...made.options.filter(({ hidden }) => !hidden).map(optionRow),
  ];
  return [
    `## bform ${name}`,
    `${sentence(made.description())}`,
    `\n\`bform ${name} ${made.usage()}\``,
    ...(rows.length > 0 ? [`\n| | |\n|---|---|\n${rows.join('\n')}`] : []),
    ...(note === undefined ? [] : [`\n${note}`]),
    `\n${examples.map(exampleLine).join('\n')}\n`,
  ].join('\n');
}

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

const exampleLine = ([line, purpose]: Example): string => `- \`${line}\`: ${purpose}`;

const row = (what: string, ...words: readonly string[]): string =>
  `| \`${what}\` | ${words
    .filter((text) => text !== '')
    .join('; ')
    .replaceAll('<', '\\<')} |`.replace(/(?<=\w)\|(?=\w)/g, '\\|');

const argumentRow = (argument: Argument): string => row(argument.name(), argument.description);

const optionRow = ({ flags, description, mandatory, argChoices, defaultValue }: Option): string =>
  row(
    flags,
    description,
    mandatory ? 'must be given' : '',
    argChoices ? `one of ${argChoices.join(', ')}` : '',
    ['string', 'number'].includes(typeof defaultValue) ? `${defaultValue} by default` : '',
  );

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/cli.md', import.meta.url), await cliPage());
