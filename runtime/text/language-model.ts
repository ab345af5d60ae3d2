// What generating and evaluating need of a model: logits for a batch of equally long rows of tokens.
// A loaded bundle fits as it is; tests put functions in its place.

export interface LanguageModel {
  /** Logits [rows, length, vocab], row-major. */
  logits(tokens: readonly (readonly number[])[]): Promise<Float32Array>;
  readonly vocab: number;
  /** The most tokens that one row may hold. */
  readonly context: number;
}
