// bform explain: what a code of a diagnostic means, with a wrong example, what is said about it, and a right one.
import { Command } from 'commander';
import { CODE_GROUPS, CODES, codesOf, isCode } from '../../compiler/diagnostics/codes.ts';
import { renderDiagnostics, toJson } from '../../compiler/diagnostics/render.ts';
import { suggest } from '../../compiler/diagnostics/suggest.ts';
import { type ExplainedFile, type Explanation, explain } from '../../compiler/explain.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { packageRoot } from '../package-root.ts';
import { give } from '../result.ts';
import { sourceReader } from '../source-reader.ts';
import { inColor } from '../streams.ts';

export const command = () =>
  new Command('explain')
    .description('what a code of a diagnostic means, with a wrong and a right example')
    .argument('[code]', 'such as BF3001; without one, all codes are listed')
    .action((text: string | undefined) => {
      if (text === undefined) return give(codeList(), codeListText);
      const code = text.toUpperCase();
      if (!isCode(code)) {
        const near = suggest(code, Object.keys(CODES));
        const more = near ? `Did you mean ${near}?` : '`bform explain` lists all codes.';
        throw new UsageError(`There is no code ${text}. ${more}`);
      }
      const explanation = explain(code, sourceReader(packageRoot()));
      give(asJson(explanation), () => asText(explanation, inColor('stdout')));
    });

export const examples: readonly Example[] = [
  ['bform explain BF3001', 'what a code means, a wrong and a right example'],
  ['bform explain', 'all codes, by groups'],
  ['bform explain BF3001 --json', 'the same as data'],
];

const codeList = () => ({
  groups: CODE_GROUPS.map((group) => ({
    ...group,
    codes: codesOf(group).map((code) => ({ code, title: CODES[code].title })),
  })),
});

const codeListText = (): string =>
  CODE_GROUPS.map((group) => {
    const rows = codesOf(group).map((code) => `  ${code}  ${CODES[code].title}\n`);
    return `${group.title}\n${rows.join('')}`;
  }).join('\n');

function asText({ code, title, explanation, example, noExample }: Explanation, color: boolean) {
  const meaning = `${code}: ${title}\n\n${wrapped(explanation)}`;
  if (!example) return `${meaning}\n${wrapped(`It has no example: ${noExample}`)}`;
  const { wrong, right, beside, compiled } = example;
  const found = compiled ? ', found when the model is compiled' : '';
  return [
    meaning,
    ...beside.map((file) => `Beside it, ${file.path}:\n\n${indented(file.text)}`),
    `Wrong${found}:\n\n${indented(wrong.text)}`,
    indented(renderDiagnostics(wrong.diagnostics, { color })),
    `Right:\n\n${indented(right.text)}`,
  ].join('\n');
}

const asJson = ({ example, ...meaning }: Explanation) => ({
  ...meaning,
  ...(example && {
    example: { ...example, wrong: fileJson(example.wrong), right: fileJson(example.right) },
  }),
});

const fileJson = ({ diagnostics, ...file }: ExplainedFile) => ({
  ...file,
  diagnostics: toJson(diagnostics),
});

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** In lines of 100 characters at most, where its words allow it. */
const wrapped = (text: string): string => text.replace(/(.{1,100})(?:\s+|$)/g, '$1\n');
