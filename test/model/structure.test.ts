// From a program to a model: path names, repeats, wirings, tying, inputs and settings, parameters from outside.
import { describe, expect, it } from 'vitest';
import { analyze, load } from '../../compiler/compile.ts';
import { lower } from '../../compiler/graph/lower.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { elaborate } from '../../compiler/model/elaborate.ts';
import type { Step } from '../../compiler/model/model.ts';
import { printModel } from '../../compiler/model/print.ts';
import { expandWeightNames } from '../../compiler/model/weight-names.ts';
import { analyzed } from '../stdlib/evaluate.ts';
import { sources } from '../support/sources.ts';
import { messages } from './diagnose.ts';

const names = (code: string): string[] => analyzed(code).graph.weights.map(({ name }) => name);

const parts = `
layer f (x: [.., d]) -> [.., d] { weight w: [d] = ones  x * w }
layer pre(norm: layer, sub: layer) (x: [.., d]) -> [.., d] { x + sub(norm(x)) }
layer both(norm: layer, sub: layer) (x: [.., d]) -> [.., d] { let norm_out = norm  x + norm_out(sub(norm(x))) }
layer all(norm: layer, subs: layers) (x: [.., d]) -> [.., d] { x + subs(norm(x)) }
layer just(sub: layer) (x: [.., d]) -> [.., d] { sub(x) }
`;
const block = (rows: string): string => `${parts}
block k { let a = f  ${rows} }
model m (x: [b, t, 4]) -> y { k }`;

describe('a path names', () => {
  it('a sub-layer by its label, each occurrence on its own', () => {
    expect(names(block('just: a f a a f()'))).toEqual([
      'k.a.w',
      'k.f.w',
      'k.a_2.w',
      'k.a_3.w',
      'k.f_2.w',
    ]);
  });

  it('what a wiring applies by the sub-layer and its own name', () => {
    expect(names(block('both(f): a a'))).toEqual([
      'k.a_norm.w',
      'k.a.w',
      'k.a_norm_out.w',
      'k.a_2_norm.w',
      'k.a_2.w',
      'k.a_2_norm_out.w',
    ]);
  });

  it('what a wiring of the whole row applies by its own name', () => {
    expect(names(block('all(f): a f  all(f): a'))).toEqual([
      'k.norm.w',
      'k.a.w',
      'k.f.w',
      'k.norm_2.w',
      'k.a_2.w',
    ]);
  });

  it('groups that repeat by rep and the turn, also inside of each other', () => {
    const code = block('just: a (a (f a) * 3) * 2 f * 2 (f)');
    expect(names(code)).toEqual([
      'k.a.w',
      'k.rep.{0}.a.w',
      'k.rep.{0}.rep.{1}.f.w',
      'k.rep.{0}.rep.{1}.a.w',
      'k.rep_2.{0}.f.w',
      'k.f.w',
    ]);
    const weight = analyzed(code).graph.weights[2]!;
    expect(weight.repeats).toEqual([2, 3]);
    expect(expandWeightNames(weight)).toEqual([
      'k.rep.0.rep.0.f.w',
      'k.rep.0.rep.1.f.w',
      'k.rep.0.rep.2.f.w',
      'k.rep.1.rep.0.f.w',
      'k.rep.1.rep.1.f.w',
      'k.rep.1.rep.2.f.w',
    ]);
  });

  it('stages by their let or layer, and a repeated block without a let as blocks', () => {
    const code = (pipeline: string): string => `${parts}
      block k { just: f }
      model m (x: [b, t, 4]) -> y { let mine = k  let norm = f  ${pipeline} }`;
    expect(names(code('f -> norm -> f -> mine -> k'))).toEqual([
      'f.w',
      'norm.w',
      'f_2.w',
      'mine.f.w',
      'k.f.w',
    ]);
    expect(names(code('k * 2 -> mine * 3 -> k * 1 -> f * 2'))).toEqual([
      'blocks.{0}.f.w',
      'mine.{0}.f.w',
      'blocks_2.{0}.f.w',
      'f.{0}.w',
    ]);
  });

  it('layers in layers by their let, parameter or name', () => {
    const code = `${parts}
      layer g(inner: layer) (x: [.., d]) -> [.., d] { let one = inner  let two = f  one(inner(two(f(f(x))))) }
      model m (x: [b, t, 4]) -> y { g(f) }`;
    expect(names(code)).toEqual(['g.f.w', 'g.f_2.w', 'g.two.w', 'g.inner.w', 'g.one.w']);
  });

  it('a weight of a name that is taken by a number', () => {
    const code = `layer g (x: [.., d]) -> [.., d] { weight w: [d] = ones  let y = if true { weight w: [d] = ones  x * w } else { x }  y * w }
      model m (x: [b, t, 4]) -> y { g }`;
    expect(names(code)).toEqual(['g.w', 'g.w_2']);
  });
});

describe('a block', () => {
  it('is no further than its name from a size of run time', () => {
    expect(names(`${parts}\nblock b { just: f }\nmodel m (x: [b, t, 4]) -> y { b * 2 }`)).toEqual([
      'blocks.{0}.f.w',
    ]);
  });

  it('stands once in the model, whatever its count', () => {
    const count = (n: number): number => {
      const { graph } = analyzed(`${block('pre(f): a f').replace('{ k }', `{ k * ${n} }`)}`);
      return graph.nodes.length;
    };
    expect(count(96)).toBe(count(2));
  });

  it('must give a repeat the shape that it takes', () => {
    const code = `layer g (x: [b, t, d]) -> [b, t, n: 2 * d] { concat(x, x, axis: d) }\nmodel m (x: [b, t, 4]) -> y { g * 2 }`;
    expect(messages(code)).toEqual([
      'BF3008 what is repeated takes [b, t, 4] and gives [b, t, n = 8] (each turn gets the result of the one before, so the shapes must be the same)',
    ]);
  });

  it.each([
    ['f: a', 'BF2031 `f` is no wiring: its last parameter is no `layer` or `layers`'],
    ['pre: a', 'BF2021 `pre` still needs `norm` (write `pre(norm: ...)`)'],
    ['pre(f, f): a', 'BF2022 the row supplies `sub` of `pre`'],
    ['just: a pre', 'BF2021 `pre` still needs `norm`, `sub` (write `pre(norm: ...)`)'],
    ['just: a * 2000', 'BF2041 2000 turns; a repeat has 0 to 1,024'],
    ['pre(3): a', 'BF2023 `norm` takes a layer, not the number 3'],
  ])('says what is wrong with the row %s', (row, message) => {
    expect(messages(block(row))).toEqual([message]);
  });
});

describe('attend', () => {
  const inputs = '(b: i32[], h: i32[], i: i32[], j: i32[])';
  const mask = (layer: string): string[] =>
    messages(`${layer}
      layer at (x: [b, t, d]) -> [b, t, d] {
        let q = rearrange(x, "b t (h k) -> b h t k", h: 2)
        rearrange(attend(q, q, q, mask: m), "b h t k -> b t (h k)")
      }
      model mm (x: [b, t, 12]) -> y { at }`);

  it.each([
    [`layer m ${inputs} -> bool[] { j <= i }`],
    [`layer m ${inputs} -> bool[] { weight w: [n: 4, k: 3] = ones  w[h, 2] > w[j % 4, 0] }`],
    [`layer m ${inputs} -> bool[] { weight w: [n: 4] = ones  w[2] > 0 }`],
    [
      `layer twice (i: i32[]) -> i32[] { i * 2 }\nlayer m ${inputs} -> bool[] { twice(j) < twice(3) }`,
    ],
  ])('takes a mask of single numbers: %s', (layer) => {
    expect(mask(layer)).toEqual([]);
  });

  it.each([
    [
      'layer m (i: i32[], j: i32[]) -> bool[] { j <= i }',
      `BF3012 \`mask\` is a layer of ${inputs}, which \`m\` is not`,
    ],
    [`layer m ${inputs} -> [] { 1.0 }`, 'BF3012 `mask` must give one bool number, not f32[]'],
    [
      `layer m ${inputs} -> bool[] { weight w: [n: 4] = ones  sum(w, axis: n) > 0 }`,
      'BF3012 `mask` computes a tensor here; it may only use single numbers (look up weights by the positions: `table[h, j]`)',
    ],
    [
      `layer m ${inputs} -> bool[] { weight w: [n: 4] = ones  let v = w * 2  v[j] > 0 }`,
      'BF3012 `mask` computes a tensor here; it may only use single numbers (look up weights by the positions: `table[h, j]`)',
    ],
  ])('refuses %s', (layer, message) => {
    expect(mask(layer)).toEqual([message]);
  });

  it('has no region for a mask that keeps all and a score that changes nothing', () => {
    const { graph } = analyzed(
      'use std.{attention, bidirectional}\nmodel m (x: [b, t, 12]) -> y { attention(heads: 2, mask: bidirectional) }',
    );
    const node = graph.nodes.find(({ op }) => op.kind === 'attend')!;
    expect(node.op).toEqual({ kind: 'attend', scale: 1 / Math.sqrt(6) });
  });
});

describe('tying', () => {
  const tied = (path: string, pipeline = 'f -> g'): string =>
    `${parts}\nlayer g (x: [.., d]) -> [.., d] { weight v: [d] = tied("${path}")  x * v }
     model m (x: [b, t, 4]) -> y { ${pipeline} }`;

  it('reads the weight of another path and counts it once', () => {
    expect(names(tied('f.w'))).toEqual(['f.w']);
  });

  it.each([
    [tied('f.v'), 'BF2034 no weight `f.v` is declared before (did you mean `f.w`?)'],
    [tied('f.w', 'g -> f'), 'BF2034 no weight `f.w` is declared before'],
    [
      tied('f.0.w', 'f * 2 -> g'),
      'BF2034 no weight `f.0.w` is declared before (`f.{0}.w` stands in a repeat, whose weights differ in each turn)',
    ],
  ])('fails by name', (code, message) => {
    expect(messages(code)).toEqual([message]);
  });

  it('needs one shape', () => {
    const code = tied('f.w')
      .replace('weight v: [d]', 'weight v: [2, d]')
      .replace('x * v', 'x * v[0]');
    expect(messages(code)).toEqual(['BF3003 `v` is [2, d = 4], but `f.w` is [4]']);
  });
});

describe('a model', () => {
  it('takes tokens up to its vocabulary and gives logits', () => {
    const { model } = analyzed(
      'use std.{embed, unembed}\nmodel m { vocab: 10 context: 7 embed(4) -> unembed(tied: true) }',
    );
    expect(model.inputs.map(({ name, range }) => [name, range])).toEqual([['tokens', [0, 9]]]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['logits']);
    expect(model.settings).toEqual({ vocab: 10, context: 7 });
    expect(model.symbols).toEqual([
      { name: 'b', min: 1 },
      { name: 't', min: 1, max: 7 },
    ]);
    expect(model.weights.map(({ name, embedding }) => [name, embedding])).toEqual([
      ['embed.table', true],
    ]);
  });

  it('may take several inputs, of any sizes', () => {
    const code = `layer add (x: [n, d], y: [n, d]) -> [n, d] { x + y }
      model m (x: [rows, 4], y: [rows, 4]) -> z { add }`;
    const { model } = analyzed(code);
    expect(model.symbols).toEqual([{ name: 'rows', min: 1 }]);
    expect(model.inputs.map(({ name }) => name)).toEqual(['x', 'y']);
  });

  it.each([
    [
      'model m { context: 4 f }',
      'BF2015 `m` takes tokens, so it must set `vocab` (add `vocab: 256`, or give the model inputs of its own: `model m (x: [b, t, 64]) -> y`)',
    ],
    ['model m { vocab: 4 vocb: 5 f }', 'BF2014 there is no setting `vocb` (did you mean `vocab`?)'],
    ['model m { vocab: 4 vocab: 5 f }', 'BF2010 `vocab` is set twice'],
    ['model m (x: [b, t, 4]) -> y { f -> add }', 'BF2011 nothing is called `add` here'],
    [
      'layer g (x: [.., vocab]) -> [.., vocab] { weight w: [context] = ones  x }\nmodel m (x: [b, t, 4]) -> y { vocab: 4 g }',
      'BF2015 the model does not set `context` (add `context: ...` to the model)',
    ],
  ])('%s', (model, message) => {
    expect(messages(`${parts}\n${model}`)).toContain(message);
  });
});

describe('from outside', () => {
  const code = `${parts}
    layer s(how: {one, two}, by: float, act: activation, yes: bool) (x: [.., d]) -> [.., d] { if yes and how == two { act(x) * by } else { x } }
    model first(n: int = 2, by: float = 0.5, how: {one, two} = one, yes: bool = true, act: activation = tanh) (x: [b, t, 4]) -> y { s(how, by, act, yes) -> f * n }
    model second (x: [b, t, 4]) -> y { f }`;
  const set = (args: Record<string, string | number>, model: string | undefined = 'first') => {
    const { result, diagnostics } = analyze('main.bform', sources({ 'main.bform': code }), {
      ...(model && { model }),
      args,
    });
    return result?.model ?? diagnostics.map((d) => `${d.code} ${d.message}`);
  };

  it('a model is chosen by name', () => {
    expect(set({}, 'second')).toMatchObject({ name: 'second' });
    expect(set({}, 'secnd')).toEqual(['BF2012 the file has no model `secnd`']);
    const { diagnostics } = analyze('main.bform', sources({ 'main.bform': code }));
    expect(diagnostics.map((d) => d.code)).toEqual(['BF2013']);
  });

  it('parameters are set by numbers and by text', () => {
    const model = set({ n: '6', by: '0.25', how: 'two', yes: 'true', act: 'sigmoid' });
    expect(model).toMatchObject({ weights: [{ repeats: [6] }] });
    expect(set({ n: 3 })).toMatchObject({ weights: [{ repeats: [3] }] });
  });

  it.each([
    [{ m: 1 }, 'BF2020 `first` has no parameter `m`'],
    [{ n: 1.5 }, 'BF2023 `n` cannot be 1.5'],
    [{ n: '1e9' }, 'BF2023 `n` cannot be "1e9"'],
    [{ n: 2000 }, 'BF2041 2000 turns; a repeat has 1 to 1,024'],
    [{ yes: 'maybe' }, 'BF2023 `yes` cannot be "maybe"'],
    [{ how: 'three' }, 'BF2024 `three` is none of the choices for `how`'],
  ])('%j is refused', (args, message) => {
    expect(set(args as Record<string, string | number>)).toEqual([message]);
  });
});

describe('lowering', () => {
  const code = block('pre(f): a (f a) * 2').replace('{ k }', '{ k * 3 }');
  const program = load('main.bform', sources({ 'main.bform': code })).result!;
  const model = elaborate(program, {}, () => {})!;

  it('keeps every operation, and repeats as operations', () => {
    const graph = lower(model);
    verifyGraph(graph);
    expect(graph.nodes.map(({ op }) => op.kind)).toEqual(['input', 'repeat']);
    const unrolled = (steps: readonly Step[]): number =>
      steps.reduce((sum, step) => {
        if (step.kind === 'op') return sum + 1;
        if (step.kind === 'call') return sum + unrolled(step.instance.body.steps);
        return sum + step.count * unrolled(step.body.steps);
      }, 0);
    expect(model.expanded.operations).toBe(unrolled(model.body.steps));
  });

  it('is the same every time', () => {
    const again = elaborate(program, {}, () => {})!;
    expect(
      JSON.stringify(lower(again).nodes.map(({ id, op, inputs }) => [id, op.kind, inputs])),
    ).toBe(JSON.stringify(lower(model).nodes.map(({ id, op, inputs }) => [id, op.kind, inputs])));
  });
});

it('prints as a tree', () => {
  const code = block('pre(f): a (f a) * 2').replace('{ k }', '{ k * 3 -> f }');
  expect(printModel(analyzed(code).model)).toMatchInlineSnapshot(`
    "model m(x: f32[b, t, 4]) -> y: f32[b, t, 4]
      blocks * 3: f32[b, t, 4]
        {0}: k f32[b, t, 4] -> f32[b, t, 4]
          a_norm: f f32[b, t, 4] -> f32[b, t, 4]
            weight w: [4] = ones
          a: f f32[b, t, 4] -> f32[b, t, 4]
            weight w: [4] = ones
          rep * 2: f32[b, t, 4]
            {1}.f_norm: f f32[b, t, 4] -> f32[b, t, 4]
              weight w: [4] = ones
            {1}.f: f f32[b, t, 4] -> f32[b, t, 4]
              weight w: [4] = ones
            {1}.a_norm: f f32[b, t, 4] -> f32[b, t, 4]
              weight w: [4] = ones
            {1}.a: f f32[b, t, 4] -> f32[b, t, 4]
              weight w: [4] = ones
      f: f f32[b, t, 4] -> f32[b, t, 4]
        weight w: [4] = ones
    "
  `);
});
