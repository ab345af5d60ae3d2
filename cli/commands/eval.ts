// bform eval: how well a model predicts a text, in nats per token and as perplexity.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { evaluate } from '../../runtime/text/evaluate.ts';
import type { Example } from '../examples.ts';
import { UsageError, UserError } from '../exit.ts';
import { languageModel, languageShape, tokenizerOf } from '../language-model.ts';
import { type ModelParts, openModel, readModel } from '../open-model.ts';
import { rebuilt, wholeNumber } from '../options.ts';
import { withProgress } from '../progress.ts';
import { give } from '../result.ts';
import { paint } from '../streams.ts';

interface Options {
  readonly text?: string;
  readonly tokens?: string;
  readonly context?: number;
  readonly rebuild: boolean;
}

export const command = () =>
  new Command('eval')
    .description('measure how well a model predicts a text')
    .argument('<folder>', 'the bundle of a language model')
    .option('--text <file>', 'a file of UTF-8 text')
    .option('--tokens <file>', 'a JSON list of token ids instead, taken as they are')
    .option(
      '--context <n>',
      'tokens that a prediction may see; the most by default',
      wholeNumber(1),
    )
    .addOption(rebuilt())
    .action(evaluateText);

export const note =
  'The text is cut into windows of the context. Every token but the first is predicted once, from the ' +
  'tokens before it in its window; a window begins with the last token of the one before.';

export const examples: readonly Example[] = [
  ['bform eval bundle --text book.txt', 'a text'],
  [
    'bform eval bundle --tokens ids.json --context 512',
    'token ids, each predicted from 512 before it at most',
  ],
];

async function evaluateText(folder: string, options: Options): Promise<void> {
  if ((options.text === undefined) === (options.tokens === undefined))
    throw new UsageError('Give either --text FILE or --tokens FILE.');
  const parts = await readModel(folder, { rebuild: options.rebuild });
  const { vocab } = languageShape(parts.manifest);
  const ids =
    options.tokens === undefined
      ? encodeFile(options.text!, parts, vocab)
      : readIds(options.tokens, vocab);
  if (ids.length < 2) throw new UserError('There is nothing to predict: two tokens are needed.');
  using session = await openModel(parts);
  const { context } = options;
  const { tokens, nll, perplexity } = await withProgress('Evaluating', 'tokens', (onProgress) =>
    evaluate(languageModel(session), ids, {
      ...(context !== undefined && { context }),
      onProgress,
    }),
  );
  const { bold } = paint('stdout');
  give({ tokens, nll, perplexity }, () =>
    [
      `${bold('tokens')}      ${tokens}`,
      `${bold('nll')}         ${nll.toFixed(6)} nats per token`,
      `${bold('perplexity')}  ${perplexity.toFixed(4)}`,
    ].join('\n'),
  );
}

function encodeFile(file: string, { manifest, tokenizer }: ModelParts, vocab: number): number[] {
  const begin = manifest.text?.begin;
  const ids = tokenizerOf(manifest, tokenizer, vocab).encode(readText(file));
  return begin === undefined ? ids : [begin, ...ids];
}

function readIds(file: string, vocab: number): number[] {
  let ids: unknown;
  try {
    ids = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} is not valid JSON: ${(error as Error).message}`);
  }
  const isId = (id: unknown) =>
    Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocab;
  if (Array.isArray(ids) && ids.every(isId)) return ids;
  throw new UserError(`${file} must hold a list of whole numbers from 0 to ${vocab - 1}.`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`The text cannot be read: ${(error as Error).message}`);
  }
}
