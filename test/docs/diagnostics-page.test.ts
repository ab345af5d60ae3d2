import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { diagnosticsPage } from '../../scripts/generate-diagnostics-page.ts';

it('docs/diagnostics.md lists every code (npx tsx scripts/generate-diagnostics-page.ts)', () => {
  const page = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8');
  expect(page).toBe(diagnosticsPage());
});
