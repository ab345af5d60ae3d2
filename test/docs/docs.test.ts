// Every piece of bform in the documentation is what it says: right, or wrong in the way it is marked; and laid out as by
// `bform fmt`.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze, check } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { format } from '../../grammar/format/format.ts';
import { pageBlocks } from '../support/page-blocks.ts';
import { sources } from '../support/sources.ts';

const root = new URL('../../', import.meta.url);
/** Made from examples that a test of their own compiles: test/diagnostics/examples.test.ts. */
const GENERATED = ['docs/diagnostics.md'];

const pages = [
  'README.md',
  ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'));

for (const path of pages.filter((page) => !GENERATED.includes(page))) {
  const page = readFileSync(new URL(path, root), 'utf8');
  const blocks = pageBlocks(page).filter(({ kind }) => kind === 'bform');
  if (blocks.length === 0) continue;
  describe(path, () => {
    const files: Record<string, string> = {};
    for (const { line, code, file, error } of blocks) {
      if (file) files[file] = code;
      it(`has ${error ? `a mistake of ${error}` : 'sound code'} on line ${line}`, () => {
        const reader = sources({ ...files, 'page.bform': code });
        const diagnostics = [...check('page.bform', reader).diagnostics];
        for (const [, model] of code.matchAll(/^model (\w+)/gm)) {
          diagnostics.push(...analyze('page.bform', reader, { model: model! }).diagnostics);
        }
        if (error) {
          expect(diagnostics.map(({ code }) => code)).not.toEqual([]);
          for (const diagnostic of diagnostics) expect(diagnostic.code).toContain(error);
        } else {
          expect(renderDiagnostics(diagnostics, { color: false })).toBe('');
        }
      });

      it(`has code in the standard layout on line ${line}`, () => {
        expect(format({ path: 'page.bform', text: code }, () => {})).toBe(code);
      });
    }
  });
}
