// bform fmt: puts .bform files into the standard layout. A file is written only where that changes it, whole or not at all;
// one with syntax errors stays as it is, and does not keep the others from being formatted.
import { accessSync, constants, realpathSync } from 'node:fs';
import { Command } from 'commander';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { printable } from '../../compiler/diagnostics/printable.ts';
import { renderDiagnostics, toJson } from '../../compiler/diagnostics/render.ts';
import { format } from '../../grammar/format/format.ts';
import type { Example } from '../examples.ts';
import { Reported, UsageError } from '../exit.ts';
import { printsJson } from '../result.ts';
import { sourceFiles } from '../source-files.ts';
import { readSource } from '../source-reader.ts';
import { inColor, paint, sayJson, sayPart, talk } from '../streams.ts';
import { writeFiles } from '../write-files.ts';

interface Options {
  readonly check?: boolean;
}

/** What became of a file. */
interface Formatted {
  readonly path: string;
  readonly before: string;
  /** Absent where the file has syntax errors. */
  readonly after: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export const command = () =>
  new Command('fmt')
    .description(
      'put .bform files into the standard layout; only white space changes, and a comma before a closing bracket goes',
    )
    .argument('[paths...]', 'files, and folders of .bform files; `-` is standard input', ['.'])
    .option('--check', 'change nothing; end with code 1 if a file is not formatted')
    .action(formatPaths);

export const examples: readonly Example[] = [
  ['bform fmt', 'all files below this folder'],
  ['bform fmt model.bform layers', 'a file, and all in a folder'],
  ['bform fmt --check', 'is everything formatted? For continuous integration'],
  ['cat model.bform | bform fmt -', 'for editors: standard input to standard output'],
];

async function formatPaths(
  paths: readonly string[],
  { check: isCheck = false }: Options,
): Promise<void> {
  if (paths.includes('-')) return formatStdin(paths, isCheck);
  const results = sourceFiles(paths).map((path) => formatted(path, readSource(path)));
  for (const result of results) {
    if (!isCheck && isChanged(result)) await write(result);
    if (!printsJson()) tell(result, isCheck);
  }
  if (printsJson()) sayJson(asJson(results));
  else talk(summary(results, isCheck));
  endWith(results, isCheck);
}

async function formatStdin(paths: readonly string[], isCheck: boolean): Promise<void> {
  if (paths.length > 1) throw new UsageError('`-`, standard input, stands alone.');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const result = formatted('<stdin>', Buffer.concat(chunks).toString('utf8'));
  if (printsJson()) sayJson(asJson([result]));
  else if (isCheck || result.after === undefined) tell(result, isCheck);
  else sayPart(result.after);
  endWith([result], isCheck);
}

function formatted(path: string, before: string): Formatted {
  const diagnostics: Diagnostic[] = [];
  const after = format({ path, text: before }, (diagnostic) => diagnostics.push(diagnostic));
  return { path, before, after, diagnostics };
}

const isChanged = ({ before, after }: Formatted): boolean =>
  after !== undefined && after !== before;

/** A link stays one: what it leads to is written. */
async function write({ path, after }: Formatted): Promise<void> {
  const target = realpathSync(path);
  accessSync(target, constants.W_OK);
  await writeFiles(new Map([[target, [Buffer.from(after!)]]]));
}

function tell(result: Formatted, isCheck: boolean): void {
  const { path, diagnostics } = result;
  if (diagnostics.length > 0) talk(renderDiagnostics(diagnostics, { color: inColor('stderr') }));
  if (isChanged(result)) talk(isCheck ? difference(result) : `formatted ${printable(path)}`);
}

const SHOWN_LINES = 6;

/** The first lines that differ, as they are and as they would be. */
function difference({ path, before, after }: Formatted): string {
  const { red, green } = paint('stderr');
  const [is, becomes] = [before.split('\n'), after!.split('\n')];
  let start = 0;
  while (is[start] === becomes[start]) start++;
  const length = changedLines(is.slice(start), becomes.slice(start));
  const shown = (lines: readonly string[], sign: string): string[] =>
    lines.slice(start).map((line) => `  ${sign} ${printable(line)}`);
  return [
    `${printable(path)}:${start + 1}: not formatted`,
    ...shown(is.slice(0, start + length.is), '-').map(red),
    ...shown(becomes.slice(0, start + length.becomes), '+').map(green),
  ].join('\n');
}

/** How many lines of both until one is the same, as many as are shown at most. */
function changedLines(is: readonly string[], becomes: readonly string[]) {
  for (let sum = 1; sum <= SHOWN_LINES; sum++)
    for (let i = 0; i <= sum; i++)
      if (is[i]?.trim() && is[i] === becomes[sum - i]) return { is: i, becomes: sum - i };
  return { is: SHOWN_LINES / 2, becomes: SHOWN_LINES / 2 };
}

function summary(results: readonly Formatted[], isCheck: boolean): string {
  const changed = results.filter(isChanged).length;
  const wrong = results.filter(({ after }) => after === undefined).length;
  const right = results.length - changed - wrong;
  const parts = [
    ...(changed > 0 ? [`${files(changed)} ${isCheck ? 'not ' : ''}formatted`] : []),
    ...(right > 0 ? [`${files(right)} ${isCheck ? 'formatted' : 'formatted already'}`] : []),
    ...(wrong > 0
      ? [`${files(wrong)} with syntax errors, left as ${wrong > 1 ? 'they were' : 'it was'}`]
      : []),
  ];
  return parts.join(', ');
}

const files = (count: number): string => `${count} ${count === 1 ? 'file' : 'files'}`;

const asJson = (results: readonly Formatted[]) => ({
  files: results.map((result) => ({ path: result.path, changed: isChanged(result) })),
  diagnostics: results.flatMap(({ diagnostics }) => toJson(diagnostics)),
});

/** @throws {Reported} where a file has syntax errors, or is only checked and not formatted. */
function endWith(results: readonly Formatted[], isCheck: boolean): void {
  const isWrong = results.some(
    (result) => result.after === undefined || (isCheck && isChanged(result)),
  );
  if (isWrong) throw new Reported();
}
