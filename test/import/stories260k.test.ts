// A real trained model: stories260k of karpathy/llama2.c, against what its C program computed at temperature 0.
// Needs ../shared/data/stories260k; where that is absent nothing is tested, and the log says so in large letters.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../runtime/text/evaluate.ts';
import { generate } from '../../runtime/text/generate.ts';
import { openTokenizer } from '../../runtime/text/tokenizer.ts';
import { closeGpu } from '../support/gpu.ts';
import { runImport } from './run-import.ts';

const folder = fileURLToPath(new URL('../../../shared/data/stories260k', import.meta.url));
const present = existsSync(folder);
if (!present)
  console.warn(
    `\n${'#'.repeat(80)}\n# NOT TESTED: the real model. ${folder} is absent.\n${'#'.repeat(80)}\n`,
  );

interface Expected {
  readonly tokens: number[];
  readonly text: string;
  readonly mean_nll_of_tokens_1_to_199: number;
  readonly logits_first_16_positions: number[][];
}

describe.skipIf(!present)('stories260k', () => {
  let imported: Awaited<ReturnType<typeof runImport>>;
  let expected: Expected;
  beforeAll(async () => {
    expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
    imported = await runImport(folder);
  });
  afterAll(async () => {
    imported?.session.dispose();
    await closeGpu();
  });

  it('generates the same 200 tokens, each from what is kept of those before', async () => {
    const { model } = imported;
    expect(model.decoder).toBeDefined();
    const [begin, ...rest] = expected.tokens;
    const made: number[] = [];
    for await (const id of generate(model, [begin!], { tokens: rest.length, temperature: 0 }))
      made.push(id);
    expect(made).toEqual(rest);
  });

  it('generates the same tokens from whole runs', async () => {
    const { decoder: _, ...whole } = imported.model;
    const [begin, ...rest] = expected.tokens.slice(0, 40);
    const made: number[] = [];
    for await (const id of generate(whole, [begin!], { tokens: rest.length, temperature: 0 }))
      made.push(id);
    expect(made).toEqual(rest);
  });

  it('spells the same text', () => {
    const tokenizer = openTokenizer(imported.tokenizer!.json);
    expect(expected.text.startsWith(tokenizer.decode(expected.tokens))).toBe(true);
    expect([1, ...tokenizer.encode(expected.text)].slice(0, 200)).toEqual(expected.tokens);
  });

  it('gives the logits of the first 16 positions within 2e-4', async () => {
    const { model } = imported;
    const logits = await model.logits([expected.tokens.slice(0, 16)]);
    const wanted = expected.logits_first_16_positions.flat();
    expect(logits).toHaveLength(wanted.length);
    const worst = wanted.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - logits[i]!)),
      0,
    );
    expect(worst).toBeLessThan(2e-4);
  });

  it('gives the mean negative log-likelihood of the 199 predicted tokens within 1e-4', async () => {
    const { tokens, nll } = await evaluate(imported.model, expected.tokens);
    expect(tokens).toBe(199);
    expect(Math.abs(nll - expected.mean_nll_of_tokens_1_to_199)).toBeLessThan(1e-4);
  });
});
