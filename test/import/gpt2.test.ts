// A GPT-2 of toy size, made here, imported and run: against float64 from the checkpoint's own tensors.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { gpt2Logits } from '../support/gpt2-reference.ts';
import { closeGpu } from '../support/gpu.ts';
import { GPT2_CONFIG, gpt2Tensors, writeHfFolder } from '../support/hf-folders.ts';
import { runImport } from './run-import.ts';

const folder = mkdtempSync(join(tmpdir(), 'bform-gpt2-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeGpu();
});

it('an imported GPT-2 gives the logits of its checkpoint', async () => {
  const tensors = gpt2Tensors();
  const { session, model } = await runImport(writeHfFolder(folder, GPT2_CONFIG, tensors));
  const tokens = [
    [3, 28, 0, 7, 7, 19, 11, 2, 5],
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  ];
  const logits = await model.logits(tokens);
  session.dispose();
  const wanted = tokens.flatMap((row) => gpt2Logits(GPT2_CONFIG, tensors, row)).flat();
  expect(logits).toHaveLength(wanted.length);
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - logits[i]!)), 0);
  const scale = Math.max(...wanted.map(Math.abs));
  expect(scale).toBeGreaterThan(1);
  expect(worst / scale).toBeLessThan(1e-5);
});
