// Each wiring's arithmetic, with sub-layers and norms that multiply by a weight of their own, and the names of those weights.
import { expect, it } from 'vitest';
import { type Evaluation, evaluate } from './evaluate.ts';

/** `times` scales by one weight, so every result can be computed by hand from the weights' names. */
const run = (wiring: string, row: string): Evaluation =>
  evaluate(`use std.{parallel, plain, post_norm, pre_norm, sandwich_norm}
    layer times (x: [.., d]) -> [.., d] { weight w: [] = ones  w * x }
    block rows {
      let a = times
      let f = times
      ${wiring}: ${row}
    }
    model m (x: [b, t, 3]) -> y { rows }`);

function expectFactor(
  { x, y, weights }: Evaluation,
  factor: (w: (name: string) => number) => number,
) {
  const used = new Set<string>();
  const expected = factor((name) => {
    used.add(`rows.${name}.w`);
    return weights[`rows.${name}.w`]!.data[0]!;
  });
  expect(Object.keys(weights).sort()).toEqual([...used].sort());
  for (const [i, value] of x.data.entries()) expect(y.data[i]).toBeCloseTo(expected * value, 9);
}

it('pre_norm: x + sub(norm(x)) for each, in order', () => {
  expectFactor(
    run('pre_norm(times)', 'a f a'),
    (w) => (1 + w('a_norm') * w('a')) * (1 + w('f_norm') * w('f')) * (1 + w('a_2_norm') * w('a_2')),
  );
});

it('post_norm: norm(x + sub(x))', () => {
  expectFactor(
    run('post_norm(times)', 'a f'),
    (w) => w('a_norm') * (1 + w('a')) * w('f_norm') * (1 + w('f')),
  );
});

it('sandwich_norm: x + norm_out(sub(norm(x)))', () => {
  expectFactor(run('sandwich_norm(times)', 'a'), (w) => 1 + w('a_norm_out') * w('a') * w('a_norm'));
});

it('parallel: one norm, and the sum of all sub-layers', () => {
  expectFactor(
    run('parallel(times)', 'a f a'),
    (w) => 1 + w('norm') * (w('a') + w('f') + w('a_2')),
  );
});

it('plain: the sub-layers and nothing else', () => {
  expectFactor(run('plain', 'a f'), (w) => w('a') * w('f'));
});

it('a group repeats with weights of its own in each turn', () => {
  expectFactor(
    run('plain', '(a f) * 2'),
    (w) => w('rep.0.a') * w('rep.0.f') * w('rep.1.a') * w('rep.1.f'),
  );
});
