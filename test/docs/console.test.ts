// The commands that the documentation shows print what it says they print, and every fenced block is of a kind that a test
// holds. README.md and those of examples/ are looked at in test/examples.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withRealOutput } from '../support/documented-commands.ts';
import { pageBlocks } from '../support/page-blocks.ts';

const root = new URL('../../', import.meta.url);
const markdown = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => folder + path);
const docs = markdown('docs/');
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

it.each(docs.filter((path) => textOf(path).includes('```console')))(
  '%s shows real output (npx vitest run test/docs --update)',
  async (path) => {
    const page = new URL(path, root);
    await expect(await withRealOutput(textOf(path))).toMatchFileSnapshot(page.pathname);
  },
);

/** Why some blocks are not run; a new reason is to be a good one. */
const REASONS: readonly string[] = ['sets the machine up'];

describe.each(['README.md', ...docs, ...markdown('examples/'), ...markdown('grammar/')])(
  'the blocks of %s',
  (path) => {
    const blocks = pageBlocks(textOf(path));

    it('are each of a kind that a test holds', () => {
      const known = ['bform', 'console', 'sh', 'js', 'ts', 'text', 'ebnf'];
      for (const { kind, line } of blocks)
        expect([line, known]).toEqual([line, expect.arrayContaining([kind])]);
    });

    it('are all closed', () => {
      expect(textOf(path).match(/^ *```/gm)?.length ?? 0).toBe(2 * blocks.length);
    });

    it('hide no command in a text', () => {
      for (const { kind, code } of blocks) if (kind === 'text') expect(code).not.toMatch(/^\$ /m);
    });

    it('are run, or say why they are not', () => {
      for (const { notRun } of blocks) if (notRun !== undefined) expect(REASONS).toContain(notRun);
    });
  },
);
