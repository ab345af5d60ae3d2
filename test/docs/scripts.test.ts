// The scripts of the documentation run, as its readers would run them: shell lines and programs, in a folder of their own,
// with the built package. Programs print what stands behind their `console.log`.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { main, repository } from '../support/cli.ts';
import { documentedFolder, writeIn } from '../support/documented-commands.ts';
import { LLAMA_CONFIG, llamaTensors, writeHfFolder } from '../support/hf-folders.ts';
import { ownCache } from '../support/own-cache.ts';
import { type PageBlock, pageBlocks } from '../support/page-blocks.ts';
import { byteFallbackTokenizer } from '../support/tokenizers.ts';

const pages = ['README.md', ...readdirSync(join(repository, 'docs')).map((name) => `docs/${name}`)];
const isProgram = ({ kind }: PageBlock) => kind === 'js' || kind === 'ts';

/** What is run of a page, in order; a program with the blocks that continue it. */
function runnable(page: string): PageBlock[] {
  const kinds = ['bform', 'console', 'sh', 'js', 'ts'];
  const blocks: PageBlock[] = [];
  for (const block of pageBlocks(page)) {
    if (!kinds.includes(block.kind) || block.notRun !== undefined || block.isSignature) continue;
    const before = blocks.at(-1);
    if (block.isContinued && before && isProgram(before))
      blocks[blocks.length - 1] = { ...before, code: `${before.code}\n${block.code}` };
    else blocks.push(block);
  }
  return blocks;
}

/** What the pages call HF_FOLDER and FILE: a small checkpoint with its tokenizer, and a text. */
function addCheckpoint(folder: string): void {
  const tokenizer = byteFallbackTokenizer();
  const vocab = tokenizer.added_tokens.at(-1)!.id + 1;
  const config = { ...LLAMA_CONFIG, vocab_size: vocab, eos_token_id: [vocab - 1] };
  const files = { 'tokenizer.json': tokenizer };
  writeHfFolder(join(folder, 'HF_FOLDER'), config, llamaTensors(config), files);
  writeIn(folder, 'FILE', 'Once upon a time there was a text.\n');
}

/** With `npx bform`, and with the packages that a project has that uses it. */
function projectFolder(): string {
  const folder = documentedFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(repository, join(folder, 'node_modules', 'bform'));
  symlinkSync(join(repository, 'node_modules/webgpu'), join(folder, 'node_modules', 'webgpu'));
  writeIn(folder, 'bin/npx', `#!/bin/sh\nshift\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(join(folder, 'bin/npx'), 0o755);
  addCheckpoint(folder);
  return folder;
}

function run(folder: string, command: string, args: readonly string[]) {
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
  const env = { ...process.env, ...ownCache(folder), PATH, NO_COLOR: '1' };
  return spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
}

const withoutSpaces = (text: string): string => text.replace(/[ \t]/g, '');

function runProgram(folder: string, { code, line }: PageBlock): void {
  const { code: script } = transformSync(code, { loader: 'ts', format: 'esm', target: 'node20' });
  writeIn(folder, `line-${line}.mjs`, script);
  const { status, stdout, stderr } = run(folder, process.execPath, [`line-${line}.mjs`]);
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  const printed = Array.from(
    code.matchAll(/console\.log\(.*\);? *\/\/ (.*)$/gm),
    ([, text]) => text!,
  );
  expect(printed).toHaveLength(code.match(/console\.log/g)?.length ?? 0);
  expect(stdout.trimEnd().split('\n').map(withoutSpaces)).toEqual(printed.map(withoutSpaces));
}

const withScripts = pages.filter(
  (path) =>
    path.endsWith('.md') &&
    runnable(readFileSync(join(repository, path), 'utf8')).some(
      (block) => block.kind === 'sh' || isProgram(block),
    ),
);

it('there are some to run', () => {
  expect(withScripts).toEqual(
    expect.arrayContaining(['README.md', 'docs/api.md', 'docs/bundle.md', 'docs/tutorial.md']),
  );
});

it.each(withScripts)('%s', (path) => {
  const folder = projectFolder();
  try {
    for (const block of runnable(readFileSync(join(repository, path), 'utf8'))) {
      if (block.kind === 'bform' && block.file) writeIn(folder, block.file, block.code);
      if (block.kind === 'console')
        for (const [, line] of block.code.matchAll(/^\$ (.*)$/gm)) run(folder, 'sh', ['-c', line!]);
      if (block.kind === 'sh') {
        const { status, stderr } = run(folder, 'sh', ['-ec', block.code]);
        expect([block.code, status, status === 0 ? '' : stderr]).toEqual([block.code, 0, '']);
      }
      if (isProgram(block)) runProgram(folder, block);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
