// Commands with their output in a page of documentation:
//
//   ```console
//   $ npx bform report examples/hello/model.bform --seq 128
//   ...
//   ```
//
// Runs each command in this process and gives the page as it should be.
import type { Command } from 'commander';
import { command as check } from '../../cli/commands/check.ts';
import { command as explain } from '../../cli/commands/explain.ts';
import { command as print } from '../../cli/commands/print.ts';
import { command as report } from '../../cli/commands/report.ts';
import { Reported } from '../../cli/exit.ts';

const COMMANDS: Readonly<Record<string, () => Command>> = {
  check,
  explain,
  print,
  report,
};

const BLOCK = /^```console\n\$ npx bform (\w+)(.*)\n[\s\S]*?^```$/gm;

/** The page with every documented output replaced by what the command prints now. */
export async function withRealOutput(page: string): Promise<string> {
  let result = page;
  for (const [block, name, args] of page.matchAll(BLOCK)) {
    const output = await run(name!, args!.trim().split(/\s+/));
    const [fence, command] = block.split('\n');
    result = result.replace(block, () => `${fence}\n${command}\n${output.trimEnd()}\n\`\`\``);
  }
  return result;
}

/** What a command writes to stdout and stderr, in order. */
async function run(name: string, args: readonly string[]): Promise<string> {
  const make = COMMANDS[name];
  if (!make) throw new Error(`no documentation runs \`bform ${name}\``);
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = (text: unknown) => {
      written.push(String(text));
      return true;
    };
  }
  try {
    await make().exitOverride().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof Reported)) throw error;
  } finally {
    streams.forEach((stream, i) => {
      stream.write = writes[i]!;
    });
  }
  return written.join('').replace(/[ \t]+$/gm, '');
}
