// Every example compiles, runs in the reference, and prints what its README says.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../stdlib/evaluate.ts';
import { withRealOutput } from '../support/documented-commands.ts';

const root = new URL('../../', import.meta.url);
const examples = readdirSync(new URL('examples/', root)).filter((name) => name !== 'text');

describe.each(examples)('examples/%s', (name) => {
  const folder = new URL(`examples/${name}/`, root);

  it('gives finite logits', () => {
    const code = readFileSync(new URL('model.bform', folder), 'utf8');
    const { y } = evaluate(code, { b: 1, t: 7 });
    expect(y.shape).toEqual([1, 7, 256]);
    expect(y.data.every(Number.isFinite)).toBe(true);
  });

  it('prints what its README says (npx vitest run test/examples -u)', async () => {
    const page = new URL('README.md', folder);
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('$ npx bform');
    await expect(await withRealOutput(text)).toMatchFileSnapshot(page.pathname);
  });
});

it('README.md shows real output (npx vitest run test/examples -u)', async () => {
  const page = new URL('README.md', root);
  const text = readFileSync(page, 'utf8');
  await expect(await withRealOutput(text)).toMatchFileSnapshot(page.pathname);
});
