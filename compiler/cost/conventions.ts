// What papers count as the FLOPs of a model. Each convention is a sum over the same counts of the same graph (work.ts),
// so that they differ in what is counted and in nothing else.
import { unreachable } from '../invariant.ts';
import type { Work } from './work.ts';

export const CONVENTIONS = ['exact', 'chinchilla', 'kaplan'] as const;

/**
 * - `exact`: what runs, over the pairs that masks keep.
 * - `chinchilla`: Hoffmann et al. 2022, arXiv 2203.15556, appendix F.
 * - `kaplan`: Kaplan et al. 2020, arXiv 2001.08361, table 1.
 */
export type Convention = (typeof CONVENTIONS)[number];

/** FLOPs of a forward run. */
export function flopsOf(work: Work, convention: Convention): bigint {
  switch (convention) {
    case 'exact':
      return 2n * work.macs;
    case 'chinchilla':
      return 2n * (work.macsFullSquare + work.lookUpMacs) + 3n * work.pairs;
    case 'kaplan':
      return 2n * (work.matrixMacs + work.scoreMacs);
    default:
      return unreachable(convention, 'cost');
  }
}

/** Forward and backward together, by the conventions that count training: the backward run is taken as two forward ones. */
export const TRAINING_FACTOR = 3n;
