// Writes docs/stdlib.md from the standard library's own doc comments. Run with `npx tsx scripts/generate-stdlib-page.ts`
// after a change of stdlib/; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownItem } from '../cli/docs/markdown.ts';
import {
  checkModule,
  documentModule,
  libraryPaths,
  librarySource,
} from '../cli/docs/read-module.ts';

/** The page's text. */
export function stdlibPage(): string {
  return `# The standard library

Made from the doc comments of [stdlib/](../stdlib/) by \`scripts/generate-stdlib-page.ts\`. Everything is ordinary source in the
[language](language.md), nothing of it is known to the compiler by name. A file says what it uses: \`use std.{attention, rms_norm}\`.
\`bform docs std.attention\` prints the part of one file.
What a layer costs is a formula in the sizes of its input and in those of its parameters that stand in it, the others at their defaults; [costs.md](costs.md) says what is counted.
The models of \`papers/\` are compiled by their paths: \`bform report stdlib/papers/llama.bform --set layers=40\`.
Their figures, as published and as reported: [papers.md](papers.md).

${libraryPaths().map(section).join('\n')}`;
}

function section(path: string): string {
  const source = librarySource(path);
  const { diagnostics, result } = checkModule(source);
  if (!result) throw new Error(`${path}: ${diagnostics[0]?.message}`);
  // The models of papers have a page of their own for that, and take long.
  const doc = documentModule(source, result, { costs: !path.startsWith('papers/') });
  const address = `../stdlib/${path}`;
  const options = { level: 3, source: (line: number) => `${address}#L${line}` };
  const entries = doc.items.map((item) => `${markdownItem(item, options)}\n`);
  return `## [${path}](${address})\n${doc.about}\n\n${entries.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/stdlib.md', import.meta.url), stdlibPage());
