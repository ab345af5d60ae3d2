// Generation and evaluation over models that are plain functions.
import { describe, expect, it } from 'vitest';
import { evaluate, negativeLogLikelihood } from '../../../runtime/text/evaluate.ts';
import { generate } from '../../../runtime/text/generate.ts';
import type { LanguageModel } from '../../../runtime/text/language-model.ts';

/** Predicts, with logit 5, the token after the last one; remembers what it was asked. */
function counter(vocab: number, context: number) {
  const asked: (readonly (readonly number[])[])[] = [];
  const model: LanguageModel = {
    vocab,
    context,
    async logits(tokens) {
      asked.push(tokens);
      return new Float32Array(
        tokens.flatMap((row) =>
          row.flatMap((id) =>
            Array.from({ length: vocab }, (_, v) => (v === (id + 1) % vocab ? 5 : 0)),
          ),
        ),
      );
    },
  };
  return { model, asked };
}

const collect = async (ids: AsyncIterable<number>) => {
  const all: number[] = [];
  for await (const id of ids) all.push(id);
  return all;
};

describe('generating', () => {
  it('gives as many tokens as asked for, each from the row so far', async () => {
    const { model, asked } = counter(10, 8);
    const made = await collect(generate(model, [1, 2], { tokens: 3, temperature: 0 }));
    expect(made).toEqual([3, 4, 5]);
    expect(asked).toEqual([[[1, 2]], [[1, 2, 3]], [[1, 2, 3, 4]]]);
  });

  it('stops at a token that ends the text, and does not give it', async () => {
    const { model } = counter(10, 8);
    const made = generate(model, [1], { tokens: 9, temperature: 0, end: [4] });
    expect(await collect(made)).toEqual([2, 3]);
  });

  it('goes on past the context with the last tokens in view', async () => {
    const { model, asked } = counter(10, 3);
    await collect(generate(model, [1, 2], { tokens: 4, temperature: 0 }));
    expect(asked.map(([row]) => row)).toEqual([
      [1, 2],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
    ]);
  });

  it('refuses an empty prompt', async () => {
    const { model } = counter(10, 3);
    await expect(collect(generate(model, [], { tokens: 1, temperature: 0 }))).rejects.toThrow(
      'empty',
    );
  });
});

describe('evaluating', () => {
  it('gives ln(vocab) for a model that knows nothing', async () => {
    const model: LanguageModel = {
      vocab: 50,
      context: 4,
      logits: async (rows) => new Float32Array(rows.length * rows[0]!.length * 50),
    };
    const result = await evaluate(
      model,
      Array.from({ length: 30 }, (_, i) => i),
    );
    expect(result.tokens).toBe(29);
    expect(result.nll).toBeCloseTo(Math.log(50), 12);
    expect(result.perplexity).toBeCloseTo(50, 9);
  });

  it.each([
    [2, 1],
    [4, 3],
    [100, 8],
  ])('predicts every token but the first once (context %d, batch %d)', async (context, batch) => {
    const { model, asked } = counter(7, context);
    const tokens = [0, 1, 2, 4, 5, 6, 0, 1, 1, 2];
    const right = -Math.log(Math.exp(5) / (Math.exp(5) + 6));
    const wrong = -Math.log(1 / (Math.exp(5) + 6));
    const progress: number[] = [];
    const result = await evaluate(model, tokens, { batch, onProgress: (d) => progress.push(d) });
    expect(result.nll).toBeCloseTo((7 * right + 2 * wrong) / 9, 6);
    expect(asked.flat().flat()).toEqual(tokens.slice(0, -1));
    expect(Math.max(...asked.flat().map((row) => row.length))).toBeLessThanOrEqual(context);
    expect(progress.at(-1)).toBe(9);
  });

  it('computes the likelihood of large logits without overflow', () => {
    expect(negativeLogLikelihood(new Float32Array([1000, 1000]), 0)).toBeCloseTo(Math.LN2, 12);
  });

  it('refuses fewer than two tokens, and logits that are not numbers', async () => {
    const model: LanguageModel = {
      vocab: 2,
      context: 4,
      logits: async () => new Float32Array(8).fill(NaN),
    };
    await expect(evaluate(model, [1])).rejects.toThrow('two tokens');
    await expect(evaluate(model, [1, 0, 1])).rejects.toThrow('not numbers');
  });
});
