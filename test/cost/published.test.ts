// The models of stdlib/papers report what was published of them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { costJson } from '../../compiler/cost/format.ts';
import { analyzed } from '../stdlib/evaluate.ts';

const SEQUENCE = { b: 1, t: 1024 };

const paper = (name: string): CostReport => {
  const file = new URL(`../../stdlib/papers/${name}.bform`, import.meta.url);
  return countCost(analyzed(readFileSync(file, 'utf8')).graph, SEQUENCE);
};

describe('parameters', () => {
  it.each([
    { name: 'gpt2', total: 124.44e6, activated: 124.44e6, within: 0.005e6 },
    { name: 'llama', total: 6.738e9, activated: 6.738e9, within: 0.0005e9 },
  ])('of $name', ({ name, total, activated, within }) => {
    const { params } = costJson(paper(name));
    expect(Math.abs(params.total - total)).toBeLessThan(within);
    expect(Math.abs(params.activated - activated)).toBeLessThan(within);
  });
});

/** MFLOPs for each token in the blocks, over all pairs of query and key: neither embeddings nor logits. */
function blockMegaflops(report: CostReport): number {
  const rows = report.rows.filter(({ path }) => path.startsWith('blocks'));
  const macs = rows.reduce((sum, { work }) => sum + work.macsFullSquare, 0n);
  return Number(2n * macs) / Number(report.tokens) / 1e6;
}

describe('work of the blocks', () => {
  it('of twelve layers of width 768 is 207.6 MFLOPs a token', () => {
    expect(blockMegaflops(paper('gpt2'))).toBeCloseTo(207.6, 1);
  });
});
