// Norms, activations, linear maps, feed-forward networks and positions, each against its formula written by hand.
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluate, matrix, vector } from './evaluate.ts';
import {
  activations,
  layerNorm,
  linear,
  rmsNorm,
  rope,
  sinusoid,
  type Vector,
} from './formulas.ts';

/** A model of one stage over x: [b, t, d]. */
const stage = (uses: string, layer: string, d = 6): string =>
  `use std.{${uses}}\nmodel m (x: [b, t, ${d}]) -> y { context: 16 ${layer} }`;

/** Every vector of the result against the formula of the vector of the input, at each position. */
function expectVectors({ x, y }: Evaluation, formula: (x: Vector, position: number) => Vector) {
  const [batches, positions] = x.shape as [number, number, number];
  for (let b = 0; b < batches; b++) {
    for (let t = 0; t < positions; t++) {
      expectClose(vector(y, b, t), formula(vector(x, b, t), t));
    }
  }
}

function expectClose(actual: Vector, expected: Vector) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 10);
}

describe('activations', () => {
  it.each(Object.entries(activations))('%s', (name, formula) => {
    expectVectors(evaluate(stage(name, name)), (x) => x.map(formula));
  });

  it('take arguments', () => {
    const run = evaluate(stage('leaky_relu', 'leaky_relu(slope: 0.2)'));
    expectVectors(run, (x) => x.map((v) => (v > 0 ? v : 0.2 * v)));
  });
});

describe('norms', () => {
  it('layer_norm', () => {
    const run = evaluate(stage('layer_norm', 'layer_norm(eps: 0.01)'));
    const [scale, b] = ['scale', 'b'].map((name) => vector(run.weights[`layer_norm.${name}`]!));
    expectVectors(run, (x) => layerNorm(x, scale!, b, 0.01));
  });

  it('layer_norm without bias has no weight b', () => {
    const run = evaluate(stage('layer_norm', 'layer_norm(bias: false)'));
    expect(Object.keys(run.weights)).toEqual(['layer_norm.scale']);
    const scale = vector(run.weights['layer_norm.scale']!);
    expectVectors(run, (x) => layerNorm(x, scale, undefined, 1e-5));
  });

  it('rms_norm', () => {
    const run = evaluate(stage('rms_norm', 'rms_norm(eps: 0.01)'));
    const scale = vector(run.weights['rms_norm.scale']!);
    expectVectors(run, (x) => rmsNorm(x, scale, 0.01));
  });
});

describe('linear maps', () => {
  it('linear', () => {
    const run = evaluate(stage('linear', 'linear(4, bias: true)'));
    const [w, b] = [matrix(run.weights['linear.w']!), vector(run.weights['linear.b']!)];
    expectVectors(run, (x) => linear(x, w, b));
  });

  it('ffn', () => {
    const run = evaluate(stage('ffn, relu', 'ffn(7, act: relu, bias: true)'));
    const [up, down] = ['up', 'down'].map((name) => matrix(run.weights[`ffn.${name}.w`]!));
    const [b, c] = ['up', 'down'].map((name) => vector(run.weights[`ffn.${name}.b`]!));
    expectVectors(run, (x) => linear(linear(x, up!, b).map(activations.relu!), down!, c));
  });

  it('ffn is four times as wide inside by default', () => {
    const { weights } = evaluate(stage('ffn', 'ffn'));
    expect(weights['ffn.up.w']!.shape).toEqual([6, 24]);
  });

  it('gated_ffn, of a function of the language too', () => {
    const run = evaluate(stage('gated_ffn', 'gated_ffn(hidden: 7, act: tanh)'));
    const part = (name: string) => matrix(run.weights[`gated_ffn.${name}.w`]!);
    expectVectors(run, (x) => {
      const up = linear(x, part('up'));
      const gated = linear(x, part('gate')).map((v, i) => Math.tanh(v) * up[i]!);
      return linear(gated, part('down'));
    });
  });

  it('scale', () => {
    expectVectors(evaluate(stage('scale', 'scale(sqrt(9))')), (x) => x.map((v) => 3 * v));
  });
});

describe('positions', () => {
  it('learned_positions add a row of a table as long as the context', () => {
    const run = evaluate(stage('learned_positions', 'learned_positions'));
    const table = matrix(run.weights['learned_positions.table']!);
    expect(table.length).toBe(16);
    expectVectors(run, (x, t) => x.map((v, i) => v + table[t]![i]!));
  });

  it('sinusoidal_positions', () => {
    const run = evaluate(stage('sinusoidal_positions', 'sinusoidal_positions', 8));
    expectVectors(run, (x, t) => x.map((v, i) => v + sinusoid(t, i, 8)));
  });

  it.each(['half_split', 'interleaved'] as const)('rope, %s', (layout) => {
    const code = `use std.{rope}
      model m (x: [b, h: 3, t, k: 8]) -> y { rope(theta: 500.0, layout: ${layout}) }`;
    const { x, y } = evaluate(code);
    for (const [b, h, t] of [
      [0, 0, 0],
      [0, 2, 1],
      [1, 1, 4],
    ] as const) {
      expectClose(vector(y, b, h, t), rope(vector(x, b, h, t), t, layout, 500));
    }
  });
});

describe('the ends of a model', () => {
  const code = (unembed: string) => `use std.{embed, unembed}
    model m { vocab: 11 context: 8 embed(6) -> ${unembed} }`;

  it('embed looks tokens up; unembed has a matrix of its own', () => {
    const { x, y, weights } = evaluate(code('unembed(bias: true)'));
    const table = matrix(weights['embed.table']!);
    const [w, b] = [matrix(weights['unembed.w']!), vector(weights['unembed.b']!)];
    const token = x.data[3]!;
    expectClose(vector(y, 0, 3), linear(table[token]!, w, b));
  });

  it('unembed can be tied to embed', () => {
    const { x, y, weights } = evaluate(code('unembed(tied: true)'));
    expect(Object.keys(weights)).toEqual(['embed.table']);
    const table = matrix(weights['embed.table']!);
    const row = table[x.data[6]!]!;
    expectClose(
      vector(y, 1, 1),
      table.map((other) => other.reduce((sum, v, i) => sum + v * row[i]!, 0)),
    );
  });

  it('unembed declares the loss of log Z only where it is asked to', () => {
    const { y, outputs } = evaluate(code('unembed(z_loss: 0.5)'));
    const rows = Array.from({ length: 10 }, (_, i) => vector(y, Math.floor(i / 5), i % 5));
    const squares = rows.map((row) => Math.log(row.reduce((z, v) => z + Math.exp(v), 0)) ** 2);
    const mean = squares.reduce((sum, v) => sum + v, 0) / 10;
    expect(outputs['unembed.z']!.shape).toEqual([]);
    expectClose([...outputs['unembed.z']!.data], [0.5 * mean]);
    expect(Object.keys(evaluate(code('unembed')).outputs)).toEqual(['logits']);
  });

  it('unembed declares that loss of tied scores too', () => {
    const { y, outputs } = evaluate(code('unembed(tied: true, z_loss: 1.0)'));
    const rows = Array.from({ length: 10 }, (_, i) => vector(y, Math.floor(i / 5), i % 5));
    const squares = rows.map((row) => Math.log(row.reduce((z, v) => z + Math.exp(v), 0)) ** 2);
    expectClose([...outputs['unembed.z']!.data], [squares.reduce((sum, v) => sum + v, 0) / 10]);
  });

  it('cap_logits', () => {
    const run = evaluate(stage('cap_logits', 'cap_logits(2)'));
    expectVectors(run, (x) => x.map((v) => 2 * Math.tanh(v / 2)));
  });
});
