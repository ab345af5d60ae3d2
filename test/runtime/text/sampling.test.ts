// Sampling: greedy choice, temperature, top-k, top-p, seeds, ties, bad input.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../runtime/random.ts';
import { argmax, sample } from '../../../runtime/text/sampling.ts';

const logits = new Float32Array([1, 3, 2, 3, -1]);

const frequencies = (options: Parameters<typeof sample>[1], draws = 20_000, row = logits) => {
  const chance = randomStream(7, 'test').uniform;
  const counts = new Array(row.length).fill(0);
  for (let i = 0; i < draws; i++) counts[sample(row, options, chance)]++;
  return counts.map((count) => count / draws);
};

const softmax = (row: Float32Array, temperature: number) => {
  const weights = Array.from(row, (value) => Math.exp(value / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
};

describe('sampling', () => {
  it('takes the largest logit at temperature 0, the lowest id of equals', () => {
    expect(sample(logits, { temperature: 0 }, () => 0.999)).toBe(1);
    expect(argmax(new Float32Array([-Infinity, -Infinity]))).toBe(0);
  });

  it.each([0.5, 1, 2])('draws as often as the softmax at temperature %d says', (temperature) => {
    const expected = softmax(logits, temperature);
    frequencies({ temperature }).forEach((f, id) => {
      expect(Math.abs(f - expected[id]!)).toBeLessThan(0.015);
    });
  });

  it('never leaves the top k, and prefers the lower id at the border', () => {
    const [, one, two, three, four] = frequencies({ temperature: 1, topK: 1 });
    expect([one, two, three, four]).toEqual([1, 0, 0, 0]);
    expect(frequencies({ temperature: 5, topK: 3 }).map((f) => f > 0)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('keeps the fewest tokens that reach top-p, and always one', () => {
    const row = new Float32Array([Math.log(0.5), Math.log(0.3), Math.log(0.2)]);
    expect(frequencies({ temperature: 1, topP: 0.6 }, 5000, row)[2]).toBe(0);
    expect(frequencies({ temperature: 1, topP: 0.6 }, 5000, row)[1]).toBeGreaterThan(0.3);
    expect(frequencies({ temperature: 1, topP: 1e-9 }, 100, row)).toEqual([1, 0, 0]);
  });

  it('repeats itself with the same seed and not with another', () => {
    const draw = (seed: number) => {
      const chance = randomStream(seed, 'test').uniform;
      return Array.from({ length: 50 }, () => sample(logits, { temperature: 2 }, chance));
    };
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  it('stays right where a logit is infinite', () => {
    const row = new Float32Array([0, Infinity, 0]);
    expect(sample(row, { temperature: 1 }, () => 0.9)).toBe(1);
    expect(sample(new Float32Array([-Infinity, 0]), { temperature: 1 }, () => 0)).toBe(1);
  });

  it('refuses logits that are not numbers, and options outside their range', () => {
    const draw = (options: Parameters<typeof sample>[1]) => () => sample(logits, options, () => 0);
    expect(() => argmax(new Float32Array([0, NaN]))).toThrow('token 1');
    expect(draw({ temperature: -1 })).toThrow(RangeError);
    expect(draw({ temperature: NaN })).toThrow(RangeError);
    expect(draw({ temperature: 1, topK: 0 })).toThrow('top-k');
    expect(draw({ temperature: 1, topP: 1.5 })).toThrow('top-p');
  });
});
