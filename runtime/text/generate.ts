// Continues a row of tokens, one token at a time. Knows nothing of text or of where the tokens go.
// A model that can be computed step by step sees each token once. Where the row outgrows the model's context, it sees the
// last `context` tokens in whole runs.
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
  const next = await nextLogits(model, Math.min(prompt.length + options.tokens - 1, model.context));
  try {
    for (let made = 0; made < options.tokens; made++) {
      const chosen = sample(await next.after(row), options, uniform);
      if (options.end?.includes(chosen)) return;
      yield chosen;
      row.push(chosen);
    }
  } finally {
    next.dispose();
  }
}

interface NextLogits {
  /** The logits after a row, which begins as the one before did. */
  after(row: readonly number[]): Promise<Float32Array>;
  dispose(): void;
}

/** Token by token for rows of up to `capacity` tokens, where the model allows it; else and beyond from whole runs. */
async function nextLogits(model: LanguageModel, capacity: number): Promise<NextLogits> {
  const rows = await model.decoder?.(1, capacity);
  let fed = 0;
  return {
    async after(row) {
      if (rows && row.length <= capacity) {
        const [logits] = await rows.feed([row.slice(fed)]);
        fed = row.length;
        return logits!;
      }
      const logits = await model.logits([row.slice(-model.context)]);
      return logits.subarray(logits.length - model.vocab);
    },
    dispose: () => rows?.dispose(),
  };
}
