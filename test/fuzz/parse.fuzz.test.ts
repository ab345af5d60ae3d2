// The front end against hostile text: generated, mutated and hand-made. Nothing may crash, hang, or be refused
// without a reason that stands in the file.
import { describe, expect, it } from 'vitest';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { HOSTILE } from '../support/hostile-sources.ts';
import { parseFile } from '../support/parse.ts';
import { type Check, fuzz, seedOfRun, tryOne } from './harness.ts';

const parses: Check = (file) => {
  const { ast, diagnostics } = parseFile(file);
  const holds = ast.uses.length + ast.items.length;
  return { accepted: holds > 0 && diagnostics.length === 0, diagnostics };
};

const seed = seedOfRun();

describe(`any text (seed ${seed}, set BFORM_SEED to repeat)`, () => {
  it('is parsed or refused with a diagnostic: 20,000 generated and mutated files', () => {
    const { inputs, accepted, refused } = fuzz(parses, { seed, inputs: 20_000 });
    expect(inputs).toBe(20_000);
    // Both ways are taken often, else this tests little.
    expect(accepted).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(5_000);
  });

  it.each(Object.keys(HOSTILE))('is parsed or refused in time: %s', (name) => {
    const { diagnostics } = tryOne(parses, HOSTILE[name]!(), `hostile shape ${name}`, 5_000);
    expect(renderDiagnostics(diagnostics, { color: true }).length).toBeLessThan(100_000);
  });
});
