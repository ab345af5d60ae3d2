// bform generate: continues a text with an imported model, shown as it is made.
import { Command } from 'commander';
import { generate } from '../../runtime/text/generate.ts';
import { streamDecoder } from '../../runtime/text/stream-decoder.ts';
import type { Example } from '../examples.ts';
import { UserError } from '../exit.ts';
import { languageModel, languageShape, tokenizerOf } from '../language-model.ts';
import { openModel, readModel } from '../open-model.ts';
import { number, rebuilt, wholeNumber } from '../options.ts';
import { progressBar } from '../progress.ts';
import { give, printsJson } from '../result.ts';
import { sayPart, talk } from '../streams.ts';

interface Options {
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
  readonly rebuild: boolean;
}

export const command = () =>
  new Command('generate')
    .description('continue a text')
    .argument('<folder>', 'the bundle of a language model')
    .requiredOption('--prompt <text>', 'what the text begins with; may be empty')
    .option('--tokens <n>', 'how many tokens to add at most', wholeNumber(1), 100)
    .option('--temperature <x>', '0 always takes the likeliest token', number(), 0)
    .option('--top-k <k>', 'choose among the k likeliest tokens only', wholeNumber(1))
    .option('--top-p <p>', 'choose among the likeliest tokens of joint probability p', number(1))
    .option('--seed <n>', 'same seed, same choices', wholeNumber(0), 0)
    .addOption(rebuilt())
    .action(generateText);

export const examples: readonly Example[] = [
  ['bform generate bundle --prompt "Once upon a time"', 'the likeliest tokens'],
  [
    'bform generate bundle --prompt "Once upon a time" --temperature 0.8 --top-p 0.95 --seed 7',
    'draw them; the same seed draws the same',
  ],
  ['bform generate bundle --prompt "" --tokens 500', 'a long text from nothing'],
];

async function generateText(folder: string, options: Options): Promise<void> {
  const parts = await readModel(folder, { rebuild: options.rebuild });
  const { vocab, context } = languageShape(parts.manifest);
  const tokenizer = tokenizerOf(parts.manifest, parts.tokenizer, vocab);
  const { begin, end = [] } = parts.manifest.text ?? {};
  const prompt = [...(begin === undefined ? [] : [begin]), ...tokenizer.encode(options.prompt)];
  if (prompt.length === 0)
    throw new UserError('The prompt is empty, and the model has no token that begins a text.');
  if (prompt.length + options.tokens > context)
    talk(`Past ${context} tokens the model sees only the last ${context}.`);
  const { undecodable } = parts.manifest;
  if (undecodable !== undefined)
    talk(`Each token takes a run over all before it (BF9010): ${undecodable}.`);
  using session = await openModel(parts, { seed: options.seed });

  const stream = streamDecoder(tokenizer, prompt);
  const show = printsJson() ? () => {} : sayPart;
  const made: number[] = [];
  show(options.prompt);
  let text = '';
  // On the terminal that shows the text a bar would be in its way.
  const bar = progressBar('Generating', 'tokens', printsJson() || !process.stdout.isTTY);
  try {
    for await (const id of generate(languageModel(session), prompt, { ...options, end })) {
      made.push(id);
      const piece = stream.push(id);
      text += piece;
      show(piece);
      bar.update(made.length, options.tokens);
    }
  } finally {
    bar.stop();
  }
  const rest = stream.end();
  give({ prompt, tokens: made, text: text + rest }, () => rest);
}
