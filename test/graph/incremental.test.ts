// A decoder in steps gives the logits that it gives at once: the incremental graph, evaluated by the reference, over texts of
// different lengths and in chunks, against the graph of whole runs. What cannot be done in steps is refused, and says why.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { type StepOptions, stepGraph } from '../../compiler/graph/incremental/step-graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { llamaGraph } from '../support/decoder-graph.ts';
import { paperFiles, smallModels } from '../support/papers.ts';
import { weightData } from '../support/random-graph.ts';
import { sources } from '../support/sources.ts';
import { largestDifference, logitsInSteps, wholeLogits } from '../support/step-by-step.ts';

const examples = new URL('../../examples/', import.meta.url);
const T = 7;

const graphOf = (code: string): Graph =>
  analyze('m.bform', sources({ 'm.bform': code })).result!.graph;

const modelOf = (uses: string, layers: string): Graph =>
  graphOf(
    `use std.{embed, unembed, ${uses}}\nmodel m {\n  vocab: 16\n  context: 32\n  ${layers}\n}\n`,
  );

/** The checked graph of steps, optimised; else why there is none. */
function stepsOf(graph: Graph, options: StepOptions = { onlyLast: false }): Graph | string {
  const step = stepGraph(graph, options);
  if (step.kind === 'refused') return `${step.origin.layer} ${step.why}`;
  verifyGraph(step.graph);
  const optimized = runPasses(step.graph);
  verifyGraph(optimized);
  return optimized;
}

function textsOf(graph: Graph): number[][] {
  const vocab = graph.inputs[0]!.range![1] + 1;
  const text = (start: number) => Array.from({ length: T }, (_, at) => (at * 7 + start) % vocab);
  return [text(3), text(8)];
}

/** How far steps of the given lengths are from the whole run, where the second text is the shorter. */
function apart(graph: Graph, step: Graph, chunks: readonly number[]): number {
  const weights = weightData(1, graph);
  const [long, short] = textsOf(graph) as [number[], number[]];
  const whole = wholeLogits(graph, weights, [long, short]);
  const found = logitsInSteps(step, weights, [long, short.slice(0, 4)], chunks);
  return Math.max(
    largestDifference(whole[0]!, found[0]!),
    largestDifference(whole[1]!.slice(0, 4), found[1]!),
  );
}

const examplesAndPapers = [
  ...readdirSync(examples)
    .filter((name) => name !== 'text')
    .map((name) => ({
      name,
      graph: graphOf(readFileSync(new URL(`${name}/model.bform`, examples), 'utf8')),
    })),
  ...paperFiles.flatMap((file) => smallModels(file)),
];

/** These look at more than the positions so far, or count rows of the whole batch. */
const REFUSED: Readonly<Record<string, string>> = {
  'own-layer': 'running_mean sums along the positions of a text',
  'brainformer.bform:brainformer_1_tiny': 'expert_choice chooses among all positions of a text',
  'glam.bform:glam_tiny': '_capacity computes with the places of rows',
  'switch.bform:switch_tiny': '_capacity computes with the places of rows',
};

describe.each(examplesAndPapers)('$name', ({ name, graph }) => {
  const step = stepsOf(graph);
  const refused = REFUSED[name];

  if (refused) {
    it('is refused', () => {
      expect(step).toBe(refused);
    });
  } else {
    it('gives the same in steps as at once', () => {
      expect(step).toBeTypeOf('object');
      expect(apart(graph, step as Graph, [3, 1])).toBeLessThan(1e-12);
    });
  }
});

describe('a decoder in steps', () => {
  const shape = { vocab: 16, context: 32, layers: 2, d: 8, heads: 2, kvHeads: 1, hidden: 8 };
  const graph = llamaGraph({ ...shape, window: 3 });

  it.each([[[1]], [[2]], [[7]], [[5, 1, 2]]])('gives the same in chunks of %j', (chunks) => {
    expect(apart(graph, stepsOf(graph) as Graph, chunks)).toBeLessThan(1e-12);
  });

  it('keeps what has a place of its own, once', () => {
    const { states } = stepsOf(graph) as Graph;
    expect(
      states!.map(({ name, type, repeats }) => [name, type.shape.map(({ text }) => text), repeats]),
    ).toEqual([
      ['blocks.{0}.a.keys', ['b', '1', 'capacity', '4'], [2]],
      ['blocks.{0}.a.values', ['b', '1', 'capacity', '4'], [2]],
    ]);
  });

  it('can give the logits of one position of each text alone', () => {
    const step = stepsOf(graph, {}) as Graph;
    const weights = weightData(1, graph);
    const texts = textsOf(graph);
    const whole = wholeLogits(graph, weights, texts);
    const rows = logitsInSteps(step, weights, texts, [T], [T - 1, 2]);
    expect(largestDifference([whole[0]![T - 1]!], rows[0]!)).toBeLessThan(1e-12);
    expect(largestDifference([whole[1]![2]!], rows[1]!)).toBeLessThan(1e-12);
    expect(
      step.outputs.map(({ node }) => step.nodes.find(({ id }) => id === node)!.type.shape),
    ).toMatchObject([[{ text: 'b' }, { text: '1' }, { text: '16' }]]);
  });

  it('is told apart from one with a mistake in it', () => {
    const step = stepsOf(graph) as Graph;
    const weights = weightData(1, graph);
    const texts = textsOf(graph);
    const whole = wholeLogits(graph, weights, texts);
    const wrong = logitsInSteps(step, weights, texts, [3, 1], undefined, (past) => past + 1);
    expect(largestDifference(whole[0]!, wrong[0]!)).toBeGreaterThan(1e-3);
  });
});

describe('positions', () => {
  it.each([
    ['learned_positions', 'embed(8) -> learned_positions -> unembed'],
    ['sinusoidal_positions', 'embed(8) -> sinusoidal_positions -> unembed'],
    ['causal_conv', 'embed(8) -> causal_conv(3) -> causal_conv(2) -> unembed'],
    ['separable_conv', 'embed(8) -> separable_conv(4, 8) -> unembed'],
    ['attention, alibi', 'embed(8) -> attention(heads: 2, score: alibi(2)) -> unembed'],
    ['attention, rope', 'embed(8) -> attention(heads: 2, position: rope) -> unembed'],
  ])('of %s are those of the whole text', (uses, layers) => {
    const graph = modelOf(uses, layers);
    const step = stepsOf(graph);
    expect(step).toBeTypeOf('object');
    expect(apart(graph, step as Graph, [3, 1])).toBeLessThan(1e-12);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'attention, bidirectional',
      'attention(heads: 2, mask: bidirectional)',
      'attention attends to later positions',
    ],
    [
      'ffn, moe, expert_choice',
      'moe(ffn(hidden: 8), experts: 4, route: expert_choice(1.0))',
      'expert_choice chooses among all positions of a text',
    ],
  ])('%s', (uses, layer, why) => {
    expect(stepsOf(modelOf(uses, `embed(8) -> ${layer} -> unembed`))).toBe(why);
  });
});
