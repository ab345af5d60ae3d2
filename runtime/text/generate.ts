// Continues a row of tokens, one token at a time. Knows nothing of text or of where the tokens go.
// Where the row outgrows the model's context, the model sees its last `context` tokens.
import { randomStream } from '../random.ts';
import type { LanguageModel } from './language-model.ts';
import { type SamplingOptions, sample } from './sampling.ts';

export interface GenerateOptions extends SamplingOptions {
  /** How many tokens to add at most. */
  readonly tokens: number;
  /** Same seed, same choices. */
  readonly seed?: number;
  /** Ids that end a text: the first one chosen ends the generation and is not given out. */
  readonly end?: readonly number[];
}

/**
 * Gives each new token as soon as it is chosen.
 * @throws {RangeError} for an empty prompt, and for options as `sample` does.
 */
export async function* generate(
  model: LanguageModel,
  prompt: readonly number[],
  options: GenerateOptions,
): AsyncGenerator<number, void, undefined> {
  if (prompt.length === 0)
    throw new RangeError('the prompt is empty, and the model has no token that begins a text');
  const { uniform } = randomStream(options.seed ?? 0, 'sampling');
  const row = [...prompt];
  for (let made = 0; made < options.tokens; made++) {
    const logits = await model.logits([row.slice(-model.context)]);
    const next = sample(logits.subarray(logits.length - model.vocab), options, uniform);
    if (options.end?.includes(next)) return;
    yield next;
    row.push(next);
  }
}
