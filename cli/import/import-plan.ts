// What an architecture's importer gives: a model as text, and where each of its weights comes from.
// Types only, and the error that lists everything that stands against an import.

export interface ImportPlan {
  /** A whole .bform file. */
  readonly source: string;
  readonly weights: readonly WeightOrigin[];
  /** Tensors of the checkpoint that hold no weights: caches that some versions saved along. */
  readonly ignored: RegExp;
  /** Tensors that may be there, and must then equal another: an output layer tied to the embedding. */
  readonly copies: readonly { readonly name: string; readonly of: string }[];
}

/** A weight of ours, by path name, made out of one tensor of the checkpoint, or of several of one shape. */
export interface WeightOrigin {
  readonly name: string;
  readonly shape: readonly number[];
  /** With several, each is a part along a first axis of ours: the experts of a mixture, saved one by one. */
  readonly from: readonly string[];
  /** The shape of each tensor in the checkpoint. */
  readonly stored: readonly number[];
  readonly layout: Layout;
}

export type Layout =
  | { readonly kind: 'same' }
  /** [out, in] in the checkpoint, [in, out] with us. */
  | { readonly kind: 'transposed' }
  /** Columns `start` to `start + size` of the last axis: queries, keys and values saved as one. */
  | { readonly kind: 'columns'; readonly start: number };

/** The folder cannot be imported; `problems` are all the reasons found, one line each. */
export class ImportError extends Error {
  override name = 'ImportError';
  readonly problems: readonly string[];
  constructor(message: string, problems: readonly string[] = []) {
    super([message, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

export const same = (name: string, from: string, shape: readonly number[]): WeightOrigin => ({
  name,
  shape,
  from: [from],
  stored: shape,
  layout: { kind: 'same' },
});

/** Of a linear map saved as [out, in]. */
export const transposed = (
  name: string,
  from: string,
  [rows, columns]: readonly [number, number],
): WeightOrigin => ({
  name,
  shape: [rows, columns],
  from: [from],
  stored: [columns, rows],
  layout: { kind: 'transposed' },
});

/** Of linear maps, each saved as [out, in], stacked along a first axis. */
export const stacked = (
  name: string,
  from: readonly string[],
  [rows, columns]: readonly [number, number],
): WeightOrigin => ({
  name,
  shape: [from.length, rows, columns],
  from,
  stored: [columns, rows],
  layout: { kind: 'transposed' },
});
