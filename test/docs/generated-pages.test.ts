// Pages that are made from the sources are as the sources are now.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cliPage } from '../../scripts/generate-cli-page.ts';
import { diagnosticsPage } from '../../scripts/generate-diagnostics-page.ts';
import { stdlibPage } from '../../scripts/generate-stdlib-page.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

it('docs/diagnostics.md lists every code (npx tsx scripts/generate-diagnostics-page.ts)', () => {
  expect(page('diagnostics.md')).toBe(diagnosticsPage());
});

it('docs/stdlib.md lists the library (npx tsx scripts/generate-stdlib-page.ts)', () => {
  expect(page('stdlib.md')).toBe(stdlibPage());
});

it('docs/cli.md lists every command (npx tsx scripts/generate-cli-page.ts)', async () => {
  expect(page('cli.md')).toBe(await cliPage());
});
