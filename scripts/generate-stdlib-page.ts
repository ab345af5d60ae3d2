// Writes docs/stdlib.md from the standard library's own doc comments. Run with `npx tsx scripts/generate-stdlib-page.ts`
// after a change of stdlib/; a test compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Item } from '../compiler/ast/ast.ts';
import { buildAst } from '../compiler/ast/build-ast.ts';
import { parse } from '../grammar/parse.ts';

const stdlib = new URL('../stdlib/', import.meta.url);

/** The page's text. */
export function stdlibPage(): string {
  const files = readdirSync(stdlib, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.bform'))
    .sort();
  return `# The standard library

Made from the doc comments of [stdlib/](../stdlib/) by \`scripts/generate-stdlib-page.ts\`. Everything is ordinary source in the
[language](language.md), nothing of it is known to the compiler by name. A file says what it uses: \`use std.{attention, rms_norm}\`.
The models of \`papers/\` are compiled by their paths: \`bform report stdlib/papers/llama.bform --set layers=40\`.
Their figures, as published and as reported: [papers.md](papers.md).

${files.map(section).join('\n')}`;
}

function section(path: string): string {
  const text = readFileSync(new URL(path, stdlib), 'utf8');
  const file = { path, text };
  const { cst, comments } = parse(file, ({ message }) => {
    throw new Error(`${path}: ${message}`);
  });
  const { items } = buildAst(cst, comments, file, () => {});
  const about = text
    .slice(0, text.indexOf('edition'))
    .replace(/^\/\/ ?/gm, '')
    .trim();
  const entries = items.filter(({ name }) => !name.text.startsWith('_')).map(entry);
  return `## [${path}](../stdlib/${path})\n${about}\n\n${entries.join('\n')}`;
}

function entry(item: Item): string {
  return `### ${item.name.text}\n\`\`\`text\n${signature(item)}\n\`\`\`\n${item.doc ?? ''}\n`;
}

/** The declaration up to the brace that opens its body. */
function signature({ span }: Item): string {
  const text = span.file.text.slice(span.start, span.end);
  const end = text.search(/\{$/m);
  return text
    .slice(0, end)
    .replace(/^\/\/\/.*\n/gm, '')
    .trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/stdlib.md', import.meta.url), stdlibPage());
