// Help and mistyped words: one screen for all commands, examples for each that its options fit, near names suggested.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, GROUPS } from '../../cli/command-list.ts';
import { loadCommand } from '../../cli/program.ts';
import { bform, repository } from '../support/cli.ts';

/** The words of a shell line, quotes taken off; of a pipe, those of bform's part, without where its output goes. */
function wordsOf(line: string): string[] {
  const part = line.split(' | ').find((text) => text.startsWith('bform '))!;
  const [own] = part.split(' > ');
  return Array.from(own!.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c!);
}

describe('bform --help', () => {
  it('fits a terminal of 24 lines and 80 columns, the prompt below it included', async () => {
    const { code, stdout, stderr } = await bform(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(79);
  });

  it('names every command once, in its group', async () => {
    const { stdout } = await bform(['--help']);
    for (const { name, summary } of COMMANDS)
      expect(stdout.match(new RegExp(` ${name} +${summary}\n`, 'g'))).toHaveLength(1);
    for (const group of Object.keys(GROUPS)) expect(stdout).toContain(`\n  ${group} `);
    const files = readdirSync(join(repository, 'cli/commands'));
    expect(COMMANDS.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  it('is what bform help says', async () => {
    expect(await bform(['help'])).toEqual(await bform(['--help']));
    expect(await bform(['help', 'run'])).toEqual(await bform(['run', '--help']));
  });
});

describe.each(COMMANDS)('bform $name --help', (listed) => {
  it('shows two to four examples, each of them a line that the command takes', async () => {
    const { examples } = await listed.load();
    expect(examples.length).toBeGreaterThanOrEqual(2);
    expect(examples.length).toBeLessThanOrEqual(4);
    for (const [line] of examples) {
      const [bformWord, name, ...rest] = wordsOf(line);
      expect([bformWord, name]).toEqual(['bform', listed.name]);
      let taken = false;
      const command = await loadCommand(listed);
      command.configureOutput({ writeErr() {} }).action(() => {
        taken = true;
      });
      await command.parseAsync(rest, { from: 'user' });
      expect(taken).toBe(true);
    }
  });

  it('describes every option and argument, and ends with the examples', async () => {
    const command = await loadCommand(listed);
    for (const { flags, description } of command.options)
      expect(`${flags}: ${description}`).toMatch(/: .+/);
    for (const argument of command.registeredArguments)
      expect(`${argument.name()}: ${argument.description}`).toMatch(/: .+/);
    const { code, stdout } = await bform([listed.name, '--help']);
    const { examples } = await listed.load();
    expect(code).toBe(0);
    expect(stdout.endsWith(`\n  ${examples.at(-1)![0]}\n`)).toBe(true);
    const [text, lines] = stdout.split('\nExamples:\n');
    expect(lines).toBeDefined();
    for (const line of text!.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).not.toContain('default: false');
  });
});

describe('a mistyped word', () => {
  it.each([
    [['compil', 'x'], 'compile'],
    [['chek', '--help'], 'check'],
    [['help', 'reprot'], 'report'],
    [['--vresion'], '--version'],
    [['report', 'x', '--bacth', '2'], '--batch'],
    [['compile', 'x', '--outptu', 'y'], '--output'],
    [['generate', 'x', '--tempreature', '1'], '--temperature'],
  ])('in %j is answered with %s', async (words, meant) => {
    const { code, stdout, stderr } = await bform(words);
    expect([code, stdout]).toEqual([2, '']);
    const lines = stderr.trim().split('\n');
    expect(lines[0]).toMatch(/^error: unknown (command|option) '/);
    expect(lines[1]).toBe(`(Did you mean ${meant}?)`);
    expect(lines).toHaveLength(3);
  });

  it('that is near to nothing gets no guess', async () => {
    const { code, stderr } = await bform(['frobnicate']);
    expect(code).toBe(2);
    expect(stderr).toBe("error: unknown command 'frobnicate'\n(bform --help lists the commands)\n");
  });
});

describe('the start', () => {
  // Which modules are loaded is what the time depends on, and is the same on every machine.
  it.each([['--help'], ['--version'], ['compil']])(
    'of bform %s loads no command, compiler or Dawn',
    async (word) => {
      const { stderr } = await bform([word], { env: { NODE_DEBUG: 'esm' } });
      const loaded = (part: string) => stderr.includes(part);
      expect(loaded('/dist/cli/program.js')).toBe(true);
      for (const part of ['/dist/cli/commands/', '/dist/compiler/', '/dist/grammar/', '/webgpu/'])
        expect([part, loaded(part)]).toEqual([part, false]);
    },
  );
});
