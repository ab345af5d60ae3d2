// The models of the examples, from their text on: every graph on the way verifies, the passes keep its meaning, and
// the cost report counts what the reference does.
import { expect, test } from 'vitest';
import { openEntry } from '../../cli/source-reader.ts';
import { analyze } from '../../compiler/compile.ts';
import { countCost } from '../../compiler/cost/count-cost.ts';
import { lower } from '../../compiler/graph/lower.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { dataFor } from '../support/random-graph.ts';

const EXAMPLES = ['gpt2-tiny', 'hello', 'own-layer', 'permutation', 'sliding-window'];

test.each(EXAMPLES)('%s', (name) => {
  const { path, reader } = openEntry(`examples/${name}/model.bform`);
  const { result, diagnostics } = analyze(path, reader, {
    tracePass: (pass, graph) => expect(() => verifyGraph(graph), pass).not.toThrow(),
  });
  expect(diagnostics).toEqual([]);
  const { model, graph } = result!;
  const before = lower(model);
  verifyGraph(before);

  const symbols = { b: 2, t: 5 };
  const program = { symbols, ...dataFor(1, before, symbols) };
  const [expected, actual] = [interpret(before, program), interpret(graph, program)];
  for (const [output, { data }] of Object.entries(expected.outputs)) {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const furthest = data.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - actual.outputs[output]!.data[at]!)),
      0,
    );
    expect(largest).toBeGreaterThan(0);
    expect(furthest / largest).toBeLessThan(1e-9);
  }
  for (const [candidate, { work }] of [
    [before, expected],
    [graph, actual],
  ] as const) {
    const counted = countCost(candidate, symbols).work;
    expect(counted.macs).toBe(BigInt(work.macs));
    expect(counted.elementwise).toBe(BigInt(work.elementwise));
  }
});
