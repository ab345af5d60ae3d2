// Every command as its users run it: a line that works, in a pipe, on a terminal and as JSON, and the three likeliest
// mistakes, in a pipe and on a terminal. What is said about them is in test/golden/cli: `npx vitest run FILE --update`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/command-list.ts';
import { bform, onTerminal, repository, temporaryFolder } from '../support/cli.ts';
import { LLAMA_CONFIG, llamaTensors, writeHfFolder } from '../support/hf-folders.ts';
import { CASES, FILES } from './command-cases.ts';

const folder = temporaryFolder();
const inFolder = { cwd: folder };
let made = 0;
/** `NEW` is a name that nothing has. */
const fresh = (words: readonly string[]): { words: string[]; name: string } => {
  const name = `new-${made++}`;
  return { words: words.map((word) => (word === 'NEW' ? name : word)), name };
};
const withoutDriver = (text: string): string => text.replace(/^Warning: max.*\n/gm, '');
const onScreen = (text: string): string =>
  withoutDriver(stripVTControlCharacters(text).replaceAll('\r\n', '\n'));

beforeAll(async () => {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  writeHfFolder(join(folder, 'checkpoint'), LLAMA_CONFIG, llamaTensors());
  for (const words of [
    ['compile', 'tiny.bform', '-o', 'bundle', '--seed', '1'],
    ['init', 'there'],
  ]) {
    const { code, stderr } = await bform(words, inFolder);
    if (code !== 0) throw new Error(stderr);
  }
});

it('every command is here', () => {
  expect(Object.keys(CASES).sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

describe.each(Object.entries(CASES))('bform %s', (name, { works, shows, keys, mistakes }) => {
  it('works in a pipe, without colours', async () => {
    const { words, name } = fresh(works);
    const { code, stdout, stderr } = await bform(words, inFolder);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect(stdout.replaceAll(name, 'NEW')).toMatch(shows);
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
  });

  it('works on a terminal', async () => {
    const { words, name } = fresh(works);
    const { code, screen } = await onTerminal(words, inFolder).ended;
    expect(code).toBe(0);
    const told = onScreen(screen).replaceAll(name, 'NEW');
    // What is nothing in a pipe has some words on a terminal, of stderr.
    if (!shows.test('')) expect(told).toMatch(shows);
  });

  it('gives JSON where it is asked to', async () => {
    const { words } = fresh(works);
    const { code, stdout } = await bform([...words, '--json'], inFolder);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout))).toEqual(expect.arrayContaining([...keys]));
  });

  it('says what is wrong with a command line or its files, alike in a pipe and on a terminal', async () => {
    const transcript: string[] = [];
    for (const [exitCode, words] of mistakes) {
      const piped = await bform(words, inFolder);
      expect([words, piped.code, piped.stdout]).toEqual([words, exitCode, '']);
      const told = withoutDriver(piped.stderr);
      transcript.push(`$ bform ${words.join(' ')}\n${told}exit code ${piped.code}\n`);
      const terminal = await onTerminal(words, inFolder).ended;
      expect([terminal.code, onScreen(terminal.screen)]).toEqual([exitCode, told]);
    }
    const text = transcript.join('\n').replaceAll(folder, 'FOLDER');
    await expect(text).toMatchFileSnapshot(join(repository, `test/golden/cli/${name}.txt`));
  });
});
