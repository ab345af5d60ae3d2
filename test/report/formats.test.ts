// Reports in every format, of a small model: the figures are those of the costs, whatever the format and the depth.
import { describe, expect, test } from 'vitest';
import { cost, describe as describeModel, plan } from '../../compiler/compile.ts';
import { comparisonOf } from '../../compiler/report/comparison.ts';
import { reportCsv } from '../../compiler/report/csv.ts';
import { reportJson } from '../../compiler/report/json.ts';
import { reportMarkdown } from '../../compiler/report/markdown.ts';
import type { ModelReport } from '../../compiler/report/model-report.ts';
import { rowsOf, totalOf } from '../../compiler/report/rows.ts';
import { reportTable } from '../../compiler/report/table.ts';
import { sources } from '../support/sources.ts';

const SOURCE = `use std.{attention, embed, ffn, layer_norm, moe, pre_norm, top_k, unembed}

block small(d: dim) {
  let a = attention(heads: 4)
  let f = ffn(hidden: 4 * d)
  let g = moe(ffn(hidden: d), experts: 4, route: top_k(2))

  pre_norm(layer_norm): a f g
}

/// A model for tests.
model tiny(layers: int = 2) {
  vocab: 64
  context: 32
  let blocks = small(16)
  embed(16) -> blocks * layers -> layer_norm -> unembed(tied: true)
}
`;

const DEVICE = {
  name: 'a test device',
  kind: 'data sheet',
  roofline: { flops: 1e9, bytesPerSecond: 1e9, dispatchMs: 0.01, submitMs: 0.5 },
} as const;

function reportOf(layers: number, device?: typeof DEVICE): ModelReport {
  const { result } = plan('m.bform', sources({ 'm.bform': SOURCE }), { args: { layers } });
  return describeModel(result!, cost(result!, { b: 1, t: 8 }), { place: 'm.bform', device });
}

const report = reportOf(2, DEVICE);

describe('rows', () => {
  test.each([1, 2, 3, 4, 9])('folded to depth %i add up to the same totals', (depth) => {
    const rows = rowsOf(report, depth);
    const total = totalOf(report);
    const sum = (of: (row: (typeof rows)[number]) => bigint) =>
      rows.reduce((all, row) => all + of(row), 0n);
    expect(sum((row) => row.params)).toBe(total.params);
    expect(sum((row) => row.work.macs)).toBe(total.work.macs);
    expect(sum((row) => row.moved)).toBe(total.moved);
    expect(rows.reduce((all, { share }) => all + share, 0)).toBeCloseTo(1, 10);
    const ms = rows.reduce((all, { predicted }) => all + (predicted?.ms ?? 0), 0);
    expect(ms + DEVICE.roofline.submitMs).toBeCloseTo(total.predicted!.ms, 10);
    for (const { path } of rows)
      expect(path.split(/\.(?!\*)/).length, path).toBeLessThanOrEqual(depth);
  });

  test('folded to a layer that has a row of its own keep its name and its shape', () => {
    const rows = rowsOf(report, 2);
    const attention = rows.find(({ path }) => path === 'blocks.*.a');
    expect(attention).toMatchObject({ layer: 'attention', count: 2 });
    expect(attention!.output!.shape).toEqual([1n, 8n, 16n]);
  });
});

test('CSV has a line for each row, exact, and its columns add up', () => {
  const [head, ...lines] = reportCsv([report]).trimEnd().split('\r\n');
  const columns = head!.split(',');
  expect(lines).toHaveLength(report.cost.rows.length);
  const sum = (name: string) =>
    lines.reduce((all, line) => all + Number(line.split(',')[columns.indexOf(name)]), 0);
  expect(sum('params')).toBe(Number(report.cost.params.total));
  expect(sum('macs')).toBe(Number(report.cost.work.macs));
  expect(sum('bytes_moved')).toBe(Number(report.cost.moved));
});

test('JSON says the same as the costs, kernels included', () => {
  const json = reportJson(report);
  const sum = (of: (kernel: (typeof json.kernels)[number]) => number) =>
    json.kernels.reduce((all, kernel) => all + of(kernel), 0);
  expect(sum(({ dispatches }) => dispatches)).toBe(json.dispatches);
  expect(sum(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten)).toBe(json.bytes.moved);
  expect(sum(({ predictedMs }) => predictedMs!) + DEVICE.roofline.submitMs).toBeCloseTo(
    json.predictedMs!,
    10,
  );
  expect(json.flops.forward).toBe(2 * Number(report.cost.work.macs));
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

test('the table has its columns of time only for a device', () => {
  expect(reportTable(report)).toContain('predicted');
  expect(reportTable(report)).toContain('Times are predicted for a test device (data sheet)');
  expect(reportTable(reportOf(2))).not.toContain('predicted');
});

test('all digits are there where one asks for them', () => {
  const { total } = report.cost.params;
  expect(reportTable(report, { digits: 'exact' })).toContain(total.toLocaleString('en-US'));
});

test('side by side, figures stand with their ratio to the first model', () => {
  const { titles, rows } = comparisonOf([reportOf(1), reportOf(2)]);
  expect(titles).toHaveLength(3);
  const of = (name: string) => rows.find(([title]) => title === name)!;
  const blocks = reportOf(2).cost.params.total - reportOf(1).cost.params.total;
  const ratio = 1 + Number(blocks) / Number(reportOf(1).cost.params.total);
  expect(of('parameters')[2]).toContain(`(${ratio.toFixed(2)} x)`);
  expect(of('parameters')[1]).not.toContain(' x)');
});

test('Markdown is as people expect it', () => {
  expect(reportMarkdown([reportOf(1)], { depth: 2 })).toMatchSnapshot();
});
