// Ranks of the operators, loosest first, for the tree builder and the printer.
//
//   or · and · not · == != < <= > >= (no chains) · + - · * / % @ · unary - · ^ (to the right) · call, index
import type { BinaryOperator, UnaryOperator } from '../compiler/ast/ast.ts';

export interface Rank {
  readonly rank: number;
  /** `none`: two of this rank need brackets between them. */
  readonly side: 'left' | 'right' | 'none';
}

export const BINARY_RANKS: Readonly<Record<BinaryOperator, Rank>> = {
  or: { rank: 1, side: 'left' },
  and: { rank: 2, side: 'left' },
  '==': { rank: 4, side: 'none' },
  '!=': { rank: 4, side: 'none' },
  '<': { rank: 4, side: 'none' },
  '<=': { rank: 4, side: 'none' },
  '>': { rank: 4, side: 'none' },
  '>=': { rank: 4, side: 'none' },
  '+': { rank: 5, side: 'left' },
  '-': { rank: 5, side: 'left' },
  '*': { rank: 6, side: 'left' },
  '/': { rank: 6, side: 'left' },
  '%': { rank: 6, side: 'left' },
  '@': { rank: 6, side: 'left' },
  '^': { rank: 8, side: 'right' },
};

export const UNARY_RANKS: Readonly<Record<UnaryOperator, number>> = { not: 3, '-': 7 };

/** What a call or an index binds to. */
export const SUFFIX_RANK = 9;

export function isBinaryOperator(text: string): text is BinaryOperator {
  return Object.hasOwn(BINARY_RANKS, text);
}
