// The formatter against generated, damaged and hostile text: a file is formatted, and once and for all, or refused with a
// reason that stands in it.
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { format } from '../../grammar/format/format.ts';
import { HOSTILE } from '../support/hostile-sources.ts';
import { type Check, fuzz, seedOfRun, tryOne } from './harness.ts';

const formats: Check = (file) => {
  const diagnostics: Diagnostic[] = [];
  const text = format(file, (diagnostic) => diagnostics.push(diagnostic));
  return { accepted: text !== undefined, diagnostics };
};

const formatsOnce: Check = (file) => {
  const text = format(file, () => {});
  if (text !== undefined && format({ ...file, text }, () => {}) !== text)
    throw new Error('formatting it again gives another layout');
  return formats(file);
};

const seed = seedOfRun();

describe(`the formatter and any text (seed ${seed}, set BFORM_SEED to repeat)`, () => {
  it('formats or refuses 3,000 generated and mutated files', () => {
    const { inputs, accepted, refused } = fuzz(formatsOnce, { seed, inputs: 3_000, mutations: 1 });
    expect(inputs).toBe(3_000);
    expect(accepted).toBeGreaterThan(250);
    expect(refused).toBeGreaterThan(1_000);
  });

  it.each(Object.keys(HOSTILE))('formats or refuses in time: %s', (name) => {
    tryOne(formats, HOSTILE[name]!(), `hostile shape ${name}`, 15_000);
  });
});
