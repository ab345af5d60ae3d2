// The counts that cost rules give, exact at any magnitude: as sizes (`SymbolicWork`), and at given sizes (`Work`).
import { add, constant, type Dim, mul, ZERO } from '../shapes/dim.ts';

/** What there is to count; a convention (conventions.ts) says what of it is FLOPs. */
export interface WorkOf<Count> {
  /** Multiply-adds of products and of attention, over the pairs that masks keep. */
  readonly macs: Count;
  /** The same with every query attending to every key. */
  readonly macsFullSquare: Count;
  /** Other f32 arithmetic, one for each operation on an element; exp, tanh, division count as one. */
  readonly elementwise: Count;
  /** The part of `macs` in products with the model's matrices (matrices.ts). */
  readonly matrixMacs: Count;
  /** The part of `macs` in attention. */
  readonly attentionMacs: Count;
  /** Pairs of query and key in every head, whatever the masks. */
  readonly pairs: Count;
  /** Multiply-adds of the scores of those pairs. */
  readonly scoreMacs: Count;
  /** Multiply-adds of look-ups in embeddings, were they products with one-hot rows. */
  readonly lookUpMacs: Count;
}

/** Counts at given sizes; exact at any magnitude. */
export type Work = WorkOf<bigint>;
export type SymbolicWork = WorkOf<Dim>;

function fill<Count>(count: Count): WorkOf<Count> {
  return {
    macs: count,
    macsFullSquare: count,
    elementwise: count,
    matrixMacs: count,
    attentionMacs: count,
    pairs: count,
    scoreMacs: count,
    lookUpMacs: count,
  };
}

export const NO_WORK: Work = fill(0n);
export const NO_SYMBOLIC_WORK: SymbolicWork = fill(ZERO);

export const WORK_KEYS = Object.keys(NO_WORK) as (keyof Work)[];

export const mapWork = <Count>(of: (key: keyof Work) => Count): WorkOf<Count> =>
  Object.fromEntries(WORK_KEYS.map((key) => [key, of(key)])) as unknown as WorkOf<Count>;

export const addWork = (a: Work, b: Work): Work => mapWork((key) => a[key] + b[key]);

export const subtractWork = (a: Work, b: Work): Work => mapWork((key) => a[key] - b[key]);

export const addSymbolicWork = (a: SymbolicWork, b: SymbolicWork): SymbolicWork =>
  mapWork((key) => add(a[key], b[key]));

export const timesSymbolicWork = (a: SymbolicWork, times: number): SymbolicWork =>
  mapWork((key) => mul(a[key], constant(times)));

export const isNoWork = (work: Work): boolean => WORK_KEYS.every((key) => work[key] === 0n);
