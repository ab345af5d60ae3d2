// Each wiring's arithmetic and the names of its weights, with sub-layers that multiply by a weight and norms that add one:
// so every result can be computed by hand, and the order of the two shows.
import { expect, it } from 'vitest';
import { type Evaluation, evaluate } from './evaluate.ts';

const run = (wiring: string, row: string): Evaluation =>
  evaluate(`use std.{parallel, plain, post_norm, pre_norm, res_post_norm, sandwich_norm}
    layer times (x: [.., d]) -> [.., d] { weight w: [] = ones  w * x }
    layer plus (x: [.., d]) -> [.., d] { weight w: [] = ones  x + w }
    block rows {
      let a = times
      let f = times
      ${wiring}: ${row}
    }
    model m (x: [b, t, 3]) -> y { rows }`);

/** `formula` is given the weight of each name and an element; all weights must be used. */
function expectElements(
  { x, y, weights }: Evaluation,
  formula: (w: (name: string) => number, x: number) => number,
): void {
  const used = new Set<string>();
  const weight = (name: string): number => {
    used.add(`rows.${name}.w`);
    return weights[`rows.${name}.w`]!.data[0]!;
  };
  for (const [i, value] of x.data.entries()) {
    expect(y.data[i]).toBeCloseTo(formula(weight, value), 9);
  }
  expect(Object.keys(weights).sort()).toEqual([...used].sort());
}

it('res_post_norm: x + norm(sub(x)) for each', () => {
  expectElements(run('res_post_norm(plus)', 'a f'), (w, x) => {
    const first = x + w('a') * x + w('a_norm');
    return first + w('f') * first + w('f_norm');
  });
});

it('pre_norm: x + sub(norm(x)) for each, in order', () => {
  expectElements(run('pre_norm(plus)', 'a f a'), (w, x) => {
    const first = x + w('a') * (x + w('a_norm'));
    const second = first + w('f') * (first + w('f_norm'));
    return second + w('a_2') * (second + w('a_2_norm'));
  });
});

it('post_norm: norm(x + sub(x))', () => {
  expectElements(run('post_norm(plus)', 'a f'), (w, x) => {
    const first = x + w('a') * x + w('a_norm');
    return first + w('f') * first + w('f_norm');
  });
});

it('sandwich_norm: x + norm_out(sub(norm(x)))', () => {
  expectElements(
    run('sandwich_norm(plus)', 'a'),
    (w, x) => x + (w('a') * (x + w('a_norm')) + w('a_norm_out')),
  );
});

it('parallel: one norm, and the sum of all sub-layers', () => {
  expectElements(
    run('parallel(plus)', 'a f a'),
    (w, x) => x + (w('a') + w('f') + w('a_2')) * (x + w('norm')),
  );
});

it('plain: the sub-layers and nothing else', () => {
  expectElements(run('plain', 'a f'), (w, x) => w('f') * w('a') * x);
});

it('a group repeats with weights of its own in each turn', () => {
  expectElements(
    run('plain', '(a f) * 2'),
    (w, x) => w('rep.0.a') * w('rep.0.f') * w('rep.1.a') * w('rep.1.f') * x,
  );
});
