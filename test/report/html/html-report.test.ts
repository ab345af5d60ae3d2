// The page of a report, without a browser: what it shows, that its figures are those of the report, that text of users stays
// text, and that it is one small file.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flopsOf } from '../../../compiler/cost/conventions.ts';
import { htmlReport } from '../../../compiler/report/html/html-report.ts';
import type { PageData } from '../../../compiler/report/html/page-data.ts';
import { PAGE_SCRIPT } from '../../../compiler/report/html/page-script.generated.ts';
import { grouped } from '../../../compiler/report/quantities.ts';
import { generatedPageScript } from '../../../scripts/generate-page-script.ts';
import { dataOf, outline, tableOf } from '../../support/page-text.ts';
import { reportOf, SLOW_DEVICE, SMALL_MIXTURE } from '../../support/report-of.ts';

const slow = { name: 'slow', roofline: SLOW_DEVICE };
const report = reportOf(SMALL_MIXTURE, { device: slow });
const page = htmlReport([report]);

describe('the page of a small model', () => {
  it('shows this', async () => {
    await expect(outline(page)).toMatchFileSnapshot('../../golden/report/small-mixture.txt');
  });

  it('has the figures of the report on every row', () => {
    const table = tableOf(page);
    for (const row of report.cost.rows) {
      const shown = table.get(row.path)!;
      const figure = (title: string) => shown.get(title)!.replace(/^-$/, '0').replace(' bytes', '');
      expect(figure('parameters'), row.path).toBe(grouped(row.params));
      expect(figure('activated'), row.path).toBe(grouped(row.activated));
      expect(figure('MACs'), row.path).toBe(grouped(row.work.macs));
      expect(figure('FLOPs'), row.path).toBe(grouped(flopsOf(row.work, 'exact')));
      expect(figure('elementwise'), row.path).toBe(grouped(row.work.elementwise));
      expect(figure('moved'), row.path).toBe(grouped(row.moved));
      expect(figure('activations'), row.path).toBe(grouped(row.activations));
    }
    const total = table.get('total')!;
    expect(total.get('parameters')).toBe(grouped(report.cost.params.total));
    expect(total.get('FLOPs')).toBe(grouped(flopsOf(report.cost.work, 'exact')));
    expect(total.get('moved')).toBe(grouped(report.cost.moved));
  });

  it('draws areas of the figures of the report', () => {
    const { reports } = dataOf(page) as PageData;
    const [{ metrics, parents }] = reports as [PageData['reports'][0]];
    const flops = metrics.find(({ key }) => key === 'flops')!;
    expect(flops.values[0]).toBe(Number(flopsOf(report.cost.work, 'exact')));
    for (const { key, values } of metrics)
      for (const [at, value] of values.entries()) {
        const inside = values.filter((_, child) => parents[child] === at);
        const sum = inside.reduce((all, one) => all + one, 0);
        if (inside.length > 0)
          expect(Math.abs(sum - value), `${key} of layer ${at}`).toBeLessThanOrEqual(1e-9 * value);
      }
  });

  it('is the same each time', () => {
    expect(htmlReport([report])).toBe(page);
  });

  it('says what a device would add where none is given, and draws no memory where there is no schedule', () => {
    const plain = htmlReport([reportOf(SMALL_MIXTURE)]);
    expect(plain).toContain('--device NAME');
    expect(plain).not.toContain('Predicted time');
    const bare = htmlReport([
      {
        ...report,
        cost: { ...report.cost, kernels: [] },
        timeline: [],
        times: undefined,
        device: undefined,
      },
    ]);
    expect(outline(bare)).not.toContain('Memory');
  });
});

describe('several reports', () => {
  const other = reportOf(SMALL_MIXTURE, { place: 'other.bform', sizes: { b: 2, t: 16 } });
  const both = htmlReport([report, other]);

  it('stand beside each other with ratios, and have a tab each', () => {
    expect(outline(both)).toContain('# Side by side');
    expect(outline(both)).toMatch(/FLOPs per token \|.*\|.*1\.0\d ×/);
    expect(both.match(/role="tab"/g)).toHaveLength(2);
    expect(both.match(/role="tabpanel"/g)).toHaveLength(2);
  });

  it('are told apart by their places where their names are the same', () => {
    expect(both).toMatch(/role="tab"[^>]*>other\.bform</);
  });

  it('share their sources', () => {
    expect(both.match(/<summary>m\.bform<\/summary>/g)).toHaveLength(1);
  });

  it('have elements with names of their own', () => {
    const ids = [...both.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('text of users', () => {
  const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "' \u2028 \u202e`;
  const source = SMALL_MIXTURE.replace(
    '// A small mixture.',
    `// ${hostile.replace('\u2028', '')}`,
  ).replace('/// Small enough to be read.', `/// ${hostile.replace('\u2028', '')}`);
  const text = htmlReport([
    reportOf(source, { place: `${hostile}.bform`, device: { ...slow, name: hostile } }),
    reportOf(source, { place: `other ${hostile}`, device: { ...slow, name: hostile } }),
  ]);

  it('stays text: the page has no more elements than without it', () => {
    const elements = (one: string) =>
      [...one.matchAll(/<(script|img|style|meta|link|iframe|object)\b/g)].map(([, name]) => name);
    const tame = htmlReport([report, { ...report, place: 'other' }]);
    expect(elements(text)).toEqual(elements(tame));
    expect(text).not.toMatch(/<[^>]*\sonerror=/);
  });

  it('does not turn the text around it', () => {
    expect(text).not.toMatch(/\p{Bidi_Control}/u);
  });
});

describe('the file', () => {
  it('names nothing outside of itself', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:,")/);
    expect(page).not.toMatch(/url\(|@import/);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('has the script that its policy lets run', async () => {
    const bytes = new TextEncoder().encode(PAGE_SCRIPT);
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('base64');
    expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(page).toContain(`<script>${PAGE_SCRIPT}</script>`);
  });

  it('has the generated script (else run scripts/generate-page-script.ts)', async () => {
    expect(await generatedPageScript()).toContain(JSON.stringify(PAGE_SCRIPT));
  });

  it('is small', () => {
    expect(page.length).toBeLessThan(200_000);
  });

  it.each([
    ['brainformer', 'brainformer_1_8b'],
    ['glam', 'glam_64b_64e'],
    ['mixtral', 'mixtral_8x7b'],
  ])('is small for a published model too: %s.bform:%s', (file, model) => {
    const source = readFileSync(`stdlib/papers/${file}.bform`, 'utf8');
    const published = reportOf(source, { model, sizes: { b: 1, t: 1024 }, device: slow });
    expect(htmlReport([published]).length).toBeLessThan(260_000);
  });
});
