// docs/papers.md says what the report counts, and rows without a remark agree with what was published.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withoutEmbeddings } from '../../compiler/report/json.ts';
import { paperReport } from '../support/paper-costs.ts';

const page = readFileSync(new URL('../../docs/papers.md', import.meta.url), 'utf8');
const rows = Array.from(
  page.matchAll(/^\| `(\w+)\.bform:(\w+)` \|(.*)\|$/gm),
  ([, file, model, cells]) => ({
    file: file!,
    model: model!,
    cells: cells!.split('|').map((cell) => cell.trim()),
  }),
);

const UNITS: Readonly<Record<string, number>> = { M: 1e6, B: 1e9, T: 1e12 };

/** Five digits: `976.92M`, `1.1618T`. */
function counted(value: bigint): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, size]) => Number(value) >= size)!;
  return `${(Number(value) / size).toPrecision(5)}${unit}`;
}

/** A figure as published: its value, and half of what its last digit stands for. */
function published(text: string): { value: number; half: number } {
  const [, number, decimals = '', unit] = /^(\d+(?:\.(\d+))?)([MBT])$/.exec(text)!;
  const size = UNITS[unit!]!;
  return { value: Number(number) * size, half: 0.5 * size * 10 ** -decimals.length };
}

const agrees = (value: bigint, text: string): boolean => {
  const { value: expected, half } = published(text);
  return Math.abs(Number(value) - expected) <= half;
};

it('the page has a table of models', () => {
  expect(rows.length).toBeGreaterThan(20);
});

describe.each(rows)('$file:$model', ({ file, model, cells }) => {
  const [counts, total, reportedTotal, activated, reportedActivated, remark] = cells;
  const report = paperReport(file, model);
  const params = counts === 'with' ? report.params : withoutEmbeddings(report);

  it('is reported as the page says', () => {
    expect(['with', 'without']).toContain(counts);
    expect(reportedTotal).toBe(counted(params.total));
    const all = params.activated === params.total;
    expect(reportedActivated).toBe(all ? 'all' : counted(params.activated));
  });

  it(remark ? 'disagrees where it says so' : 'agrees', () => {
    const same =
      agrees(params.total, total!) &&
      (activated === 'all'
        ? reportedActivated === 'all'
        : activated === '' || agrees(params.activated, activated!));
    expect(same).toBe(remark === '');
  });
});
