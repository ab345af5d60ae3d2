// The routers and mixtures of the standard library against mixtures worked out token by token, in float64.
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluate, matrix, vector } from './evaluate.ts';
import type { Matrix, Vector } from './formulas.ts';
import { linear } from './formulas.ts';
import { type Experts, expertChoice, ffn, mixture, softmax, topK } from './moe-formulas.ts';

const D = 6;
const EXPERTS = 4;
const sum = (list: Vector): number => list.reduce((a, b) => a + b, 0);

const mixtureOf = (route: string, expert = 'ffn(hidden: 5)'): string =>
  `use std.{expert_choice, expert_threshold, ffn, hashed, moe, top_k}
model m (x: [b, t, ${D}]) -> y { moe(${expert}, experts: ${EXPERTS}, route: ${route}) }`;

/** The tokens of all sequences, one after the other. */
function rows(values: Evaluation['x']): Matrix {
  const [b, t] = values.shape as [number, number];
  return Array.from({ length: b * t }, (_, at) => vector(values, Math.floor(at / t), at % t));
}

function expertsOf({ weights }: Evaluation): Experts {
  const each = (name: string): Matrix[] =>
    Array.from({ length: EXPERTS }, (_, e) => matrix(weights[`moe.expert.${name}.w`]!, e));
  return { up: each('up'), down: each('down') };
}

function expectRows(run: Evaluation, expected: (token: Vector, at: number) => Vector) {
  const y = rows(run.y);
  rows(run.x).forEach((token, at) => {
    const wanted = expected(token, at);
    wanted.forEach((value, c) => {
      expect(y[at]![c]).toBeCloseTo(value, 9);
    });
  });
}

/** The run, with what its tokens choose. */
function check(
  run: Evaluation,
  choose: (tokens: Matrix, router: Matrix) => ReturnType<typeof topK>,
) {
  const chosen = choose(rows(run.x), matrix(run.weights['moe.router.w']!));
  const experts = expertsOf(run);
  expectRows(run, (token, at) => mixture(token, chosen[at]!, (x, e) => ffn(x, experts, e)));
  return chosen;
}

describe('top_k', () => {
  it.each([
    ['top_k', { k: 2 }],
    ['top_k(1, gates: raw)', { k: 1, gates: 'raw' }],
    ['top_k(3, gates: raw, scale: 2.5)', { k: 3, gates: 'raw', scale: 2.5 }],
    ['top_k(2, gates: chosen_softmax)', { k: 2, gates: 'chosen_softmax' }],
    ['top_k(2, affinity: sigmoid)', { k: 2, affinity: 'sigmoid' }],
    [`top_k(${EXPERTS})`, { k: EXPERTS }],
  ] as const)('%s', (route, options) => {
    check(evaluate(mixtureOf(route)), (tokens, router) => topK(tokens, router, options));
  });

  it('chooses with a bias that the weights do not have', () => {
    const run = evaluate(mixtureOf('top_k(2, affinity: sigmoid, balance_bias: true)'));
    const bias = vector(run.weights['moe.bias']!);
    const chosen = check(run, (x, w) => topK(x, w, { k: 2, affinity: 'sigmoid', bias }));
    const without = topK(rows(run.x), matrix(run.weights['moe.router.w']!), {
      k: 2,
      affinity: 'sigmoid',
    });
    expect(chosen).not.toEqual(without);
  });

  it.each([
    [{ b: 2, t: 7 }, 'capacity_factor: 0.75', Math.ceil((0.75 * 14) / EXPERTS)],
    [{ b: 1, t: 9 }, 'capacity_factor: 1.1', Math.ceil((1.1 * 9) / EXPERTS)],
    [{ b: 1, t: 9 }, 'capacity_factor: 0.4, capacity_of: choices', Math.ceil((0.8 * 9) / EXPERTS)],
    [{ b: 1, t: 1 }, 'capacity_factor: 1.0', 1],
  ] as const)('at %j with %s drops what exceeds %i', (sizes, option, capacity) => {
    const run = evaluate(mixtureOf(`top_k(2, ${option})`), sizes);
    check(run, (tokens, router) => topK(tokens, router, { k: 2, capacity }));
  });

  it('drops nothing with a capacity that nothing can exceed, as without one', () => {
    const [a, b] = ['top_k', `top_k(capacity_factor: ${EXPERTS}.0)`].map((r) =>
      evaluate(mixtureOf(r)),
    );
    expect(a!.y.data).toEqual(b!.y.data);
  });
});

describe('expert_choice', () => {
  it.each([
    [{ b: 2, t: 6 }, 2, 6],
    [{ b: 1, t: 5 }, 1, 2],
    [{ b: 1, t: 1 }, 2, 1],
    [{ b: 3, t: 5 }, EXPERTS, 15],
  ] as const)('at %j with factor %i takes %i tokens each', (sizes, factor, each) => {
    const run = evaluate(mixtureOf(`expert_choice(${factor}.0)`), sizes);
    check(run, (tokens, router) => expertChoice(tokens, router, each));
  });

  it('chooses among the tokens of one position', () => {
    const [b, t] = [5, 3];
    const run = evaluate(mixtureOf('expert_choice(1.0, over: position)'), { b, t });
    check(run, (tokens, router) => {
      const chosen = tokens.map((): { expert: number; weight: number }[] => []);
      for (let p = 0; p < t; p++) {
        const group = Array.from({ length: b }, (_, s) => s * t + p);
        const own = expertChoice(
          group.map((at) => tokens[at]!),
          router,
          Math.ceil(b / EXPERTS),
        );
        group.forEach((at, i) => {
          chosen[at] = own[i]!;
        });
      }
      return chosen;
    });
  });
});

describe('losses and measures', () => {
  const outputsOf = (run: Evaluation, name: string): number[] => [
    ...run.outputs[`moe.${name}`]!.data,
  ];

  it.each([
    ['switch', (f: Vector, _: Vector, p: Vector) => EXPERTS * sum(f.map((v, e) => v * p[e]!))],
    ['gshard', (f: Vector, _: Vector, p: Vector) => sum(f.map((v, e) => v * p[e]!)) / EXPERTS],
    [
      'deepseek',
      (_: Vector, all: Vector, p: Vector) => EXPERTS * sum(all.map((v, e) => v * p[e]!)),
    ],
  ] as const)('balance as %s has it', (form, formula) => {
    const run = evaluate(mixtureOf(`top_k(2, balance: ${form}, balance_weight: 0.5)`), {
      b: 2,
      t: 9,
    });
    const router = matrix(run.weights['moe.router.w']!);
    const tokens = rows(run.x);
    const chosen = topK(tokens, router, { k: 2 });
    const share = (of: readonly (readonly { expert: number }[])[]): Vector =>
      Array.from({ length: EXPERTS }, (_, e) => {
        const all = of.flat();
        return all.filter(({ expert }) => expert === e).length / all.length;
      });
    const affinities = tokens.map((token) => softmax(linear(token, router)));
    const mean = Array.from(
      { length: EXPERTS },
      (_, e) => sum(affinities.map((row) => row[e]!)) / tokens.length,
    );
    const expected = formula(share(chosen.map((token) => token.slice(0, 1))), share(chosen), mean);
    expect(outputsOf(run, 'balance')[0]).toBeCloseTo(0.5 * expected, 10);
  });

  it('is 1 by Switch where every expert is as likely as any other', () => {
    const run = evaluate(mixtureOf('top_k(1, balance_weight: 1.0)'), {
      weights: (path) =>
        path === 'moe.router.w'
          ? { shape: [D, EXPERTS], data: new Float64Array(D * EXPERTS) }
          : undefined,
    });
    expect(outputsOf(run, 'balance')[0]).toBeCloseTo(1, 12);
    expect(outputsOf(run, 'tokens')).toEqual([10, 0, 0, 0]);
  });

  it('router_z is the mean squared logarithm of the sum of exponentials', () => {
    const run = evaluate(mixtureOf('top_k(2, z_weight: 2.0)'));
    const router = matrix(run.weights['moe.router.w']!);
    const logs = rows(run.x).map((x) => Math.log(sum(linear(x, router).map(Math.exp))));
    const expected = (2 * sum(logs.map((v) => v * v))) / logs.length;
    expect(outputsOf(run, 'router_z')[0]).toBeCloseTo(expected, 10);
  });

  it('tokens, dropped choices and empty slots add up', () => {
    const [b, t, factor] = [2, 7, 1.75];
    const run = evaluate(mixtureOf(`top_k(2, capacity_factor: ${factor})`), { b, t });
    const capacity = Math.ceil((factor * b * t) / EXPERTS);
    const tokens = outputsOf(run, 'tokens');
    expect(Math.max(...tokens)).toBeLessThanOrEqual(capacity);
    const chosen = topK(rows(run.x), matrix(run.weights['moe.router.w']!), { k: 2, capacity });
    expect(sum(tokens)).toBe(chosen.flat().length);
    expect(outputsOf(run, 'dropped')[0]).toBe(2 * b * t - sum(tokens));
    expect(outputsOf(run, 'padding')[0]).toBe(EXPERTS * capacity - sum(tokens));
    expect(outputsOf(run, 'dropped')[0]).toBeGreaterThan(0);
    expect(outputsOf(run, 'padding')[0]).toBeGreaterThan(0);
  });

  it('expert choice tells where it stopped and whom it left out', () => {
    const run = evaluate(mixtureOf('expert_choice(0.5)'), { b: 2, t: 8 });
    const router = matrix(run.weights['moe.router.w']!);
    const tokens = rows(run.x);
    const chosen = expertChoice(tokens, router, 2);
    const cutoffs = Array.from({ length: EXPERTS }, (_, e) => {
      const own = chosen.flat().filter(({ expert }) => expert === e);
      return Math.min(...own.map(({ weight }) => weight));
    });
    outputsOf(run, 'cutoff').forEach((value, e) => {
      expect(value).toBeCloseTo(cutoffs[e]!, 12);
    });
    expect(outputsOf(run, 'unchosen')[0]).toBe(chosen.filter((own) => own.length === 0).length);
  });
});

describe('other routers', () => {
  it('expert_threshold takes the tokens that exceed it', () => {
    const run = evaluate(mixtureOf('expert_threshold(3)'));
    const cutoff = vector(run.weights['moe.cutoff']!);
    check(run, (tokens, router) =>
      topK(tokens, router, { k: EXPERTS, gates: 'raw' }).map((token) => {
        const margin = ({ expert, weight }: { expert: number; weight: number }): number =>
          weight - cutoff[expert]!;
        const sorted = token.toSorted((a, b) => margin(b) - margin(a) || a.expert - b.expert);
        return sorted.slice(0, 3).filter((choice) => margin(choice) > 0);
      }),
    );
  });

  it('hashed sends equal tokens to one expert, and tokens to all', () => {
    const code = `use std.{embed, hashed, linear, moe}
model m { vocab: 64 embed(${D}) -> moe(linear(${D}), experts: ${EXPERTS}, route: hashed) }`;
    const run = evaluate(code, { b: 2, t: 32 });
    const table = run.weights['embed.table']!;
    const used = new Set<number>();
    run.x.data.forEach((token, at) => {
      const x = vector(table, token);
      const parts = Array.from({ length: EXPERTS }, (_, e) =>
        linear(x, matrix(run.weights['moe.expert.w']!, e)),
      );
      const y = vector(run.y, Math.floor(at / 32), at % 32);
      const own = parts.findIndex((part) => part.every((v, c) => Math.abs(v - y[c]!) < 1e-9));
      expect(own).toBe(((token * 31337) % 65537) % EXPERTS);
      used.add(own);
    });
    expect(used.size).toBe(EXPERTS);
  });
});

describe('experts', () => {
  /** A layer, applied as expert `e` of weights with an axis of experts, and by itself with that part of them. */
  it.each([
    ['gated_ffn', 'gated_ffn(hidden: 5)'],
    ['with biases', 'ffn(hidden: 5, bias: true)'],
    ['a norm and a residual', 'wrapped'],
    ['several turns', 'deep'],
    ['weights that meet each other', 'low_rank'],
    ['weights looked up', 'looked_up'],
    ['no weights', 'relu'],
  ])('may be any layer of one token: %s', (_, expert) => {
    const declarations = `use std.{ffn, gated_ffn, layer_norm, linear, moe, pre_norm, relu, top_k}
block deep { pre_norm(layer_norm): (linear(6)) * 2 }
block wrapped { pre_norm(layer_norm): ffn(hidden: 5) ffn(hidden: 4) }
layer low_rank (x: [.., d]) -> [.., d] {
  weight a: [d, 2] = ones
  weight c: [2, d] = ones
  let w = einsum("d r, r e -> d e", a, c)
  weight s: [d] = ones
  s * (x @ w) + x * concat(slice(s, axis: d, start: 2), slice(s, axis: d, start: 0, size: 2), axis: d)
}
layer looked_up (x: [.., d]) -> [.., d] {
  weight table: [3, d] = ones
  let at = i32(floor(abs(max(x, axis: d)))) % 3
  x * table[at] + cumsum(x, axis: d) * table[1]
}`;
    const chosen = evaluate(
      `${declarations}\nmodel m (x: [b, t, 6]) -> y { moe(${expert}, experts: 3, route: top_k(1, gates: raw)) }`,
    );
    const router = matrix(chosen.weights['moe.router.w']!);
    const own = topK(rows(chosen.x), router, { k: 1, gates: 'raw' });
    const parts = [0, 1, 2].map((e) => {
      const alone = `${declarations}\nmodel m (x: [b, t, 6]) -> y { let expert = ${expert} expert }`;
      const weights = (name: string) => {
        const all = chosen.weights[`moe.${name}`]!;
        const size = all.data.length / 3;
        return { shape: all.shape.slice(1), data: all.data.slice(e * size, (e + 1) * size) };
      };
      return evaluate(alone, { weights });
    });
    expectRows(chosen, (_, at) => {
      const [{ expert: e, weight }] = own[at]! as [{ expert: number; weight: number }];
      return rows(parts[e]!.y)[at]!.map((v) => weight * v);
    });
  });
});
