// The dense models of stdlib/papers: their published sizes, the order of their sub-layers, and that the smallest preset of each
// runs and sees no later token.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Analysis, check } from '../../compiler/compile.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { dataFor } from '../support/random-graph.ts';
import { sources } from '../support/sources.ts';
import { analyzed } from './evaluate.ts';

const text = (file: string): string =>
  readFileSync(new URL(`../../stdlib/papers/${file}.bform`, import.meta.url), 'utf8');
const model = (file: string, name: string, args = {}): Analysis =>
  analyzed(text(file), { model: name, args });

const count = ({ graph }: Analysis, without: readonly string[] = []): number =>
  graph.weights
    .filter(({ name }) => !without.includes(name))
    .reduce(
      (sum, { shape, repeats }) => sum + [...shape, ...repeats].reduce((n, m) => n * m, 1),
      0,
    );

const FILES = ['primer', 'sandwich', 'palm', 'evolved_transformer', 'brainformers_baselines'];

it.each(FILES)('%s has no mistake, and nothing to warn of', (file) => {
  expect(check('test.bform', sources({ 'test.bform': text(file) })).diagnostics).toEqual([]);
});

describe('parameters', () => {
  it.each([
    { file: 'palm', name: 'palm_8b', billions: 8.63 },
    { file: 'palm', name: 'palm_62b', billions: 62.5 },
    { file: 'palm', name: 'palm_540b', billions: 540.35 },
    { file: 'primer', name: 'primer_ez', billions: 0.11 },
    { file: 'primer', name: 'primer', billions: 0.11 },
  ])('of $name: $billions billion, as published', ({ file, name, billions }) => {
    expect(Math.abs(count(model(file, name)) / 1e9 - billions)).toBeLessThan(0.01);
  });

  it.each([
    { name: 'dense_100m', layers: 12, d: 768, hidden: 3072, heads: 12 },
    { name: 'dense_1_7b', layers: 24, d: 2048, hidden: 8192, heads: 16 },
    { name: 'dense_8b', layers: 32, d: 4096, hidden: 16384, heads: 32 },
    { name: 'sandwich_100m', layers: 12, d: 768, hidden: 3072, heads: 12 },
  ])('of $name without the table, by formula', ({ name, layers, d, hidden, heads }) => {
    const pair = 4 * d * d + 3 * d * hidden + 2 * d + 32 * heads;
    const model_ = model('brainformers_baselines', name);
    expect(count(model_, ['embed.table'])).toBe(layers * pair + d);
  });

  it('of the dense models are those that the file says', () => {
    const millions = ['dense_100m', 'dense_1_7b', 'dense_8b'].map((name) =>
      Math.round(count(model('brainformers_baselines', name), ['embed.table']) / 1e6),
    );
    expect(millions).toEqual([113, 1611, 8590]);
  });

  it('of a sandwich do not depend on where the layers stand', () => {
    const sizes = [0, 6, 16].map((k) => count(model('sandwich', 'sandwich_wikitext103', { k })));
    expect(new Set(sizes).size).toBe(1);
  });

  it('of Primer-EZ are those of a Transformer, and taps', () => {
    const [d, hidden] = [768, 3072];
    const layer = 4 * d * d + 2 * d * hidden + hidden + d + 2 * d + 9 * d;
    expect(count(model('primer', 'primer_ez'))).toBe(12 * layer + d + 32 * 12 + 32128 * d);
  });
});

/** The names of a block's sub-layers in the order in which they run. */
function order({ graph }: Analysis): string {
  const parts: string[] = [];
  const walk = (nodes: typeof graph.nodes): void => {
    for (const { op } of nodes) {
      const letter = op.kind === 'weight' && op.name.match(/\.([a-z])(?:_\d+)?_norm\.scale$/)?.[1];
      if (letter) parts.push(letter);
      if (op.kind !== 'repeat') continue;
      for (let turn = 0; turn < op.count; turn++) walk(op.body.nodes);
    }
  };
  walk(graph.nodes);
  return parts.join('');
}

describe('the order of sub-layers', () => {
  it.each([
    {
      file: 'sandwich',
      name: 'sandwich_wikitext103',
      letters: `${'s'.repeat(6)}${'sf'.repeat(10)}${'f'.repeat(6)}`,
    },
    {
      file: 'sandwich',
      name: 'sandwich_books',
      letters: `${'s'.repeat(7)}${'sf'.repeat(9)}${'f'.repeat(7)}`,
    },
    { file: 'brainformers_baselines', name: 'dense_100m', letters: 'af'.repeat(12) },
    {
      file: 'brainformers_baselines',
      name: 'sandwich_100m',
      letters: `${'a'.repeat(6)}${'fa'.repeat(6)}${'f'.repeat(6)}`,
    },
    { file: 'evolved_transformer', name: 'evolved_transformer', letters: 'wcaf'.repeat(7) },
  ])('of $name', ({ file, name, letters }) => {
    expect(order(model(file, name))).toBe(letters);
  });
});

describe('the smallest preset', () => {
  it.each([
    { file: 'primer', name: 'primer_tiny' },
    { file: 'primer', name: 'primer_ez_tiny' },
    { file: 'sandwich', name: 'sandwich_tiny' },
    { file: 'palm', name: 'palm_tiny' },
    { file: 'evolved_transformer', name: 'evolved_transformer_tiny' },
    { file: 'brainformers_baselines', name: 'dense_tiny' },
    { file: 'brainformers_baselines', name: 'sandwich_tiny' },
  ])('$name runs, and its logits follow from tokens before', ({ file, name }) => {
    const { graph } = model(file, name);
    const symbols = { b: 1, t: 14 };
    const program = { symbols, ...dataFor(7, graph, symbols) };
    const { tokens } = program.inputs;
    const changed = tokens!.map((token, t) => (t === 9 ? (token + 1) % 61 : token));
    const [before, after] = [program, { ...program, inputs: { tokens: changed } }].map(
      (run) => interpret(graph, run).outputs.logits!,
    );
    expect(before!.shape).toEqual([1, 14, 61]);
    expect(before!.data.every(Number.isFinite)).toBe(true);
    for (let t = 0; t < 14; t++) {
      const [one, other] = [before!, after!].map(({ data }) => data.slice(61 * t, 61 * (t + 1)));
      if (t < 9) expect(other).toEqual(one);
      else expect(other).not.toEqual(one);
    }
  });
});
