// docs/costs.md by the sources: every operation has its rule there, and the formulas of functions and layers are those that
// are counted.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CostDoc, costFormulas } from '../../cli/docs/cost-formulas.ts';
import { libraryPaths, librarySource } from '../../cli/docs/read-module.ts';
import { check, load } from '../../compiler/compile.ts';
import { sources } from '../support/sources.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/costs.md');

/** The cells of the rows of the table that stands below a line with these words. */
function tableBelow(words: string): string[][] {
  const lines = page.slice(page.indexOf(words)).split('\n');
  const start = lines.findIndex((line) => line.startsWith('|---'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 1, start + length).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const codesIn = (cell: string): string[] =>
  Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!);

it('has a rule for every operation, and for no other', () => {
  const source = read('compiler/ops/op.ts');
  const union = source.slice(
    source.indexOf('export type Op ='),
    source.indexOf('/** Where a node comes'),
  );
  const kinds = Array.from(union.matchAll(/readonly kind: '(\w+)'/g), ([, kind]) => kind!);
  expect(kinds.length).toBeGreaterThan(20);
  const named = tableBelow('## Every operation').flatMap(([cell]) => codesIn(cell!));
  expect([...new Set(named)].sort()).toEqual([...kinds].sort());
});

const rows = tableBelow('What functions of the language');

describe.each(rows)('the formulas of %s', (code, parameters, flops, elementwise) => {
  it('are what is counted', () => {
    const [subject] = codesIn(code!);
    const cost = /^\w+$/.test(subject!) ? costOfLayer(subject!) : costOfFunction(subject!);
    const shown = (formula: string) => (formula === '0' ? '' : `\`${formula}\``);
    expect([parameters, flops, elementwise]).toEqual(
      [cost.parameters, cost.flops, cost.elementwise].map(shown),
    );
  });
});

function costOfLayer(name: string): CostDoc {
  for (const { path, reader } of libraryPaths().map(librarySource)) {
    const item = load(path, reader).result!.entry.ast.items.find((item) => item.name.text === name);
    if (item) return costFormulas(item, path, reader)!;
  }
  throw new Error(`the library has no ${name}`);
}

/** Of the body of a layer, whatever shape it gives. */
function costOfFunction(body: string): CostDoc {
  for (const shape of ['[b, t, d]', '[b, t]', '[b, t, d, d]']) {
    const text = `layer f (x: [b, t, d]) -> ${shape} { ${body} }\n`;
    const reader = sources({ 'f.bform': text });
    const { result } = check('f.bform', reader);
    if (result) return costFormulas(result.entry.ast.items[0]!, 'f.bform', reader)!;
  }
  throw new Error(`no shape fits ${body}`);
}
