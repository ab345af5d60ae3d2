// What repeats of a measurement come to: the median, with the least and the most of them.

/** The median of some values, with the least and the most of them. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Of one value or more; of an even number of them the mean of the two in the middle. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1]!, sorted[Math.floor(middle)]!];
  return { median: (below + above) / 2, least: sorted[0]!, most: sorted.at(-1)! };
}

export const median = (values: readonly number[]): number => summarize(values).median;
