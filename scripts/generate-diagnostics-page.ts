// Writes docs/diagnostics.md from the table of codes and their examples. Run with `npx tsx scripts/generate-diagnostics-page.ts`
// after a change of either, or of what the compiler says about an example; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../cli/package-root.ts';
import { RUNTIME_CODES, RUNTIME_TITLE } from '../cli/runtime-codes.ts';
import { sourceReader } from '../cli/source-reader.ts';
import {
  CODE_GROUPS,
  CODES,
  type Code,
  type CodeGroup,
  codesOf,
} from '../compiler/diagnostics/codes.ts';
import { renderDiagnostics } from '../compiler/diagnostics/render.ts';
import { explain } from '../compiler/explain.ts';

/** The page's text. */
export function diagnosticsPage(): string {
  return `# Diagnostics

Made from \`compiler/diagnostics/codes.ts\` and the examples beside it by \`scripts/generate-diagnostics-page.ts\`. A code keeps its meaning
for ever; \`bform explain CODE\` prints its entry. What is said about each example is what the compiler says now.

${CODE_GROUPS.map(contents).join('\n')}
${CODE_GROUPS.map(section).join('\n')}
## ${RUNTIME_TITLE}
A bundle that does not load, a run that fails: these are no diagnostics but errors, thrown as the classes of [bform/runtime](api.md#bformruntime).

${Object.entries(RUNTIME_CODES)
  .map(([code, { title, explanation }]) => `- \`${code}\` **${title}**: ${explanation}\n`)
  .join('')}`;
}

const contents = (group: CodeGroup): string =>
  `**${group.title}**\n\n${codesOf(group)
    .map((code) => `- [\`${code}\`](#${code.toLowerCase()}) ${CODES[code].title}\n`)
    .join('')}`;

const section = (group: CodeGroup): string =>
  `## ${group.title}\n\n${codesOf(group).map(entry).join('\n')}`;

function entry(code: Code): string {
  const { title, explanation, example, noExample } = explain(code, sourceReader(packageRoot()));
  const meaning = `### ${code}\n**${title}**: ${explanation}\n`;
  if (!example) return `${meaning}\nIt has no example: ${noExample}\n`;
  const { wrong, right, beside, compiled } = example;
  const found = compiled ? ', found when the model is compiled' : '';
  return [
    meaning,
    ...beside.map(({ path, text }) => `\nBeside it, \`${path}\`:\n${fenced('bform', text)}`),
    `\nWrong${found}:\n${fenced('bform', wrong.text)}`,
    fenced('text', renderDiagnostics(wrong.diagnostics, { color: false })),
    `\nRight:\n${fenced('bform', right.text)}`,
  ].join('');
}

const fenced = (kind: string, text: string): string => `\`\`\`${kind}\n${text}\`\`\`\n`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/diagnostics.md', import.meta.url), diagnosticsPage());
