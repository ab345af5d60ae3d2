// A page in a headless Chromium, for tests of what people see. Nothing is fetched: every request, and whatever the console
// says, is kept for the test to look at.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Of Chromium's program; `undefined` where the machine has none. */
export const browserPath: string | undefined = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, and errors that no one caught. */
  readonly complaints: readonly string[];
  /** Addresses that were asked for, without the page's own. */
  readonly requests: readonly string[];
}

export interface OpenOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly script?: boolean;
}

export interface Pages {
  readonly open: (html: string, options?: OpenOptions) => Promise<Opened>;
  readonly close: () => Promise<void>;
  /** Temporary; gone when the pages are closed. */
  readonly folder: string;
}

export async function startBrowser(): Promise<Pages> {
  if (browserPath === undefined) throw new Error('there is no chromium on the PATH');
  const folder = mkdtempSync(join(tmpdir(), 'bform-pages-'));
  const browser: Browser = await chromium.launch({ executablePath: browserPath, args: FLAGS });
  let files = 0;
  return {
    folder,
    async open(html, { width = 1440, height = 900, scheme = 'light', script = true } = {}) {
      const address = join(folder, `page-${files++}.html`);
      await writeFile(address, html);
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        javaScriptEnabled: script,
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      const [complaints, requests]: [string[], string[]] = [[], []];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      const own = pathToFileURL(address).href;
      page.on('request', (request) => {
        if (request.url().split('#')[0] !== own) requests.push(request.url());
      });
      await page.goto(own);
      return { page, complaints, requests };
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
