// How large a program may become. Everything that grows is counted before it is made, so that any program ends in
// bounded time and memory with a diagnostic. The figures also stand in docs/language.md.

export const LIMITS = {
  /** Turns of one repeat. */
  repeat: 1024,
  /** Layer instances and operations, all repeats written out. */
  layers: 50_000,
  operations: 200_000,
  /** Expressions evaluated: bounds the work of programs that compute much and build little. */
  evaluations: 1_000_000,
  /** Evaluations after which no further declaration is checked that nothing uses. */
  checking: 400_000,
  /** Layers inside of layers, and expressions inside of expressions along the way. */
  layerDepth: 64,
  expressionDepth: 512,
  rank: 8,
  dimension: 2 ** 31 - 1,
  parameters: 2n ** 44n,
  /** Taps of a depthwise convolution: each is an operation of its own. */
  taps: 64,
  /** Terms, and degree of a term, of a symbolic size, inside of what it rounds up too. */
  terms: 64,
  /** Bits of an exact number. */
  bits: 53n,
} as const;

/** Thrown where a limit of expansion is reached, after its diagnostic: there is no use in going on. */
export class ExpansionStopped extends Error {
  override name = 'ExpansionStopped';
}
