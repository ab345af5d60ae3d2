import { expect, test } from 'vitest';
import { cost, describe, plan } from '../../compiler/compile.ts';
import { diffModels } from '../../compiler/report/diff.ts';
import { diffText } from '../../compiler/report/diff-text.ts';
import { sources } from '../support/sources.ts';

const USE = 'use std.{attention, embed, ffn, layer_norm, pre_norm, unembed}\n';

/** A model of one block, whose order and width of the dense layer are given. */
function reportOf(order: string, hidden = '4 * d', name = 'm') {
  const text = `${USE}
block one(d: dim) {
  let a = attention(heads: 2)
  let f = ffn(hidden: ${hidden})
  pre_norm(layer_norm): ${order}
}
model ${name} {
  vocab: 32
  context: 16
  let blocks = one(8)
  embed(8) -> blocks * 3 -> layer_norm -> unembed
}
`;
  const { result, diagnostics } = plan('m.bform', sources({ 'm.bform': text }));
  if (!result) throw new Error(JSON.stringify(diagnostics));
  return describe(result, cost(result, { b: 1, t: 16 }), { place: `${name}.bform` });
}

test('models that mean the same have nothing to tell', () => {
  const diff = diffModels(reportOf('a f'), reportOf('a f', '32', 'other'));
  expect(diff.same).toBe(true);
  expect(diff.layers).toEqual([]);
  expect(diff.figures).toEqual([]);
  expect(diffText(diff)).toContain('Both mean the same');
});

test('a wider layer changes its own rows and the totals', () => {
  const diff = diffModels(reportOf('a f'), reportOf('a f', '8 * d'), 2);
  expect(diff.same).toBe(false);
  const changed = diff.layers.filter(({ changes }) =>
    changes.some(({ what }) => what === 'parameters'),
  );
  expect(changed).toEqual([expect.objectContaining({ path: 'blocks.*.f', kind: 'changed' })]);
  expect(changed[0]!.changes).toContainEqual({
    what: 'parameters',
    before: String(3 * 2 * 8 * 32),
    after: String(3 * 2 * 8 * 64),
    ratio: 2,
  });
  const parameters = diff.figures.find(({ what }) => what === 'parameters')!;
  expect(Number(parameters.after) - Number(parameters.before)).toBe(3 * 2 * 8 * 32);
});

test('another layer in the order is added, another order moves lines of the tree', () => {
  const more = diffModels(reportOf('a f'), reportOf('a f f'), 2);
  expect(more.layers.filter(({ kind }) => kind === 'added').map(({ path }) => path)).toEqual([
    'blocks.*.f_2_norm',
    'blocks.*.f_2',
  ]);
  const turned = diffModels(reportOf('a f'), reportOf('f a'), 2);
  expect(turned.layers.filter(({ kind }) => kind !== 'changed')).toEqual([]);
  expect(turned.structure.filter(({ kind }) => kind !== 'kept').length).toBeGreaterThan(0);
});

test('it reads well', () => {
  expect(diffText(diffModels(reportOf('a f'), reportOf('f a f', '8 * d'), 2))).toMatchSnapshot();
});
