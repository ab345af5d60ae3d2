// The page of a report in a browser: by keyboard and by pointer, in light, in dark, narrow and printed. Needs Chromium
// (.ci/run installs it where it can); without it these tests are skipped, and say so.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { htmlReport } from '../../../compiler/report/html/html-report.ts';
import { browserPath, type Opened, type Pages, startBrowser } from '../../support/browser.ts';
import { reportOf, SLOW_DEVICE, SMALL_MIXTURE } from '../../support/report-of.ts';

if (browserPath === undefined) {
  const line = '='.repeat(100);
  console.warn(`\n${line}\nNOT TESTED IN A BROWSER: there is no chromium on the PATH.\n${line}`);
  if (process.env.BFORM_BROWSER === 'required') throw new Error('a browser is required');
}

const device = { name: 'slow', roofline: SLOW_DEVICE };
const one = htmlReport([reportOf(SMALL_MIXTURE, { device })]);
const two = htmlReport([
  reportOf(SMALL_MIXTURE, { device }),
  reportOf(SMALL_MIXTURE.replace('a f g g', 'a f f'), { device, place: 'other.bform' }),
]);

let pages: Pages;
beforeAll(async () => {
  if (browserPath !== undefined) pages = await startBrowser();
});
afterAll(() => pages?.close());

/** What is selected, everywhere in the page. */
const selected = (page: Page): Promise<string[]> =>
  page.$$eval('.on[data-n]', (all) => [...new Set(all.map((one) => one.getAttribute('data-n')!))]);

/** What an expression gives in the page. */
const told = <T>(page: Page, expression: string): Promise<T> => page.evaluate<T>(expression);

const focused = (page: Page, attribute: string): Promise<string | null> =>
  told(page, `document.activeElement.getAttribute('${attribute}')`);

const ground = (page: Page): Promise<string> =>
  told(page, 'getComputedStyle(document.body).backgroundColor');

const visibleRows = (page: Page): Promise<string[]> =>
  page.$$eval('.panel:not([hidden]) .layers tbody tr:not([hidden])', (rows) =>
    rows.map((row) => row.querySelector('a')!.textContent!),
  );

async function quiet({ complaints, requests }: Opened): Promise<void> {
  expect(complaints).toEqual([]);
  expect(requests).toEqual([]);
}

describe.skipIf(browserPath === undefined)('the page in a browser', () => {
  it('asks for nothing and complains of nothing, whatever is done on it', async () => {
    const opened = await pages.open(two);
    const { page } = opened;
    for (const target of [
      '.diagram a',
      '.icicle .area',
      '.layers tbody a',
      '.point:last-child circle',
      '.step',
      '#tab-1',
      '.line i[data-s]',
      '#theme',
    ])
      await page.locator(`${target}:visible`).first().click();
    await quiet(opened);
  });

  it('marks a layer of the diagram everywhere, with the letter in the order that makes it', async () => {
    const { page } = await pages.open(one);
    await page.locator('.diagram .box', { hasText: 'ffn' }).first().click();
    expect(await selected(page)).toHaveLength(1);
    expect(await page.locator('tr.on').getAttribute('id')).toBe(
      `layer-0-${(await selected(page))[0]}`,
    );
    expect(await page.locator('.line.on i.on').allTextContents()).toContain('f');
    expect(await page.locator('.file:not(.library) .line.on').textContent()).toContain(
      'pre_norm(layer_norm): a f g g',
    );
    expect(await page.locator('.selected h3').textContent()).toBe('f');
    expect(await page.locator('.selected').textContent()).toContain('ffn(hidden: 32');
    await page.keyboard.press('Escape');
    expect(await selected(page)).toEqual([]);
  });

  it('selects the layer that a place of the source makes, and by another click the next', async () => {
    const { page } = await pages.open(one);
    const letter = page.locator('.file:not(.library) i[data-s]', { hasText: /^f$/ });
    await letter.click();
    expect(await page.locator('.selected h3').textContent()).toBe('f');
    await letter.click();
    expect(await page.locator('.selected h3').textContent()).not.toBe('f');
  });

  it('opens the library where a layer is made in it', async () => {
    const { page } = await pages.open(one);
    await page.locator('.insides .box', { hasText: 'wq' }).click();
    expect(await page.locator('details.library[open] summary').count()).toBe(0);
    expect(await page.locator('.file:not(.library) .line i.on').allTextContents()).toEqual(['a']);
    await page.locator('summary', { hasText: 'std/attention.bform' }).click();
    expect(await page.locator('details.library .line i.on').allTextContents()).toContain('wq(x)');
  });

  it('has one stop of the tab key for a group, in which arrow keys move and Enter selects', async () => {
    const { page } = await pages.open(one);
    expect(await page.locator('.flow.outer [data-n][tabindex="0"]').count()).toBe(1);
    await page.locator('.flow.outer [data-n]').first().focus();
    const first = await focused(page, 'data-n');
    await page.keyboard.press('ArrowRight');
    const second = await focused(page, 'data-n');
    expect(second).not.toBe(first);
    await page.keyboard.press('Enter');
    expect(await selected(page)).toEqual([second]);
  });

  it('says at once, on hover and on focus by keyboard, what an element is', async () => {
    const { page } = await pages.open(one);
    const tip = page.locator('.tip');
    const box = page.locator('.diagram .box', { hasText: 'attention' }).first();
    await box.hover();
    expect(await tip.textContent()).toContain('heads: 2, kv_heads: 2');
    expect(await tip.textContent()).toContain('gives f32[2, 8, 16]');
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    expect(await box.getAttribute('title')).toContain('heads: 2');
    await page.locator('.icicle .area').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await tip.textContent()).toMatch(/parameters/);
    await page.locator('.layers td').nth(8).hover();
    await expect.poll(() => tip.textContent()).not.toMatch(/heads/);
  });

  it('labels a kernel of the roofline on focus, and selects the layer that most of it is', async () => {
    const { page } = await pages.open(one);
    const point = page.locator('.point').first();
    expect(await point.locator('text').isVisible()).toBe(false);
    await point.focus();
    expect(await point.locator('text').isVisible()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await selected(page)).toEqual([await point.getAttribute('data-n')]);
  });

  it('makes an area as wide as all by Enter, and goes back by Escape', async () => {
    const { page } = await pages.open(one);
    const widths = () =>
      page.$$eval('.icicle .area', (all) => all.map((area) => area.getBoundingClientRect().width));
    const before = await widths();
    await page.locator('.icicle .area').first().focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    const at = Number(await focused(page, 'data-n'));
    await page.keyboard.press('Enter');
    const zoomed = await widths();
    expect(zoomed[at]! / zoomed[0]!).toBeCloseTo(1, 3);
    expect(before[at]! / before[0]!).toBeLessThan(0.5);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await widths()).toEqual(before);
  });

  it('shows another metric by arrow keys on its bars', async () => {
    const { page } = await pages.open(one);
    await page.locator('.bar input:checked').focus();
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('.cost .metric').textContent()).toBe('Activated parameters');
    const root = await page.locator('.icicle .area text').first().textContent();
    expect(root).toContain('13.60k');
  });

  it('sorts by a column, the largest first, and comes back to the order in which layers run', async () => {
    const { page } = await pages.open(one);
    const before = await visibleRows(page);
    const head = page.locator('.layers th[data-c="flops"]');
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const flops = await page.$$eval('.layers tbody tr:not([hidden]) td:nth-child(8)', (cells) =>
      cells.map((cell) =>
        Number(
          (cell.getAttribute('title') ?? cell.textContent!)
            .split('\n')[0]!
            .replace(/,/g, '')
            .replace('-', '0'),
        ),
      ),
    );
    expect(flops.length).toBeGreaterThan(10);
    expect(flops).toEqual([...flops].sort((a, b) => b - a));
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('none');
    expect(await visibleRows(page)).toEqual(before);
  });

  it('folds and unfolds by arrow keys and by depth, and finds rows by a text', async () => {
    const { page } = await pages.open(one);
    await page.locator('.depth').selectOption('2');
    const folded = await visibleRows(page);
    expect(folded).toContain('a');
    expect(folded).not.toContain('wq');
    await page.locator('.layers tbody a', { hasText: /^a$/ }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await visibleRows(page)).toContain('wq');
    await page.keyboard.press('ArrowLeft');
    expect(await visibleRows(page)).toEqual(folded);
    await page.keyboard.press('ArrowDown');
    expect(await told(page, 'document.activeElement.textContent')).toBe('f_norm');
    await page.locator('.filter').fill('router');
    expect(await visibleRows(page)).toEqual(['blocks × 3', 'g', 'router', 'g_2', 'router']);
    expect(await page.locator('.layers .count').textContent()).toBe('2 layers');
  });

  it('is folded at first as deep as it was asked for', async () => {
    const asked = async (depth: number) => {
      const { page } = await pages.open(htmlReport([reportOf(SMALL_MIXTURE)], depth));
      return { rows: await visibleRows(page), shown: await page.locator('.depth').inputValue() };
    };
    expect(await asked(1)).toEqual({
      rows: ['embed', 'blocks × 3', 'layer_norm', 'unembed'],
      shown: '1',
    });
    const deepest = await asked(99);
    expect(deepest.rows).toContain('wq');
    expect(deepest.shown).not.toBe('');
  });

  it('shows all columns when asked', async () => {
    const { page } = await pages.open(one);
    const column = page.locator('.layers th[data-c="elementwise"]');
    expect(await column.isVisible()).toBe(false);
    await page.locator('.all-columns').check();
    expect(await column.isVisible()).toBe(true);
  });

  it('shows one of several reports at a time, chosen by arrow keys, with the sources that it uses', async () => {
    const { page } = await pages.open(two);
    const shown = () =>
      page.locator('.panel:visible').evaluateAll((all) => all.map(({ id }) => id));
    expect(await shown()).toEqual(['panel-0']);
    await page.locator('#tab-0').focus();
    await page.keyboard.press('ArrowRight');
    expect(await shown()).toEqual(['panel-1']);
    expect(await focused(page, 'id')).toBe('tab-1');
    expect(await page.locator('.file:visible').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('a f f')]),
    );
    expect(await page.locator('.panel:visible .icicle .area text').first().textContent()).toContain(
      'tiny',
    );
    expect(await page.locator('.file:visible summary').allTextContents()).not.toContain(
      'std/routers.bform',
    );
  });

  it('is as dark as the system, and turns at the press of a button', async () => {
    const { page } = await pages.open(one, { scheme: 'dark' });
    const dark = await ground(page);
    expect(await page.locator('#theme').textContent()).toBe('Light');
    await page.locator('#theme').press('Enter');
    expect(await ground(page)).not.toBe(dark);
    expect(await page.locator('#theme').textContent()).toBe('Dark');
  });

  it.each(['light', 'dark'] as const)(
    'has no failing of accessibility that axe finds: %s',
    async (scheme) => {
      const { page } = await pages.open(two, { scheme });
      await page.locator('.diagram .box').nth(3).click();
      await page.mouse.move(2, 2);
      await page.evaluate(axe.source);
      const { violations } = await told<AxeResults>(page, 'axe.run(document)');
      const found = violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
      expect(found).toEqual([]);
    },
  );

  it('lets the page itself scroll down only, however narrow', async () => {
    const { page } = await pages.open(two, { width: 360, height: 640 });
    const width = await told<number>(page, 'document.documentElement.scrollWidth');
    expect(width).toBe(360);
  });

  it('shows everything without its script', async () => {
    const opened = await pages.open(two, { script: false });
    const { page } = opened;
    expect(await page.locator('.panel:visible').count()).toBe(2);
    expect(await page.locator('.layers tbody tr:visible').count()).toBe(
      await page.locator('.layers tbody tr').count(),
    );
    expect(await page.locator('.script:visible').count()).toBe(0);
    await quiet(opened);
  });

  it('prints all reports in light, without what only a screen can do', async () => {
    const { page } = await pages.open(two, { scheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.panel:visible').count()).toBe(2);
    expect(await page.locator('.tools:visible, .tabs:visible, #theme:visible').count()).toBe(0);
    expect(await ground(page)).toBe('rgb(255, 255, 255)');
    const path = join(pages.folder, 'print.pdf');
    await page.pdf({ path, preferCSSPageSize: true });
    expect(statSync(path).size).toBeGreaterThan(10_000);
  });

  it('runs no script of a user’s', async () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`;
    const source = SMALL_MIXTURE.replace('A small mixture.', hostile).replace(
      'Small enough to be read.',
      hostile,
    );
    const report = reportOf(source, { place: hostile, device: { ...device, name: hostile } });
    const opened = await pages.open(htmlReport([report, { ...report, place: `${hostile} 2` }]));
    await opened.page.locator('.diagram a').first().click();
    expect(await opened.page.locator('.doc:visible').textContent()).toBe(hostile);
    await quiet(opened);
  });

  it.each([
    ['light, wide', { width: 1440, height: 1000, scheme: 'light' }],
    ['dark, wide', { width: 1440, height: 1000, scheme: 'dark' }],
    ['light, narrow', { width: 390, height: 844, scheme: 'light' }],
    ['dark, narrow', { width: 390, height: 844, scheme: 'dark' }],
  ] as const)('has a picture: %s', async (name, options) => {
    const { page } = await pages.open(two, options);
    const path = join(process.env.BFORM_PICTURES ?? pages.folder, `${name.replace(', ', '-')}.png`);
    const picture = await page.screenshot({ path, fullPage: true });
    expect(picture.readUInt32BE(16)).toBe(options.width);
  });
});
