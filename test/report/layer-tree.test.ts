// Rows as a tree of layers: every row once, sums that hold, kinds told from what layers compute.
import { describe, expect, it } from 'vitest';
import { allNodes, type LayerNode, layerTree } from '../../compiler/report/layer-tree.ts';
import { reportOf, SLOW_DEVICE, SMALL_MIXTURE } from '../support/report-of.ts';

const report = reportOf(SMALL_MIXTURE, { device: { name: 'slow', roofline: SLOW_DEVICE } });
const tree = layerTree(report);
const nodes = allNodes(tree);
const named = (path: string): LayerNode => nodes.find((node) => node.path === path)!;

describe('the tree of layers', () => {
  it('has every row of the report as one leaf', () => {
    const leaves = nodes.filter(({ isLeaf }) => isLeaf).map(({ path }) => path);
    expect([...leaves].sort()).toEqual(report.cost.rows.map(({ path }) => path).sort());
  });

  it('numbers parents before their children', () => {
    expect(nodes.map(({ index }) => index)).toEqual(nodes.map((_, at) => at));
  });

  it('sums up to the totals', () => {
    const { row } = tree;
    expect(row.params).toBe(report.cost.params.total);
    expect(row.activated).toBe(report.cost.params.activated);
    expect(row.work).toEqual(report.cost.work);
    expect(row.moved).toBe(report.cost.moved);
    expect(row.predicted!.ms + SLOW_DEVICE.submitMs).toBeCloseTo(report.times!.ms, 9);
  });

  it('shows a repeat of one block as one layer of so many turns', () => {
    expect(named('blocks.*')).toMatchObject({ name: 'blocks', turns: 3, depth: 1 });
    expect(named('blocks.*').children.map(({ name }) => name)).toEqual([
      'pre_norm',
      'a_norm',
      'a',
      'f_norm',
      'f',
      'g_norm',
      'g',
      'g_2_norm',
      'g_2',
    ]);
  });

  it("has a layer's own work as a leaf before what is in it", () => {
    expect(named('blocks.*.a').children[0]).toMatchObject({
      name: 'attend',
      path: 'blocks.*.a',
      isLeaf: true,
    });
  });

  it('leaves out layers that do nothing', () => {
    expect(nodes.some(({ path }) => path.endsWith('q_norm'))).toBe(false);
  });

  it('puts weights of a score below the attention that reads them', () => {
    const { cost, ...rest } = reportOf(`edition 1
use std.{attention, embed, t5_relative_bias, unembed}
model m { vocab: 8  context: 8  embed(8) -> attention(heads: 2, score: t5_relative_bias(2)) -> unembed }`);
    const inner = layerTree({ cost, ...rest });
    const attention = allNodes(inner).find(({ path }) => path === 'attention')!;
    expect(attention.children.at(-1)).toMatchObject({ name: 'score', kind: 'attention' });
  });
});

describe('the kind of a layer', () => {
  it.each([
    ['embed', 'embedding'],
    ['blocks.*', 'group'],
    ['blocks.*.a', 'attention'],
    ['blocks.*.a.wq', 'attention'],
    ['blocks.*.a_norm', 'norm'],
    ['blocks.*.f', 'dense'],
    ['blocks.*.g', 'experts'],
    ['blocks.*.g.router', 'experts'],
    ['unembed', 'embedding'],
  ])('%s: %s', (path, kind) => {
    expect(named(path).kind).toBe(kind);
  });

  it('does not hang on names', () => {
    const renamed = reportOf(`edition 1
use std.{attention, embed, ffn, layer_norm, unembed}
layer moe (x: [.., d]) -> [.., d] {
  let norm = attention(heads: 2)
  let experts = ffn
  let attend = layer_norm
  attend(experts(norm(x)))
}
model m { vocab: 8  context: 8  embed(8) -> moe -> unembed }`);
    const kinds = Object.fromEntries(
      allNodes(layerTree(renamed)).map(({ path, kind }) => [path, kind]),
    );
    expect(kinds).toMatchObject({
      moe: 'group',
      'moe.norm': 'attention',
      'moe.experts': 'dense',
      'moe.attend': 'norm',
    });
  });
});
