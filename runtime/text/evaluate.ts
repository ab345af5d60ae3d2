// How well a model predicts given tokens: mean negative log-likelihood in nats, and perplexity, its exponential.
//
// The tokens are cut into windows of `context` inputs; each window begins with the token that the one before
// predicted last. So every token but the first is predicted exactly once, from at most `context` tokens before it;
// the first ones of a window see few. Sums are float64.
import type { LanguageModel } from './language-model.ts';

export interface Evaluation {
  /** How many tokens were predicted. */
  readonly tokens: number;
  /** Mean negative log-likelihood of a predicted token, in nats. */
  readonly nll: number;
  readonly perplexity: number;
}

export interface EvaluateOptions {
  /** Inputs per window; the model's context, or less. */
  readonly context?: number;
  /** Windows per run of the model; by default as many as keep its logits within 64 MiB, and 2,048 tokens. */
  readonly batch?: number;
  /** Told after each run how many tokens were predicted so far, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

const LOGITS_PER_RUN = 2 ** 24;
/** More fill no device better, and their activations may be too large for it. */
const TOKENS_PER_RUN = 2048;

/**
 * @throws {RangeError} for fewer than two tokens, and where the likelihood is not a number.
 */
export async function evaluate(
  model: LanguageModel,
  tokens: readonly number[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const total = tokens.length - 1;
  if (total < 1)
    throw new RangeError('there is nothing to predict: two tokens are needed at least');
  const context = Math.min(options.context ?? model.context, model.context);
  const tokensPerRun = Math.min(TOKENS_PER_RUN, LOGITS_PER_RUN / model.vocab);
  const batch = options.batch ?? Math.max(1, Math.floor(tokensPerRun / context));

  let sum = 0;
  let done = 0;
  for (const rows of batches(windows(tokens, context), batch)) {
    const length = rows[0]!.length - 1;
    const logits = await model.logits(rows.map((row) => row.slice(0, length)));
    rows.forEach((row, r) => {
      for (let i = 0; i < length; i++) {
        const at = (r * length + i) * model.vocab;
        sum += negativeLogLikelihood(logits.subarray(at, at + model.vocab), row[i + 1]!);
      }
    });
    done += rows.length * length;
    options.onProgress?.(done, total);
  }
  const nll = sum / total;
  if (Number.isNaN(nll)) throw new RangeError('the model gave logits that are not numbers');
  return { tokens: total, nll, perplexity: Math.exp(nll) };
}

/** -log softmax(logits)[id] in nats. */
export function negativeLogLikelihood(logits: Float32Array, id: number): number {
  let most = -Infinity;
  for (const value of logits) if (value > most) most = value;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - most);
  return Math.log(sum) + most - logits[id]!;
}

/** Windows of `context` inputs and one target more; the last one may be shorter. */
function* windows(tokens: readonly number[], context: number): Generator<readonly number[]> {
  for (let start = 0; start < tokens.length - 1; start += context)
    yield tokens.slice(start, start + context + 1);
}

/** Groups of at most `size` rows of one length. */
function* batches(
  rows: Iterable<readonly number[]>,
  size: number,
): Generator<readonly (readonly number[])[]> {
  let group: (readonly number[])[] = [];
  for (const row of rows) {
    if (group.length === size || (group[0] && group[0].length !== row.length)) {
      yield group;
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) yield group;
}
