// The whole compiler up to its graph against damaged files: what the parser lets through must not harm a later stage.
import { describe, expect, it } from 'vitest';
import { analyze, check } from '../../compiler/compile.ts';
import { sources } from '../support/sources.ts';
import { type Check, fuzz, seedOfRun } from './harness.ts';

const checksAndLowers: Check = ({ path, text }) => {
  const reader = sources({ [path]: text });
  const checked = check(path, reader);
  const analyzed = analyze(path, reader);
  const diagnostics = [...checked.diagnostics, ...analyzed.diagnostics];
  return { accepted: checked.result !== undefined && diagnostics.length === 0, diagnostics };
};

const seed = seedOfRun();

describe(`any program (seed ${seed}, set BFORM_SEED to repeat)`, () => {
  it('is analyzed or refused with a diagnostic: 4,000 damaged files', () => {
    const { inputs, refused } = fuzz(checksAndLowers, { seed, inputs: 4_000, mutations: 2 });
    expect(inputs).toBe(4_000);
    expect(refused).toBeGreaterThan(1_000);
  });
});
