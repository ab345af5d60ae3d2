// Writes docs/diagnostics.md from the table of codes. Run with `npx tsx scripts/generate-diagnostics-page.ts` after a
// change of the table; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CODES } from '../compiler/diagnostics/codes.ts';

const AREAS = [
  { prefix: 'BF1', title: 'Syntax and files' },
  { prefix: 'BF2', title: 'Names, parameters, structure, budgets' },
  { prefix: 'BF3', title: 'Shapes and types' },
  { prefix: 'BF4', title: 'Limits of the device' },
];

/** The page's text. */
export function diagnosticsPage(): string {
  const sections = AREAS.map(({ prefix, title }) => {
    const rows = Object.entries(CODES)
      .filter(([code]) => code.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, entry]) => `| \`${code}\` | ${cell(entry.title)} | ${cell(entry.explanation)} |`,
      );
    return `## ${title}\n| code | | |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Diagnostics

Made from \`compiler/diagnostics/codes.ts\` by \`scripts/generate-diagnostics-page.ts\`. A code keeps its meaning for ever;
\`bform explain CODE\` prints its entry.

${sections.join('\n')}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/diagnostics.md', import.meta.url), diagnosticsPage());
