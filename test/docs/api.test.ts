// docs/api.md is as the sources are, and what they export is documented: what it is, and which errors it throws.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ApiEntry, apiEntries, apiPage } from '../../scripts/generate-api-page.ts';

const compiler = apiEntries('compiler/index.ts');
const runtime = apiEntries('runtime/index.ts');

it('docs/api.md is current (npx tsx scripts/generate-api-page.ts)', async () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  expect(page).toBe(await apiPage());
});

describe.each<[string, readonly ApiEntry[]]>([
  ['bform', compiler],
  ['bform/runtime', runtime],
])('what %s exports', (_name, entries) => {
  it('is seen: functions, classes and types', () => {
    const kinds = new Set(entries.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['class', 'function', 'type', 'value']);
  });

  it('has a doc comment', () => {
    expect(entries.filter(({ doc }) => doc === '').map(({ name }) => name)).toEqual([]);
  });
});

it('bform/runtime says of every function and method which errors it throws', () => {
  const silent = ({ doc, throws }: ApiEntry) => throws.length === 0 && !/[Tt]hrows/.test(doc);
  const functions = runtime.filter(({ kind }) => kind === 'function');
  expect(functions.length).toBeGreaterThan(5);
  expect(functions.filter(silent).map(({ name }) => name)).toEqual([]);
  const { signature } = runtime.find(({ name }) => name === 'Session')!;
  for (const method of ['run', 'trace', 'profile'])
    expect(signature).toMatch(new RegExp(`[Tt]hrows (?:(?!\\*/).)*\\*/\\s+${method}\\(`, 's'));
});

it('bform/runtime has a class for each code of an error', () => {
  const { signature } = runtime.find(({ name }) => name === 'ErrorCode')!;
  const classes = runtime.filter(({ kind, name }) => kind === 'class' && name.endsWith('Error'));
  expect(signature.match(/'BF\d{4}'/g)).toHaveLength(classes.length - 1);
});
