// The command line as a whole: its help, what it says of mistyped words, and one command with all its options.
// Commands that are not asked for are known by name alone (command-list.ts). Runs nothing.
import { Command, Help } from 'commander';
import pc from 'picocolors';
import { COMMANDS, GROUPS, type ListedCommand } from './command-list.ts';
import { examplesText } from './examples.ts';
import { packageVersion } from './package-root.ts';
import { printsJson, withJson } from './result.ts';

/** Of the help, in columns. */
const WIDTH = 80;

/** Always with colour: commander takes it out again where the stream has none. */
const { bold } = pc.createColors(true);

/**
 * A program that parses these words, which stand behind `bform`. Loads the command that they name and no other.
 * Parsing it throws `CommanderError` for help, version and wrong usage, after they were printed.
 */
export async function programFor(
  words: readonly string[],
): Promise<{ program: Command; words: string[] }> {
  const program = bareProgram();
  const parsed = withoutHelpCommand(words);
  for (const listed of COMMANDS) {
    const asked = listed.name === parsed[0];
    program.addCommand(asked ? await loadCommand(listed, program) : new Command(listed.name));
  }
  return { program, words: parsed };
}

/** A command with its examples, and the settings that all have. */
export async function loadCommand(
  { name, load }: ListedCommand,
  program: Command = bareProgram(),
): Promise<Command> {
  const { command, note, examples } = await load();
  return withJson(requiredLast(command()))
    .copyInheritedSettings(program)
    .showHelpAfterError(`(bform ${name} --help lists its options)`)
    .addHelpText('after', `${noteText(note)}${examplesText(examples, bold)}`);
}

const noteText = (note: string | undefined): string =>
  note === undefined ? '' : `\n${new Help().boxWrap(note, WIDTH)}\n`;

/** A mistyped option is told of before one that is missing: it is likely the same. */
function requiredLast(command: Command): Command {
  const required = command.options.filter(({ mandatory }) => mandatory);
  for (const option of required) option.mandatory = false;
  return command.hook('preAction', () => {
    const missing = required.find(
      (option) => command.getOptionValue(option.attributeName()) === undefined,
    );
    if (missing) command.error(`error: required option '${missing.flags}' not specified`);
  });
}

const bareProgram = (): Command =>
  new Command('bform')
    .version(packageVersion(), '-V, --version')
    .helpCommand(false)
    .showHelpAfterError('(bform --help lists the commands)')
    .configureHelp({
      styleTitle: bold,
      helpWidth: WIDTH,
      // That nothing is set where nothing is given goes without saying.
      optionDescription: (option) =>
        new Help().optionDescription(option).replace(/ \(default: (false|none|\[\])\)$/, ''),
      formatHelp: (command, helper) =>
        command.name() !== 'bform'
          ? Help.prototype.formatHelp.call(helper, command, helper)
          : overview(),
    })
    // In JSON mode errors are told as data, elsewhere.
    .configureOutput({ writeErr: (text) => void (printsJson() || process.stderr.write(text)) })
    .exitOverride();

/** `bform help NAME` is `bform NAME --help`; a name that is none is left alone, to be told of. */
function withoutHelpCommand(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  const asked = first === 'help' ? [...rest.slice(0, 1), '--help'] : [...words];
  const isCommand = COMMANDS.some(({ name }) => name === asked[0]);
  const isWord = asked[0] !== undefined && !asked[0].startsWith('-');
  return isWord && !isCommand ? [asked[0]!] : asked;
}

/** The help of `bform` itself, a line for each command: it has to fit a screen. */
function overview(): string {
  const [groupWidth, nameWidth] = [widest(Object.keys(GROUPS)), widest(COMMANDS.map(nameOf))];
  const lines = Object.entries(GROUPS).flatMap(([group, commands]) =>
    commands.map(({ name, summary }, index) => {
      const title = (index === 0 ? group : '').padEnd(groupWidth);
      return `  ${bold(title)}  ${name.padEnd(nameWidth)}  ${summary}`;
    }),
  );
  return `A language and compiler for neural-network blocks, run on WebGPU.
${bold('Usage:')} bform COMMAND [OPTIONS]

${lines.join('\n')}

bform COMMAND --help shows options and examples, bform --version the version.
`;
}

const nameOf = ({ name }: ListedCommand): string => name;
const widest = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
