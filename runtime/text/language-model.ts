// What generating and evaluating need of a model: logits for a batch of equally long rows of tokens.
// A loaded bundle fits as it is; tests put functions in its place.

export interface LanguageModel {
  /** Logits [rows, length, vocab], row-major. */
  logits(tokens: readonly (readonly number[])[]): Promise<Float32Array>;
  readonly vocab: number;
  /** The most tokens that one row may hold. */
  readonly context: number;
  /** Room for as many rows of at most `capacity` tokens that grow; absent where the model must see all tokens in each run. */
  readonly decoder?: (batch: number, capacity: number) => Promise<GrowingRows>;
}

/** Rows that grow, and what a model keeps of their tokens. */
export interface GrowingRows {
  /** Appends tokens to each row; gives each row's logits after its last new token, where it has any: [vocab]. */
  feed(tokens: readonly (readonly number[])[]): Promise<readonly (Float32Array | undefined)[]>;
  dispose(): void;
}
