// Runs the commands that a page of documentation shows, in this process, and gives the page as it should be.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programFor } from '../../cli/program.ts';
import { tellError } from '../../cli/tell-error.ts';
import { repository } from './cli.ts';
import { pageBlocks } from './page-blocks.ts';

/** A folder with what the documentation's commands name. Remove it when done. */
export function documentedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bform-page-'));
  for (const name of ['examples', 'stdlib'])
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  return folder;
}

/** The page with every output replaced by what its command prints now, after all before it. */
export async function withRealOutput(page: string): Promise<string> {
  const folder = documentedFolder();
  const home = process.cwd();
  process.chdir(folder);
  try {
    let result = '';
    let done = 0;
    for (const { kind, code, file, notRun, start, end, indent } of pageBlocks(page)) {
      if (kind === 'bform' && file) writeIn(folder, file, code);
      if (kind !== 'console' || notRun !== undefined) continue;
      const real = await transcript(code);
      result += page.slice(done, start) + real.replace(/^(?=.)/gm, indent);
      done = end;
    }
    return result + page.slice(done);
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeIn(folder: string, file: string, text: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The commands of a console block, each with its output. */
async function transcript(code: string): Promise<string> {
  let text = '';
  for (const [line, command] of code.matchAll(/^\$ (.*)$/gm)) {
    const [runner, name, ...words] = wordsOf(command!);
    if (runner !== 'npx' || name !== 'bform') throw new Error(`no test runs \`${command}\``);
    text += `${line}\n${await run(words)}`;
  }
  return text;
}

/** The words of a line for a shell, quotes taken off. */
const wordsOf = (line: string): string[] =>
  Array.from(line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g), ([, a, b, c]) => a ?? b ?? c!);

/** What a command writes to stdout and stderr, in order, as it does where there is no terminal. */
async function run(words: readonly string[]): Promise<string> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const color = process.env.NO_COLOR;
  process.env.NO_COLOR = '1';
  for (const stream of streams)
    stream.write = (text: unknown) => {
      written.push(String(text));
      return true;
    };
  try {
    const { program, words: asked } = await programFor(words);
    await program.parseAsync(asked, { from: 'user' });
  } catch (error) {
    tellError(error, words);
  } finally {
    streams.forEach((stream, i) => {
      stream.write = writes[i]!;
    });
    if (color === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = color;
  }
  return written.join('').replace(/[ \t]+$/gm, '');
}
