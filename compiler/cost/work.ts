// The counts that cost rules give, exact at any magnitude.

/** What there is to count; a convention (conventions.ts) says what of it is FLOPs. */
export interface Work {
  /** Multiply-adds of products and of attention, over the pairs that masks keep. */
  readonly macs: bigint;
  /** The same with every query attending to every key. */
  readonly macsFullSquare: bigint;
  /** Other f32 arithmetic, one for each operation on an element; exp, tanh, division count as one. */
  readonly elementwise: bigint;
  /** The part of `macs` in products with the model's matrices (matrices.ts). */
  readonly matrixMacs: bigint;
  /** Pairs of query and key in every head, whatever the masks. */
  readonly pairs: bigint;
  /** Multiply-adds of the scores of those pairs. */
  readonly scoreMacs: bigint;
  /** Multiply-adds of look-ups in embeddings, were they products with one-hot rows. */
  readonly lookUpMacs: bigint;
}

export const NO_WORK: Work = {
  macs: 0n,
  macsFullSquare: 0n,
  elementwise: 0n,
  matrixMacs: 0n,
  pairs: 0n,
  scoreMacs: 0n,
  lookUpMacs: 0n,
};

const KEYS = Object.keys(NO_WORK) as (keyof Work)[];

const mapWork = (of: (key: keyof Work) => bigint): Work =>
  Object.fromEntries(KEYS.map((key) => [key, of(key)])) as unknown as Work;

export const addWork = (a: Work, b: Work): Work => mapWork((key) => a[key] + b[key]);

export const timesWork = (a: Work, times: bigint): Work => mapWork((key) => a[key] * times);

export const isNoWork = (work: Work): boolean => KEYS.every((key) => work[key] === 0n);
