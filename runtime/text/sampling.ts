// Chooses the next token from a row of logits. Pure: all chance comes from the given source of numbers.
// Ties go to the lowest id everywhere, so equal logits give equal choices on every machine.

export interface SamplingOptions {
  /** Divides the logits before the softmax; 0 always takes the largest. */
  readonly temperature: number;
  /** Only the `topK` most likely tokens are candidates. */
  readonly topK?: number;
  /** Only the most likely tokens that together reach this probability are candidates; at least one always is. */
  readonly topP?: number;
}

/** Numbers in [0, 1). */
export type Chance = () => number;

/**
 * The id of the next token.
 * @throws {RangeError} for options outside their range, and for logits that are not a number.
 */
export function sample(logits: Float32Array, options: SamplingOptions, chance: Chance): number {
  checkOptions(options);
  const best = argmax(logits);
  if (options.temperature === 0) return best;
  const ranked = candidates(logits, options, logits[best]!);
  const total = ranked.reduce((sum, { weight }) => sum + weight, 0);
  let left = chance() * total;
  for (const { id, weight } of ranked) {
    left -= weight;
    if (left < 0) return id;
  }
  return ranked.at(-1)!.id;
}

/** The index of the largest value, the first of equals. */
export function argmax(logits: Float32Array): number {
  if (logits.length === 0) throw new RangeError('there are no logits to choose from');
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id]!;
    if (Number.isNaN(value)) throw new RangeError(`the logit of token ${id} is not a number`);
    if (value > logits[best]!) best = id;
  }
  return best;
}

interface Candidate {
  readonly id: number;
  /** Probability, but for a factor common to all. */
  readonly weight: number;
}

/** What may be chosen, the most likely first. */
function candidates(
  logits: Float32Array,
  { temperature, topK, topP }: SamplingOptions,
  most: number,
): Candidate[] {
  const all = Array.from(logits, (value, id) => ({
    id,
    weight: value === most ? 1 : Math.exp((value - most) / temperature),
  }));
  if (topK === undefined && topP === undefined) return all;
  all.sort((a, b) => b.weight - a.weight || a.id - b.id);
  const top = all.slice(0, topK);
  return topP === undefined ? top : nucleus(top, topP);
}

function nucleus(ranked: readonly Candidate[], topP: number): Candidate[] {
  const wanted = topP * ranked.reduce((sum, { weight }) => sum + weight, 0);
  const kept: Candidate[] = [];
  let reached = 0;
  for (const candidate of ranked) {
    kept.push(candidate);
    reached += candidate.weight;
    if (reached >= wanted) break;
  }
  return kept;
}

function checkOptions({ temperature, topK, topP }: SamplingOptions): void {
  if (!(temperature >= 0 && temperature < Infinity))
    throw new RangeError(`temperature must be 0 or more, not ${temperature}`);
  if (topK !== undefined && !(Number.isInteger(topK) && topK > 0))
    throw new RangeError(`top-k must be a whole number above 0, not ${topK}`);
  if (topP !== undefined && !(topP > 0 && topP <= 1))
    throw new RangeError(`top-p must be above 0 and at most 1, not ${topP}`);
}
