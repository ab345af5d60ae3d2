// Seeded choices for tests that try many cases. The same seed gives the same choices everywhere.
import { randomStream } from '../../runtime/random.ts';

export interface Dice {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
}

export function dice(seed: number, name = 'dice'): Dice {
  const random = randomStream(seed, name);
  const int = (low: number, high: number) => low + Math.floor(random.uniform() * (high - low + 1));
  return {
    int,
    chance: (probability) => random.uniform() < probability,
    pick: (list) => list[int(0, list.length - 1)]!,
    shuffle(list) {
      const shuffled = [...list];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(0, i);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      return shuffled;
    },
  };
}
