// Links of the documentation lead to files that exist, and to headings where they name one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const markdown = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}${path}`);
const pages = ['README.md', ...markdown('docs/'), ...markdown('examples/')];

/** The anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): string[] =>
  Array.from(page.matchAll(/^#+ (.+)$/gm), ([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

it.each(pages)('%s has no broken link', (path) => {
  const here = new URL(path, root);
  const text = readFileSync(here, 'utf8').replace(/```[\s\S]*?```/g, '');
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target!)) continue;
    const [file, anchor] = target!.split('#');
    const to = file ? new URL(file, here) : here;
    expect(existsSync(to), `${path} links to ${target}`).toBe(true);
    const line = anchor?.match(/^L(\d+)$/)?.[1];
    if (line) expect(readFileSync(to, 'utf8').split('\n').length).toBeGreaterThan(Number(line));
    else if (anchor)
      expect(anchors(readFileSync(to, 'utf8')), `${path}: ${target}`).toContain(anchor);
  }
});
