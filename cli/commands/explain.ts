// bform explain: what a code of a diagnostic means, with a wrong example, what is said about it, and a right one.
import { Command } from 'commander';
import {
  CODE_GROUPS,
  CODES,
  type CodeEntry,
  codesOf,
  isCode,
} from '../../compiler/diagnostics/codes.ts';
import { renderDiagnostics, toJson } from '../../compiler/diagnostics/render.ts';
import { suggest } from '../../compiler/diagnostics/suggest.ts';
import { type ExplainedFile, type Explanation, explain } from '../../compiler/explain.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { packageRoot } from '../package-root.ts';
import { give } from '../result.ts';
import { isRuntimeCode, RUNTIME_CODES, RUNTIME_TITLE } from '../runtime-codes.ts';
import { sourceReader } from '../source-reader.ts';
import { inColor } from '../streams.ts';

export const command = () =>
  new Command('explain')
    .description('what a code of a diagnostic means, with a wrong and a right example')
    .argument('[code]', 'such as BF3001; without one, all codes are listed')
    .action((text: string | undefined) => {
      if (text === undefined) return give(codeList(), codeListText);
      const code = text.toUpperCase();
      if (isRuntimeCode(code)) {
        const entry = RUNTIME_CODES[code];
        return give({ code, ...entry }, () => meaningOf({ code, ...entry }));
      }
      if (!isCode(code)) {
        const near = suggest(code, [...Object.keys(CODES), ...Object.keys(RUNTIME_CODES)]);
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
  groups: [
    ...CODE_GROUPS.map((group) => ({
      ...group,
      codes: codesOf(group).map((code) => ({ code, title: CODES[code].title })),
    })),
    {
      prefix: 'BF9',
      title: RUNTIME_TITLE,
      codes: Object.entries(RUNTIME_CODES).map(([code, { title }]) => ({ code, title })),
    },
  ],
});

const codeListText = (): string =>
  codeList()
    .groups.map(({ title, codes }) => {
      const rows = codes.map((entry) => `  ${entry.code}  ${entry.title}\n`);
      return `${title}\n${rows.join('')}`;
    })
    .join('\n');

const meaningOf = ({ code, title, explanation }: CodeEntry & { readonly code: string }): string =>
  `${code}: ${title}\n\n${wrapped(explanation)}`;

function asText({ example, noExample, ...entry }: Explanation, color: boolean): string {
  const meaning = meaningOf(entry);
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
