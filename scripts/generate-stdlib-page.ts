// Writes docs/stdlib.md from the standard library's own doc comments. Run with `npx tsx scripts/generate-stdlib-page.ts`
// after a change of stdlib/; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownItem } from '../cli/docs/markdown.ts';
import { libraryPaths, librarySource, readModule } from '../cli/docs/read-module.ts';

/** The page's text. */
export function stdlibPage(): string {
  return `# The standard library

Made from the doc comments of [stdlib/](../stdlib/) by \`scripts/generate-stdlib-page.ts\`. Everything is ordinary source in the
[language](language.md), nothing of it is known to the compiler by name. A file says what it uses: \`use std.{attention, rms_norm}\`.
\`bform docs std.attention\` prints the part of one file.
The models of \`papers/\` are compiled by their paths: \`bform report stdlib/papers/llama.bform --set layers=40\`.
Their figures, as published and as reported: [papers.md](papers.md).

${libraryPaths().map(section).join('\n')}`;
}

function section(path: string): string {
  const { diagnostics, result } = readModule(librarySource(path));
  if (!result) throw new Error(`${path}: ${diagnostics[0]?.message}`);
  const address = `../stdlib/${path}`;
  const options = { level: 3, source: (line: number) => `${address}#L${line}` };
  const entries = result.items.map((item) => `${markdownItem(item, options)}\n`);
  return `## [${path}](${address})\n${result.about}\n\n${entries.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/stdlib.md', import.meta.url), stdlibPage());
